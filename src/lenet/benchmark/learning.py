"""Work `train-1998`: updates a second, one pattern each, with the paper's step sizes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import cycle
from typing import Protocol

import numpy as np

from lenet.benchmark.engines import native_module, reason_of
from lenet.benchmark.inference import agreement
from lenet.benchmark.report import Report, Result
from lenet.benchmark.timing import Timing, interleaved, on_threads
from lenet.data.digits import Digits
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import MissingExtraError
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights
from lenet.training.engines import learner_of
from lenet.training.fit import fresh_tensors, sample, sequence
from lenet.training.learner import Indices
from lenet.training.optimisers import Sdlm
from lenet.training.recipes import load_recipe
from lenet.training.run_config import RunConfig

WORK = "train-1998"
ORACLE = "torch"
UPDATES = 50  # in one timed call
COMPARED = 200  # updates after which the networks are laid beside each other


class Trainee(Protocol):
    """The part of a `Learner` that is timed."""

    def start_pass(self, number: int, sample: Indices) -> None: ...

    def learn(self, order: Indices) -> int: ...

    def tensors(self) -> dict[str, FloatArray]: ...


def measure_learning(timing: Timing, digits: Digits, report: Report) -> None:
    """Time every learner on one thread, after comparing them over the same first updates."""
    order = RunConfig(load_recipe("1998"), data="digits")
    patterns = sequence(order, 1, len(digits))
    with ExitStack() as used, on_threads(1):
        learners: dict[str, Trainee] = {}
        for name, make in LEARNERS.items():
            try:
                learners[name] = make(order, digits, used)
            except (ImportError, MissingExtraError, OSError, RuntimeError) as problem:
                report.skip(name, WORK, reason_of(problem))
        for learner in learners.values():
            learner.start_pass(1, sample(order, 1, len(digits)))
            learner.learn(patterns[:COMPARED])
        _compare(learners, digits, report)
        report.results += _results(interleaved(_calls(learners, patterns), timing))


def _native(order: RunConfig, digits: Digits, used: ExitStack) -> Trainee:
    """This package's compiled learner."""
    native_module()
    order = replace(order, engine="native")
    return used.enter_context(learner_of(order, fresh_tensors(order), digits))


def _torch(order: RunConfig, digits: Digits, used: ExitStack) -> Trainee:
    """This package's learner in PyTorch."""
    order = replace(order, engine="torch")
    return used.enter_context(learner_of(order, fresh_tensors(order), digits))


def _torch_plain(order: RunConfig, digits: Digits, used: ExitStack) -> Trainee:
    from lenet.benchmark.naive_torch import NaiveTorchLearner

    assert isinstance(order.recipe.method, Sdlm)
    return NaiveTorchLearner(fresh_tensors(order), order.recipe, order.recipe.method, digits)


LEARNERS = {"native": _native, "torch": _torch, "torch-plain": _torch_plain}


def _compare(learners: dict[str, Trainee], digits: Digits, report: Report) -> None:
    """Note how far each has come apart from the oracle, by the answers of its network."""
    answers = {}
    for name, learner in learners.items():
        answers[name] = NumpyEngine(Weights(learner.tensors())).penalties(digits.images)
    for name, penalties in answers.items():
        if name != ORACLE and ORACLE in answers:
            found = agreement(WORK, name, "1998", penalties, answers[ORACLE])
            report.agreement.append(found)


def _calls(learners: dict[str, Trainee], patterns: Indices) -> dict[str, Callable[[], object]]:
    """For each engine a call that learns the next few patterns, round and round."""
    parts = np.array_split(patterns, max(len(patterns) // UPDATES, 1))

    def next_part(learner: Trainee, endless: cycle[Indices]) -> int:
        return learner.learn(next(endless))

    return {name: partial(next_part, one, cycle(parts)) for name, one in learners.items()}


def _results(seconds: dict[str, float]) -> list[Result]:
    native = seconds.get("native")
    return [
        Result(
            WORK,
            name,
            threads=1,
            batch=1,
            per_second=UPDATES / taken,
            seconds=taken / UPDATES,
            network="1998",
            ratio_to_native=native / taken if native else None,
        )
        for name, taken in seconds.items()
    ]
