"""Work `train-1998`: updates a second, one pattern each, with the paper's step sizes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import cycle
from typing import Protocol

import numpy as np

from lenet.benchmark.engines import reason_of, require_native
from lenet.benchmark.inference import agreement
from lenet.benchmark.report import Report, Result
from lenet.benchmark.timing import Timing, interleaved, on_threads
from lenet.data.digits import Digits
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import MissingExtraError
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights
from lenet.training.engines import make_learner
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.learner import Indices
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import RunConfig
from lenet.training.recipes import load_recipe

WORK = "train-1998"
LEARNERS = ("native", "torch", "torch-naive")
REFERENCE = "torch"
UPDATES = 50  # in one timed call
COMPARED = 200  # updates after which the networks are compared


class TimedLearner(Protocol):
    """The part of a `Learner` that is timed."""

    def start_pass(self, number: int, curvature_sample: Indices) -> None: ...

    def learn(self, order: Indices) -> int: ...

    def tensors(self) -> dict[str, FloatArray]: ...


def measure_learning(timing: Timing, digits: Digits, report: Report) -> None:
    """Time every learner on one thread, after comparing them over the same first updates."""
    config = RunConfig(load_recipe("1998"), data="digits")
    patterns = pass_permutation(config, 1, len(digits))
    parts = np.array_split(patterns, max(len(patterns) // UPDATES, 1))
    with ExitStack() as used, on_threads(1):
        learners: dict[str, TimedLearner] = {}
        for name in LEARNERS:
            try:
                learners[name] = _make_learner(name, config, digits, used)
            except (ImportError, MissingExtraError, OSError, RuntimeError) as problem:
                report.skip(name, WORK, reason_of(problem))
        for learner in learners.values():
            learner.start_pass(1, curvature_sample(config, 1, len(digits)))
            learner.learn(patterns[:COMPARED])
        _compare(learners, digits, report)
        calls = {name: partial(_learn_next, one, cycle(parts)) for name, one in learners.items()}
        seconds = interleaved(calls, timing)
    per_update = {name: taken / UPDATES for name, taken in seconds.items()}
    report.results += Result.of(WORK, "1998", per_update)


def _make_learner(name: str, config: RunConfig, digits: Digits, used: ExitStack) -> TimedLearner:
    """This package's learner, compiled or in PyTorch, or the naive one."""
    tensors = starting_tensors(config)
    if name == "torch-naive":
        from lenet.benchmark.torch_peers import NaiveTorchLearner

        assert isinstance(config.recipe.optimiser, Sdlm)
        return NaiveTorchLearner(tensors, config.recipe, config.recipe.optimiser, digits)
    if name == "native":
        require_native()
    return used.enter_context(
        make_learner(
            replace(config, engine="native" if name == "native" else "torch"), tensors, digits
        )
    )


def _learn_next(learner: TimedLearner, endless: Iterator[Indices]) -> int:
    return learner.learn(next(endless))


def _compare(learners: dict[str, TimedLearner], digits: Digits, report: Report) -> None:
    """Note how far each network is from the reference learner's, by its answers."""
    answers = {}
    for name, learner in learners.items():
        answers[name] = NumpyEngine(Weights(learner.tensors())).penalties(digits.images)
    reference = answers.pop(REFERENCE, None)
    if reference is not None:
        report.agreement += [
            agreement(WORK, name, "1998", penalties, reference)
            for name, penalties in answers.items()
        ]
