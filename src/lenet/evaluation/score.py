"""Error counts and their confidence intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z95 = 1.959963984540054  # two-sided 95 % point of the normal distribution


@dataclass(frozen=True)
class Score:
    """Errors among digits that were scored; scores of parts add up to the score of the whole.

    total : digits that were scored
    errors : how many of them were misread

    Examples
    --------
    >>> import lenet
    >>> score = lenet.Score(5_000, 20) + lenet.Score(5_000, 15)
    >>> print(score)
    35 errors in 10,000 (0.35%, 95 % interval 0.25–0.49 %)
    """

    total: int = 0
    errors: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.total + other.total, self.errors + other.errors)

    @property
    def error_rate(self) -> float:
        """Errors per digit, 0 … 1; not a number when nothing was scored."""
        return self.errors / self.total if self.total else math.nan

    @property
    def interval_95(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the error rate (Wilson 1927), each 0 … 1."""
        if not self.total:
            return (0.0, 1.0)
        rate, n, z2 = self.error_rate, self.total, Z95**2
        centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
        reach = Z95 * math.sqrt(rate * (1 - rate) / n + z2 / (4 * n**2)) / (1 + z2 / n)
        return (max(0.0, centre - reach), min(1.0, centre + reach))

    @property
    def summary(self) -> str:
        """How many are right, as in `3 of 4 right: 75.0 % (95 % interval 30.1–95.4 %)`."""
        low, high = (100 * (1 - end) for end in reversed(self.interval_95))
        right = self.total - self.errors
        share = f"{100 * right / self.total:.1f} % (95 % interval {low:.1f}–{high:.1f} %)"
        return f"{right:,} of {self.total:,} right: {share}"

    def __str__(self) -> str:
        low, high = self.interval_95
        return (
            f"{self.errors} errors in {self.total:,} ({self.error_rate:.2%}, "
            f"95 % interval {100 * low:.2f}–{100 * high:.2f} %)"
        )


@dataclass(frozen=True)
class Mistake:
    """One misread digit; index counts from 0 in the part that was scored."""

    index: int
    label: int
    answer: int


@dataclass(frozen=True)
class Evaluation:
    """The answers to n digits of known label.

    confusion : counts of shape (10, 10), row = label, column = answer
    wrong : every mistake, in order
    """

    confusion: NDArray[np.int64]
    wrong: tuple[Mistake, ...]

    @property
    def score(self) -> Score:
        return Score(int(self.confusion.sum()), len(self.wrong))


def compare(answers: ArrayLike, labels: ArrayLike, classes: int = 10) -> Evaluation:
    """Compare answers with labels, both integers 0 … classes − 1 of shape (n,)."""
    answered, true = np.asarray(answers, np.int64), np.asarray(labels, np.int64)
    if answered.shape != true.shape or true.ndim != 1:
        raise ValueError(f"expected one answer per label, got {answered.shape} and {true.shape}")
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (true, answered), 1)
    wrong = tuple(
        Mistake(int(k), int(true[k]), int(answered[k])) for k in np.flatnonzero(answered != true)
    )
    return Evaluation(confusion, wrong)
