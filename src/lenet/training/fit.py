"""One training run into one folder: `fit` reads like the paragraph that describes it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lenet.data.digits import Digits, DigitSet
from lenet.engine.select import best_engine
from lenet.errors import InputError, LenetError
from lenet.evaluation.score import Score, compare
from lenet.network.initialise import initial_tensors
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights, load_weights
from lenet.training.checkpoint import Progress, read_checkpoint, write_checkpoint
from lenet.training.distillation import Teachers
from lenet.training.engines import MakeLearner, deep_teachers, learner_of
from lenet.training.learner import Indices, Learner
from lenet.training.optimisers import Sdlm
from lenet.training.run_config import RunConfig
from lenet.training.run_folder import RunFolder, kernels_of, read_about

CHECKPOINT_SECONDS = 5.0  # at least this long between two checkpoints within a pass


@dataclass(frozen=True)
class Callbacks:
    """Who hears of a run; by default nobody.

    passed : called with the history line of each finished pass
    learnt : called with (pass, digits learnt in it, digits in it) after each chunk
    warn : called with what had to be said aloud
    stage : called with the name of what begins, where a run has several parts
    """

    passed: Callable[[dict[str, Any]], None] = lambda line: None
    learnt: Callable[[int, int, int], None] = lambda number, done, total: None
    warn: Callable[[str], None] = lambda text: None
    stage: Callable[[str], None] = lambda name: None


def fit(
    order: RunConfig,
    digits: DigitSet,
    folder: Path,
    *,
    resume: bool = False,
    listener: Callbacks,
    learner_of: MakeLearner = learner_of,
) -> RunFolder:
    """Train as ordered, into the folder; resumed, it ends with the weights it would have had.

    Everything random follows from the seed and the pass, so a run interrupted between two chunks
    and continued from its checkpoint takes the same steps as one that was not.

    learner_of : what gives the learner; `together.leading` gives one that others learn with

    Raises
    ------
    UsageError
        if the folder holds a run and `resume` is off, or holds another run than ordered
    InputError
        if there are no digits to learn or to score
    LenetError
        if the disk is full (the last checkpoint is intact) or the weights stop being finite
    """
    recipe, learning = order.recipe, learnt(order, digits)
    scored = [digits.test, *([digits.split("validation")] if order.holdout else [])]
    if not all(len(part) for part in (learning, *scored)):
        raise InputError(
            f"{digits.name} is too small: it has {len(learning)} digits to learn and "
            f"{' and '.join(str(len(part)) for part in scored)} to score; add images"
        )
    run = RunFolder.open(folder, order, digits, resume=resume)
    if (begun := run.about.get("kernels")) != (here := kernels_of(order)):
        listener.warn(f"begun with the {begun} kernels, goes on with {here}: other bits")
    saved = read_checkpoint(run.checkpoints, listener.warn) if resume else None
    teachers = _teachers(order, digits, learning, folder / "teachers", listener)
    with learner_of(order, fresh_tensors(order), learning, teachers) as learner:
        progress = Progress()
        if saved is not None:
            state, progress = saved
            learner.restore(state)
            run.write_history(progress.history)  # the kill may have come between the two
        elif resume:
            listener.warn(f"{folder} holds no checkpoint: starting from the beginning")
        while len(progress.history) < recipe.passes:
            _pass(order, learner, progress, len(learning), run, listener)
            progress = _score(order, learner.tensors(), digits, progress)
            write_checkpoint(run.checkpoints, learner.state(), progress)
            run.write_history(progress.history)
            listener.passed(progress.history[-1])
        return run.finish(learner.tensors(), digits)


def _teachers(
    order: RunConfig, digits: DigitSet, learning: Digits, folder: Path, listener: Callbacks
) -> Teachers | None:
    """The teachers that the recipe asks for, each in a folder of its own, done, begun or new.

    learning : of the digits, those that are learnt
    """
    if not (teaching := order.recipe.teaching):
        return None
    weights = []
    for number, (recipe, seed) in enumerate(teaching.members(), 1):
        home = folder / str(number)
        listener.stage(f"teacher {number} of {len(teaching.members())}")
        run = fit(
            replace(order, recipe=recipe, seed=seed),
            digits,
            home,
            resume=read_about(home) is not None,
            listener=replace(listener, passed=lambda line: None),
        )
        weights.append(load_weights(run.path))
    deep = deep_teachers(order.recipe, learning, folder, listener.stage, listener.learnt)
    listener.stage("pupil")
    return Teachers(teaching, weights, order.recipe.threads, folder / "said", deep)


def learnt(order: RunConfig, digits: DigitSet) -> Digits:
    """The digits that are learnt."""
    return digits.train_part() if order.holdout else digits.train


def fresh_tensors(order: RunConfig) -> dict[str, FloatArray]:
    """The weights a run starts from: the recipe's initialisation, drawn from the seed."""
    recipe, generator = order.recipe, np.random.default_rng([order.seed, 0])
    return initial_tensors(recipe.network, recipe.initialisation, generator, recipe.coefficient)


def _pass(
    order: RunConfig,
    learner: Learner,
    progress: Progress,
    total: int,
    run: RunFolder,
    listener: Callbacks,
) -> None:
    """Learn every digit once, from where the progress stands; checkpoints on the way."""
    number = len(progress.history) + 1
    pass_order = sequence(order, number, total)
    started, saved = time.perf_counter() - progress.seconds, time.perf_counter()
    if progress.position == 0:
        learner.start_pass(number, sample(order, number, total))
    while progress.position < total:
        chunk = pass_order[progress.position : progress.position + learner.chunk]
        progress.errors += learner.learn(chunk)
        progress.position += len(chunk)
        now = time.perf_counter()
        progress.seconds = now - started
        listener.learnt(number, progress.position, total)
        if now - saved >= CHECKPOINT_SECONDS and progress.position < total:
            write_checkpoint(run.checkpoints, learner.state(), progress)
            saved = now


def sequence(order: RunConfig, number: int, total: int) -> Indices:
    """The order of a pass: one constant random order for SDLM (section III-B), else a new one."""
    constant = isinstance(order.recipe.method, Sdlm)
    stream = [order.seed, 1] if constant else [order.seed, 1, number]
    return np.random.default_rng(stream).permutation(total)


def sample(order: RunConfig, number: int, total: int) -> Indices:
    """The digits that second derivatives are estimated from, drawn anew before each pass."""
    method = order.recipe.method
    size = min(method.curvature_patterns, total) if isinstance(method, Sdlm) else 0
    return np.random.default_rng([order.seed, 2, number]).choice(total, size, replace=False)


def _score(
    order: RunConfig, tensors: dict[str, FloatArray], digits: DigitSet, progress: Progress
) -> Progress:
    """Close the pass with its line of history; test digits wait to the end if some are held out."""
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise LenetError(
            f"the weights stopped being finite in pass {len(progress.history) + 1}: "
            "this recipe diverges; lower its rates"
        )
    network = best_engine(Weights(tensors, {"network": order.recipe.network.to_dict()}))

    def error_rate(part: Digits) -> float:
        return compare(network.penalties(part.images).argmin(1), part.labels).score.error_rate

    number = len(progress.history) + 1
    line: dict[str, Any] = {
        "pass": number,
        "train_error_rate": Score(progress.position, progress.errors).error_rate,
        "test_error_rate": None,
    }
    if order.holdout:
        line["validation_error_rate"] = error_rate(digits.split("validation"))
    if not order.holdout or number == order.recipe.passes:
        line["test_error_rate"] = error_rate(digits.test)
    line["seconds"] = round(progress.seconds, 3)
    return Progress(history=[*progress.history, line])
