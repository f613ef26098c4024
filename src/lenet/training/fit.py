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
from lenet.files import LOCK, locked
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights, initial_tensors, load_weights
from lenet.training.checkpoint import Progress, read_checkpoint, write_checkpoint
from lenet.training.distillation import Teachers
from lenet.training.engines import LearnerFactory, cnn_teachers, make_learner
from lenet.training.learner import Indices, Learner
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import RunConfig
from lenet.training.run_folder import RunFolder, kernels_of, read_record

CHECKPOINT_SECONDS = 5.0  # at least this long between two checkpoints within a pass


@dataclass(frozen=True)
class Callbacks:
    """Progress callbacks; no-ops by default.

    on_pass : called with the history line of each finished pass
    on_progress : called with (pass, digits learnt in it, digits in it) after each chunk
    on_warning : called with each warning
    on_stage : called with the name of each part of a run that has several, as it begins
    """

    on_pass: Callable[[dict[str, Any]], None] = lambda line: None
    on_progress: Callable[[int, int, int], None] = lambda number, done, total: None
    on_warning: Callable[[str], None] = lambda text: None
    on_stage: Callable[[str], None] = lambda name: None


def fit(
    config: RunConfig,
    digits: DigitSet,
    folder: Path,
    *,
    resume: bool = False,
    callbacks: Callbacks,
    make_learner: LearnerFactory = make_learner,
) -> RunFolder:
    """Train into the folder; a resumed run ends with the weights it would have had.

    Everything random follows from the seed and the pass, so a run interrupted between two chunks
    and continued from its checkpoint takes the same steps as one that was not.

    make_learner : makes the learner; `distributed.World.leader` makes one that others learn with

    Raises
    ------
    UsageError
        if the folder holds a run and `resume` is off, holds a run of another config, or another
        process trains into it
    InputError
        if there are no digits to train on or to score
    LenetError
        if the disk is full (the last checkpoint is intact) or the weights stop being finite
    """
    recipe, learning = config.recipe, training_part(config, digits)
    scored = [digits.test, *([digits.split("validation")] if config.holdout else [])]
    if not all(len(part) for part in (learning, *scored)):
        raise InputError(
            f"{digits.name} is too small: it has {len(learning)} digits to learn and "
            f"{' and '.join(str(len(part)) for part in scored)} to score; add images"
        )
    with locked(folder / LOCK, folder):
        run = RunFolder.open(folder, config, digits, resume=resume)
        if (begun := run.record.get("kernels")) != (here := kernels_of(config)):
            callbacks.on_warning(
                f"resuming with the {here} kernels a run begun with {begun}; "
                "results will differ in the last bits"
            )
        saved = read_checkpoint(run.checkpoints, callbacks.on_warning) if resume else None
        teachers = _teachers(config, digits, learning, folder / "teachers", callbacks)
        with make_learner(config, starting_tensors(config), learning, teachers) as learner:
            progress = Progress()
            if saved is not None:
                state, progress = saved
                learner.restore(state)
                run.write_history(progress.history)  # the kill may have come between the two
            elif resume:
                callbacks.on_warning(f"{folder} holds no checkpoint: starting from the beginning")
            while len(progress.history) < recipe.passes:
                _pass(config, learner, progress, len(learning), run, callbacks)
                progress = _score(config, learner.tensors(), digits, progress)
                write_checkpoint(run.checkpoints, learner.state(), progress)
                run.write_history(progress.history)
                callbacks.on_pass(progress.history[-1])
            return run.finish(learner.tensors(), digits)


def _teachers(
    config: RunConfig, digits: DigitSet, learning: Digits, folder: Path, callbacks: Callbacks
) -> Teachers | None:
    """The recipe's teachers, each in its own folder, trained or resumed where necessary.

    learning : the digits that are trained on
    """
    if not (distillation := config.recipe.distillation):
        return None
    weights, members = [], distillation.members()
    for number, (recipe, seed) in enumerate(members, 1):
        home = folder / str(number)
        callbacks.on_stage(f"teacher {number} of {len(members)}")
        run = fit(
            replace(config, recipe=recipe, seed=seed),
            digits,
            home,
            resume=read_record(home) is not None,
            callbacks=replace(callbacks, on_pass=lambda line: None),
        )
        weights.append(load_weights(run.path))
    cnn = cnn_teachers(config.recipe, learning, folder, callbacks.on_stage, callbacks.on_progress)
    callbacks.on_stage("student")
    return Teachers(distillation, weights, config.recipe.threads, folder / "soft-targets", cnn)


def training_part(config: RunConfig, digits: DigitSet) -> Digits:
    """The digits that are trained on."""
    return digits.train_part() if config.holdout else digits.train


def starting_tensors(config: RunConfig) -> dict[str, FloatArray]:
    """The weights a run starts from: the recipe's initialisation, drawn from the seed."""
    recipe, generator = config.recipe, np.random.default_rng([config.seed, 0])
    return initial_tensors(recipe.network, recipe.initialisation, generator, recipe.coefficient)


def _pass(
    config: RunConfig,
    learner: Learner,
    progress: Progress,
    total: int,
    run: RunFolder,
    callbacks: Callbacks,
) -> None:
    """Learn every digit once, from where the progress stands, with checkpoints on the way."""
    number = len(progress.history) + 1
    order = pass_permutation(config, number, total)
    started, saved = time.perf_counter() - progress.seconds, time.perf_counter()
    if progress.position == 0:
        learner.start_pass(number, curvature_sample(config, number, total))
    while progress.position < total:
        chunk = order[progress.position : progress.position + learner.chunk]
        progress.errors += learner.learn(chunk)
        progress.position += len(chunk)
        now = time.perf_counter()
        progress.seconds = now - started
        callbacks.on_progress(number, progress.position, total)
        if now - saved >= CHECKPOINT_SECONDS and progress.position < total:
            write_checkpoint(run.checkpoints, learner.state(), progress)
            saved = now


def pass_permutation(config: RunConfig, number: int, total: int) -> Indices:
    """The order of a pass: one constant random order for SDLM (section III-B), else a new one."""
    constant = isinstance(config.recipe.optimiser, Sdlm)
    stream = [config.seed, 1] if constant else [config.seed, 1, number]
    return np.random.default_rng(stream).permutation(total)


def curvature_sample(config: RunConfig, number: int, total: int) -> Indices:
    """The digits that second derivatives are estimated from, drawn anew before each pass."""
    optimiser = config.recipe.optimiser
    size = min(optimiser.curvature_patterns, total) if isinstance(optimiser, Sdlm) else 0
    return np.random.default_rng([config.seed, 2, number]).choice(total, size, replace=False)


def _score(
    config: RunConfig, tensors: dict[str, FloatArray], digits: DigitSet, progress: Progress
) -> Progress:
    """Close the pass with its line of history.

    The test part is scored after the last pass, and after the others only if the config says so.
    """
    number = len(progress.history) + 1
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise LenetError(
            f"the weights stopped being finite in pass {number}: "
            "this recipe diverges; lower its rates"
        )
    network = best_engine(Weights(tensors, {"network": config.recipe.network.to_dict()}))

    def error_rate(part: Digits) -> float:
        return compare(network.penalties(part.images).argmin(1), part.labels).score.error_rate

    score_test = config.score_every_pass or number == config.recipe.passes
    line: dict[str, Any] = {
        "pass": number,
        "train_error_rate": Score(progress.position, progress.errors).error_rate,
        "test_error_rate": error_rate(digits.test) if score_test else None,
    }
    if config.holdout:
        line["validation_error_rate"] = error_rate(digits.split("validation"))
    line["seconds"] = round(progress.seconds, 3)
    return Progress(history=[*progress.history, line])
