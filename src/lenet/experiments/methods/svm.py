"""Support vector machines with a polynomial of degree four, or Gaussian, kernel (section III-C).

The paper tells neither how ten classes are made of two nor the constants. Here: one machine for
each pair of classes, on images scaled to length 1, so that a kernel compares shapes and not
amounts of ink. A pair's whole kernel comes from one matrix product; scikit-learn is given it ready.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from lenet.data.digits import OUTPUTS, Digits
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.deslant import pixels
from lenet.experiments.methods.least_squares import FIRST, SECOND, Array
from lenet.experiments.methods.scored import Trained, train_and_score
from lenet.network.plane import ByteArray, FloatArray

KernelName = Literal["poly4", "gaussian"]

COST = 4.0  # C: what a digit on the wrong side of its margin costs; 4 … 40 do alike
GAMMA = 2.0  # of the Gaussian, on images of length 1
BLOCK = 2_000  # digits read at a time: their kernel takes some 0.1 GB

KERNELS: dict[KernelName, Callable[[FloatArray], FloatArray]] = {  # of the cosine of two images
    "poly4": lambda cosine: np.square(np.square(cosine)),
    "gaussian": lambda cosine: np.exp(np.float32(2 * GAMMA) * (cosine - 1)),
}


def of_length_one(images: ByteArray, deslanted: bool = False) -> FloatArray:
    """Images as rows (n, d) whose squares add up to 1; a bare image stays 0."""
    rows = pixels(images, deslanted)
    lengths: FloatArray = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    scaled: FloatArray = rows / lengths.clip(np.float32(1e-6))
    return scaled


def machines(
    rows: FloatArray, labels: np.ndarray, kernel: KernelName, cost: float = COST
) -> tuple[Array, Array]:
    """Weights (n, 45) of the digits in the kernel sums of all pairs i/j, and biases (45,).

    A digit that is no support vector of a pair has weight 0 there; sums are > 0 for class i.
    """
    from sklearn.svm import SVC  # seconds to load

    weights, biases = np.zeros((len(rows), len(FIRST))), np.zeros(len(FIRST))
    for unit, (i, j) in enumerate(zip(FIRST, SECOND, strict=True)):
        chosen = np.flatnonzero((labels == i) | (labels == j))
        pair = rows[chosen]
        gram = KERNELS[kernel](pair @ pair.T).astype(np.float64)  # 1.3 GB of 12,700 digits
        machine = SVC(kernel="precomputed", C=cost).fit(gram, labels[chosen] == i)
        weights[chosen[machine.support_], unit] = machine.dual_coef_[0]
        biases[unit] = machine.intercept_[0]
    return weights, biases


def weakest_pair(units: Array) -> Array:
    """Scores (n, 10) from units i/j (n, 45): the lowest of a class's nine, j's side negated.

    A class that beats all others scores above 0, and no other does; by how much grades rejection.
    On the validation digits it errs as often as votes do, and less than a sum.
    """
    scores = np.full((len(units), OUTPUTS), np.inf)
    for unit, (i, j) in enumerate(zip(FIRST, SECOND, strict=True)):
        scores[:, i] = np.minimum(scores[:, i], units[:, unit])
        scores[:, j] = np.minimum(scores[:, j], -units[:, unit])
    return scores


def svm(
    workspace: Workspace,
    *,
    train_size: int,
    kernel: KernelName = "poly4",
    deslanted: bool = False,
    cost: float = COST,
) -> Result:
    """45 machines, one a pair; a class scores what its least willing machine gives."""

    def learn(digits: Digits) -> Trained:
        rows = of_length_one(digits.images, deslanted)
        weights, biases = machines(rows, digits.labels, kernel, cost)
        used = weights.any(axis=1)
        rows, weights = rows[used], weights[used].astype(np.float32)

        def scores(images: ByteArray) -> Array:
            seen = of_length_one(images, deslanted)
            units = [
                KERNELS[kernel](seen[start : start + BLOCK] @ rows.T) @ weights
                for start in range(0, len(seen), BLOCK)
            ]
            return weakest_pair(np.concatenate(units) + biases)

        size = rows.size + int(np.count_nonzero(weights))
        return Trained(scores, parameters=size + len(biases), multiply_adds=size)

    view = "deslanted 20×20" if deslanted else "28×28"
    how = (
        f"One machine a pair, kernel {kernel} of {view} images of length 1, C = {cost:g}, a class "
        "scores its lowest of nine; how ten classes are made of two is not said, nor C."
    )
    return train_and_score(workspace, train_size, learn, how)
