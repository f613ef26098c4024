"""What an experiment is: jobs, and a report on their results.

A job is computed once and its result kept, so an interrupted experiment continues where it stopped.
A report is made from the results alone, so it can be made again at any time, with the same outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lenet.data.datasets import load_set
from lenet.data.digits import Digits, DigitSet
from lenet.experiments.report import Report

Result = dict[str, Any]  # of a job: numbers, texts, lists and tables of them, as JSON


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

    def seed_numbers(self, most: int | None = None) -> range:
        """The seeds 1, 2, … of a figure, `most` of them where it takes long."""
        return range(1, 1 + min(self.seeds, most or self.seeds))


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
        return self.digits.train.first(count)

    def train_without_validation(self, count: int) -> Digits:
        """The first `count` training digits that are not held out for validation."""
        return self.digits.train_part().first(count)


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
