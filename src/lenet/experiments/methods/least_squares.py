"""The classifiers that are linear in their inputs: linear, pairwise, polynomial (section III-C).

The paper does not say how their weights were found. Here: the weights of least squared distance
from +1 for the right class and −1 for the others, solved for, not descended to. A trace of ridge
keeps pixels that are always bare from making the equations singular.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import OUTPUTS, Digits
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.deslant import pixels
from lenet.experiments.methods.scored import Trained, train_and_score

Array = NDArray[np.float64]
Say = Literal["sum", "clipped", "sign"]

RIDGE = 1e-3  # added to sums over all digits, of squares that are about 1: 60,000 at most
FIRST, SECOND = np.triu_indices(OUTPUTS, 1)  # the 45 pairs i < j


def with_one(inputs: NDArray[Any]) -> Array:
    """Inputs (n, d) and a last one that is always 1, (n, d + 1), for the bias."""
    return np.column_stack([inputs, np.ones(len(inputs))]).astype(np.float64)


def targets(labels: NDArray[np.int64]) -> Array:
    """+1 for the right class and −1 for the others, (n, 10)."""
    return np.where(np.arange(OUTPUTS) == labels[:, None], 1.0, -1.0)


def solve(inputs: Array, wanted: Array, ridge: float = RIDGE) -> Array:
    """Weights (d, k) for which inputs (n, d) @ weights come closest to wanted (n, k)."""
    gram = inputs.T @ inputs
    return np.linalg.solve(gram + ridge * np.eye(len(gram)), inputs.T @ wanted)


def linear(workspace: Workspace, *, train_size: int, deslanted: bool = False) -> Result:
    """One weighted sum of the pixels for each class."""

    def learn(digits: Digits) -> Trained:
        weights = solve(with_one(pixels(digits.images, deslanted)), targets(digits.labels))
        return Trained(
            lambda images: with_one(pixels(images, deslanted)) @ weights,
            parameters=weights.size,
            multiply_adds=weights.size,
        )

    view = "deslanted 20×20" if deslanted else "28×28"
    return train_and_score(
        workspace,
        train_size,
        learn,
        f"Least squares to ±1 on {view} pixels; the training is not said.",
    )


def pair_weights(inputs: Array, labels: NDArray[np.int64]) -> Array:
    """Weights (d, 45) of units i/j: +1 wanted on class i, −1 on class j, other classes ignored."""
    of_class = [inputs[labels == digit] for digit in range(OUTPUTS)]
    grams = [rows.T @ rows for rows in of_class]  # shared by the nine pairs of a class
    sums = [rows.sum(axis=0) for rows in of_class]
    ridge = RIDGE * np.eye(inputs.shape[1])
    return np.stack(
        [
            np.linalg.solve(grams[i] + grams[j] + ridge, sums[i] - sums[j])
            for i, j in zip(FIRST, SECOND, strict=True)
        ],
        axis=1,
    )


def summed_pairs(units: NDArray[Any]) -> Array:
    """Scores (n, 10) from units (n, 45): the sum of all i/x less the sum of all y/i."""
    scores = np.zeros((len(units), OUTPUTS))
    for unit, (i, j) in enumerate(zip(FIRST, SECOND, strict=True)):
        scores[:, i] += units[:, unit]
        scores[:, j] -= units[:, unit]
    return scores


SAID: dict[Say, Callable[[Array], Array]] = {
    "sum": lambda units: units,
    "clipped": lambda units: np.clip(units, -1, 1),
    "sign": np.sign,
}


def pairwise(
    workspace: Workspace, *, train_size: int, deslanted: bool = False, said: Say = "sign"
) -> Result:
    """A linear unit for each pair of classes; a class scores what its nine units say.

    said : of a weighted sum: itself, itself within −1 … 1, or its sign
    """

    def learn(digits: Digits) -> Trained:
        weights = pair_weights(with_one(pixels(digits.images, deslanted)), digits.labels)
        return Trained(
            lambda images: summed_pairs(SAID[said](with_one(pixels(images, deslanted)) @ weights)),
            parameters=weights.size,
            multiply_adds=weights.size,
        )

    how = (
        f"Least squares to ±1 for each of 45 pairs, outputs added as '{said}'; neither the "
        "training nor whether a unit's output is a sum or its sign is said."
    )
    return train_and_score(workspace, train_size, learn, how)
