"""What teachers say of digits: the soft targets that a pupil learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lenet.data.distort import stream_of
from lenet.engine.choice import fastest
from lenet.network.confidence import confidences
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights
from lenet.training.learner import Indices
from lenet.training.recipe import Recipe, Teaching

Labels = NDArray[np.int64]


class Teachers:
    """Networks trained before, asked together; what they said is remembered.

    Parameters
    ----------
    teaching : how their answers are taken
    weights : of each teacher, in the order of `teaching.members()`
    threads : how many work on one question
    """

    def __init__(self, teaching: Teaching, weights: Sequence[Weights], threads: int = 1) -> None:
        self.weight, self.said = teaching.weight, dict[int, FloatArray]()
        own = [recipe.temperature for recipe, _ in teaching.members()]
        self.networks = [
            (fastest(each, threads), teaching.temperature * temperature)
            for each, temperature in zip(weights, own, strict=True)
        ]

    def targets(
        self, stream: int, which: Indices, labels: Labels, shown: Callable[[Indices], FloatArray]
    ) -> FloatArray:
        """The share of each digit, (n, 10), of all n digits; right only for those in question.

        stream : how the digits are bent
        which : the digits in question
        labels : (n,) of all digits
        shown : gives planes (k, 1, 32, 32) of the digits of these k indices, bent in this way
        """
        said = self.said.setdefault(stream, np.full((len(labels), 10), np.nan, np.float32))
        unknown = which[np.isnan(said[which, 0])]
        if len(unknown):
            planes = shown(unknown)
            shares = [confidences(each.plane_penalties(planes), t) for each, t in self.networks]
            hard = one_of_ten(labels[unknown])
            said[unknown] = self.weight * np.mean(shares, axis=0) + (1 - self.weight) * hard
        return said


def one_of_ten(labels: Labels) -> FloatArray:
    """All of each label's share on that label, (n, 10)."""
    return np.eye(10, dtype=np.float32)[labels]


def stream_for(recipe: Recipe, seed: int, number: int) -> int:
    """The stream by which the digits of pass 1, 2, … are bent."""
    if recipe.teaching:
        return stream_of(0, (number - 1) % recipe.teaching.copies + 1)
    return stream_of(seed, number)
