"""What teachers say of digits: the soft targets that a pupil learns."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.warp import stream_of
from lenet.engine.select import best_engine
from lenet.files import write_atomically
from lenet.network.confidence import probabilities
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights
from lenet.training.learner import Indices
from lenet.training.recipe import Distillation, Recipe

Labels = NDArray[np.int64]


class Teacher(Protocol):
    """A network that can be asked."""

    def plane_penalties(self, planes: FloatArray) -> FloatArray:
        """(n, 10) penalties of planes (n, 1, 32, 32), the lowest wins."""


class Teachers:
    """Networks trained before, asked together; what they said is remembered.

    Parameters
    ----------
    distillation : how their answers are taken
    weights : of each teacher, in the order of `teaching.members()`
    threads : how many work on one question
    memory : a folder that keeps what they said of all digits bent in one way, a file a way
    cnn : further teachers
    """

    def __init__(
        self,
        distillation: Distillation,
        weights: Sequence[Weights],
        threads: int = 1,
        memory: Path | None = None,
        cnn: Sequence[Teacher] = (),
    ) -> None:
        self.weight, self.memory, self.said = distillation.weight, memory, dict[int, FloatArray]()
        own = [recipe.temperature for recipe, _ in distillation.members()]
        self.networks: list[tuple[Teacher, float]] = [
            (best_engine(each, threads), distillation.temperature * temperature)
            for each, temperature in zip(weights, own, strict=True)
        ]
        self.networks += [(each, distillation.temperature) for each in cnn]

    def targets(
        self, stream: int, which: Indices, labels: Labels, shown: Callable[[Indices], FloatArray]
    ) -> FloatArray:
        """The share of each digit, (n, 10), of all n digits; right only for those in question.

        stream : how the digits are bent
        which : the digits in question
        labels : (n,) of all digits
        shown : gives planes (k, 1, 32, 32) of the digits of these k indices, bent in this way
        """
        said = self._said(stream, len(labels))
        unknown = which[np.isnan(said[which, 0])]
        if len(unknown):
            planes = shown(unknown)
            shares = [probabilities(each.plane_penalties(planes), t) for each, t in self.networks]
            hard = one_hot(labels[unknown])
            said[unknown] = self.weight * np.mean(shares, axis=0) + (1 - self.weight) * hard
            if self.memory and not np.isnan(said[:, 0]).any():
                content = io.BytesIO()
                np.save(content, said)
                write_atomically(self.memory / f"{stream}.npy", content.getvalue())
        return said

    def _said(self, stream: int, count: int) -> FloatArray:
        """What is remembered of all digits bent in this way; NaN for what was not asked yet."""
        if stream not in self.said:
            kept = self.memory / f"{stream}.npy" if self.memory else None
            if kept and kept.exists():
                self.said[stream] = np.load(kept)
            else:
                self.said[stream] = np.full((count, 10), np.nan, np.float32)
        return self.said[stream]


def one_hot(labels: Labels) -> FloatArray:
    """All of each label's share on that label, (n, 10)."""
    return np.eye(10, dtype=np.float32)[labels]


def distortion_stream(recipe: Recipe, seed: int, number: int) -> int:
    """The stream by which the digits of pass 1, 2, … are bent."""
    if recipe.distillation:
        return stream_of(0, (number - 1) % recipe.distillation.copies + 1)
    return stream_of(seed, number)
