"""What an experiment is: jobs, and a report on their results.

A job is computed once and its result kept, so an interrupted experiment continues where it stopped.
A report is made from the results alone, so it can be made again at any time, with the same outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from lenet.data.datasets import load_set
from lenet.data.digits import Digits, DigitSet
from lenet.evaluation.score import Score

Result = dict[str, Any]  # of a job: numbers, texts, lists and tables of them, as JSON
Cell = str | float | int | None


@dataclass(frozen=True)
class Budget:
    """How much is computed.

    seeds : trainings per figure
    passes : through the training digits; the paper makes 20
    train_size : training digits at most
    """

    seeds: int = 5
    passes: int = 20
    train_size: int = 60_000
    quick: bool = False

    @classmethod
    def short(cls) -> Budget:
        """End to end in minutes, on fewer digits: shows that it works, no more."""
        return cls(seeds=2, passes=3, train_size=6_000, quick=True)


@dataclass(frozen=True)
class Workspace:
    """What a job works with.

    digits : MNIST
    cache : folder of trainings that a stopped job continues
    data_dir : folder of the data sets
    """

    digits: DigitSet
    cache: Path
    data_dir: Path | None = None

    @classmethod
    def at(cls, cache: Path, data_dir: Path | None) -> Workspace:
        return cls(load_set("mnist", data_dir), cache, data_dir)

    def train(self, count: int) -> Digits:
        """The first `count` training digits."""
        return _first(self.digits.train, count)

    def train_without_validation(self, count: int) -> Digits:
        """The first `count` training digits that are not held out for validation."""
        return _first(self.digits.train_part(), count)


def _first(digits: Digits, count: int) -> Digits:
    return digits if count >= len(digits) else digits.take(np.arange(count))


@dataclass(frozen=True)
class Job:
    """One computation on one core: work(workspace, **settings) gives its result.

    name : of the file that keeps the result
    work : a module-level function, so that another process can find it
    settings : its arguments, as JSON; a result with other settings is computed anew
    shipped : names of the shipped weights it uses; other weights, too, mean computing anew
    """

    name: str
    work: Callable[..., Result]
    settings: Mapping[str, Any] = field(default_factory=dict)
    shipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """Our figure beside the printed one.

    ours, printed : in `unit`; None if there is none
    sd : over `seeds` trainings;  interval : 95 %, if one training was scored
    source : where the printed figure stands
    """

    what: str
    ours: float | None
    printed: float | None = None
    unit: str = "% errors"
    sd: float | None = None
    interval: tuple[float, float] | None = None
    seeds: int | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Further figures: a title, a heading per column, and lines of cells."""

    title: str
    header: Sequence[str]
    lines: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Curve:
    """Points of one colour; `printed` ones, the paper's, are drawn grey and dashed.

    x : numbers, or names for a dot chart
    low, high : a band or bars around y, if any
    """

    label: str
    x: Sequence[float] | Sequence[str]
    y: Sequence[float | None]
    printed: bool = False
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True)
class Panel:
    """One pair of axes; with names for x the chart lies on its side, one name per line."""

    title: str
    x: str
    y: str
    curves: Sequence[Curve]
    scale: Literal["linear", "log"] = "linear"


@dataclass(frozen=True)
class Report:
    """The outcome of an experiment: notes, our figures beside the printed, more tables, panels.

    details : numbers for machines that no table shows
    """

    notes: Sequence[str]
    rows: Sequence[Row]
    panels: Sequence[Panel]
    tables: Sequence[Table] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Experiment:
    """One claim of the paper, rerun.

    name : for `lenet reproduce`;  title : one line
    jobs : what a budget computes
    report : the outcome, from the results of the jobs by name
    """

    name: str
    title: str
    jobs: Callable[[Budget], list[Job]]
    report: Callable[[Budget, dict[str, Result]], Report]


def mean_and_sd(values: ArrayLike) -> tuple[float, float | None]:
    """Mean and sample standard deviation; None for the deviation of a single value."""
    numbers = np.asarray(values, np.float64)
    return float(numbers.mean()), float(numbers.std(ddof=1)) if len(numbers) > 1 else None


def row_over_seeds(what: str, values: ArrayLike, printed: float | None = None, **rest: Any) -> Row:
    """A row from one value per seed, in the row's unit (by default % errors)."""
    mean, sd = mean_and_sd(values)
    return Row(what, mean, printed, sd=sd, seeds=len(np.asarray(values)), **rest)


def row_of_score(what: str, score: Score, printed: float | None = None, **rest: Any) -> Row:
    """A row from one score, with its 95 % interval."""
    return Row(what, 100 * score.error_rate, printed, interval=interval_of(score), **rest)


def interval_of(score: Score) -> tuple[float, float]:
    """The 95 % interval of the error rate, in %."""
    low, high = score.interval_95
    return 100 * low, 100 * high


def curve_over_seeds(label: str, x: Sequence[Any], values: ArrayLike) -> Curve:
    """Mean and range over the seeds of values (seeds, points)."""
    seeds = np.asarray(values, np.float64)
    mean, low, high = (reduced(seeds, axis=0).tolist() for reduced in (np.mean, np.min, np.max))
    return Curve(label, x, mean, low=low, high=high)
