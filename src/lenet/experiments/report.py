"""What an experiment reports: notes, figures beside the printed ones, tables and panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from lenet.evaluation.score import Score

Cell = str | float | int | None


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
