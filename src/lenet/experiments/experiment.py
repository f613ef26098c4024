"""What an experiment of the paper is to us: jobs of work, and a report made from what they found.

A job is computed once and kept, so a study that was stopped goes on where it was; a report is
made from the kept jobs alone, so it can be made again at any time and comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lenet.data.datasets import load_set
from lenet.data.digits import Digits, DigitSet

Result = dict[str, Any]  # what a job found: numbers, texts, lists and tables of them, as JSON


@dataclass(frozen=True)
class Budget:
    """How much is computed.

    seeds : how many trainings a figure is the mean of
    passes : through the training digits, where the paper makes 20
    train_size : training digits at most
    """

    seeds: int = 5
    passes: int = 20
    train_size: int = 60_000
    quick: bool = False

    @classmethod
    def short(cls) -> Budget:
        """The same from end to end in minutes, on fewer digits: shows that it works, no more."""
        return cls(seeds=2, passes=3, train_size=6_000, quick=True)


@dataclass(frozen=True)
class Workspace:
    """What a job works with.

    digits : MNIST
    kept : folder of what other jobs may want again, networks above all
    data_dir : where the data sets lie
    """

    digits: DigitSet
    kept: Path
    data_dir: Path | None = None

    @classmethod
    def at(cls, kept: Path, data_dir: Path | None) -> Workspace:
        return cls(load_set("mnist", data_dir), kept, data_dir)

    def train(self, count: int) -> Digits:
        """The first `count` training digits."""
        train = self.digits.train
        return train if count >= len(train) else train.take(np.arange(count))


@dataclass(frozen=True)
class Job:
    """One computation on one core: work(workspace, **settings) gives what it found.

    name : of the file it is kept in
    work : a function of a module, so that another process can find it
    settings : its arguments, as JSON; a job found with other settings is computed anew
    shipped : names of the shipped weights it uses; with other weights, too, it is computed anew
    """

    name: str
    work: Callable[..., Result]
    settings: Mapping[str, Any] = field(default_factory=dict)
    shipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """Our figure beside the printed one.

    ours, printed : in `unit`; None where there is none
    sd : over `seeds` trainings;  interval : 95 %, where one training was scored
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
    """Further figures: a title, a heading for each column, and lines of cells."""

    title: str
    header: Sequence[str]
    lines: Sequence[Sequence[str | float | int | None]]


@dataclass(frozen=True)
class Curve:
    """Points of one colour; `printed` ones are drawn grey and dashed, as the paper's.

    x : numbers, or names for a chart of dots
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
    """One pair of axes; with names for x the chart lies on its side, a name a line."""

    title: str
    x: str
    y: str
    curves: Sequence[Curve]
    scale: Literal["linear", "log"] = "linear"


@dataclass(frozen=True)
class Report:
    """What a study has to say: sentences, our figures beside the printed, more tables, pictures.

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
    """One experiment of the paper.

    name : as `lenet reproduce` knows it;  title : a line in the report
    jobs : what has to be computed under a budget
    report : what follows, from what the jobs found, by name
    """

    name: str
    title: str
    jobs: Callable[[Budget], list[Job]]
    report: Callable[[Budget, dict[str, Result]], Report]


def mean_and_sd(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation; no deviation of a single value."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None


def row_over_seeds(
    what: str,
    rates: Sequence[float],
    printed: float | None = None,
    source: str = "",
    note: str = "",
) -> Row:
    """A row from error rates 0 … 1, one a seed, shown in %."""
    mean, sd = mean_and_sd([100 * rate for rate in rates])
    return Row(what, mean, printed, sd=sd, seeds=len(rates), source=source, note=note)
