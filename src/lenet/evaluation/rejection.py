"""How many answers must be rejected to reach an error rate on the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet.evaluation.score import Score

THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)  # of the confidence, as --reject takes them


def margins(scores: ArrayLike) -> NDArray[np.float64]:
    """Margin of the best class over the second best, (n,) from scores (n, 10)."""
    best_two = np.sort(np.asarray(scores, np.float64), axis=1)[:, -2:]
    return best_two[:, 1] - best_two[:, 0]


def rejection_rate(scores: ArrayLike, labels: ArrayLike, error_rate: float = 0.005) -> float | None:
    """The smallest fraction of digits to reject for this error rate on the rest.

    One threshold decides: a digit is rejected when the difference between the scores of its two
    best classes is below it, so digits of equal difference are kept or rejected together. The
    threshold is found on these very digits, as the figure of the paper is.

    Parameters
    ----------
    scores : (n, 10), highest wins
    labels : (n,) the right digits
    error_rate : allowed errors among the digits kept, 0 … 1

    Returns
    -------
    rate : 0 … below 1; None if even the digits of the widest difference have too many errors

    Source: LeCun et al. 1998, section III-D and Fig. 10 (0.5 %).
    """
    scored, true = np.asarray(scores), np.asarray(labels)
    if scored.ndim != 2 or true.shape != scored.shape[:1]:
        raise ValueError(f"expected one label per digit, got {scored.shape} and {true.shape}")
    ahead = margins(scored)
    surest_first = np.argsort(-ahead, kind="stable")
    wrong = np.cumsum((scored.argmax(axis=1) != true)[surest_first])
    kept = np.arange(1, len(true) + 1)
    ordered = ahead[surest_first]
    whole = np.append(ordered[1:] < ordered[:-1], True)  # no digit of this difference is left out
    fine = kept[whole & (wrong <= error_rate * kept)] if len(true) else kept
    return 1 - int(fine[-1]) / len(true) if len(fine) else None


@dataclass(frozen=True)
class Rejection:
    """What a threshold does.

    threshold : answers with a confidence below this are rejected
    rejected : the fraction of answers rejected, 0 … 1
    kept : errors among the others
    """

    threshold: float
    rejected: float
    kept: Score


def rejection_curve(
    confidences: ArrayLike, right: ArrayLike, thresholds: Sequence[float] = THRESHOLDS
) -> list[Rejection]:
    """The fraction of answers rejected and the errors among the rest, for each threshold.

    Parameters
    ----------
    confidences : (n,) 0 … 1, of at least one answer
    right : (n,) whether the answers are right
    thresholds : of the confidence, 0 … 1
    """
    sure, fine = np.asarray(confidences, np.float64), np.asarray(right, bool)
    curve = []
    for threshold in thresholds:
        kept = fine[sure >= threshold]
        score = Score(len(kept), int((~kept).sum()))
        curve.append(Rejection(threshold, 1 - len(kept) / len(fine), score))
    return curve
