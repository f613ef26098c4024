"""Distillation: what teachers answer becomes the soft targets of a student."""

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
    """A trained network."""

    def plane_penalties(self, planes: FloatArray) -> FloatArray:
        """(n, 10) penalties of planes (n, 1, 32, 32), the lowest wins."""


class Teachers:
    """An ensemble of trained networks whose soft targets are cached.

    Parameters
    ----------
    distillation : how their answers are combined
    weights : of each teacher, in the order of `distillation.members()`
    threads : processor threads of each
    cache : a folder for the soft targets of all digits, a file for each distortion stream
    cnn : further teachers
    """

    def __init__(
        self,
        distillation: Distillation,
        weights: Sequence[Weights],
        threads: int = 1,
        cache: Path | None = None,
        cnn: Sequence[Teacher] = (),
    ) -> None:
        self.weight, self.cache = distillation.weight, cache
        self.soft_targets: dict[int, FloatArray] = {}
        own = [recipe.temperature for recipe, _ in distillation.members()]
        self.networks: list[tuple[Teacher, float]] = [
            (best_engine(each, threads), distillation.temperature * temperature)
            for each, temperature in zip(weights, own, strict=True)
        ]
        self.networks += [(each, distillation.temperature) for each in cnn]

    def targets(
        self,
        stream: int,
        indices: Indices,
        labels: Labels,
        planes_of: Callable[[Indices], FloatArray],
    ) -> FloatArray:
        """Class probabilities (n, 10) of all n digits; valid only at the requested indices.

        stream : which distortion of the digits
        labels : (n,) of all digits
        planes_of : gives planes (k, 1, 32, 32) of the digits of k indices, distorted so
        """
        targets = self._cached(stream, len(labels))
        missing = indices[np.isnan(targets[indices, 0])]
        if len(missing):
            planes = planes_of(missing)
            each = [probabilities(one.plane_penalties(planes), t) for one, t in self.networks]
            hard = one_hot(labels[missing])
            targets[missing] = self.weight * np.mean(each, axis=0) + (1 - self.weight) * hard
            if self.cache and not np.isnan(targets[:, 0]).any():
                content = io.BytesIO()
                np.save(content, targets)
                write_atomically(self.cache / f"{stream}.npy", content.getvalue())
        return targets

    def _cached(self, stream: int, count: int) -> FloatArray:
        """The soft targets known for this stream; NaN for digits not computed yet."""
        if stream not in self.soft_targets:
            file = self.cache / f"{stream}.npy" if self.cache else None
            known = np.load(file) if file and file.exists() else None
            empty = np.full((count, 10), np.nan, np.float32)
            self.soft_targets[stream] = empty if known is None else known
        return self.soft_targets[stream]


def one_hot(labels: Labels) -> FloatArray:
    """Class probabilities (n, 10) of certain labels."""
    return np.eye(10, dtype=np.float32)[labels]


def distortion_stream(recipe: Recipe, seed: int, number: int) -> int:
    """The random stream by which the digits of pass 1, 2, … are distorted."""
    if recipe.distillation:
        return stream_of(0, (number - 1) % recipe.distillation.copies + 1)
    return stream_of(seed, number)
