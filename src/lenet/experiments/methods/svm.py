"""Support vector machines with a polynomial kernel of degree four or a Gaussian (section III-C).

The paper states neither how ten classes are made of two nor the constants. Here: one machine per
pair of classes, on images scaled to length 1, so that a kernel compares shapes and not amounts of
ink. scikit-learn gets each pair's kernel from one matrix product; its own kernels would give the
same machines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import Digits
from lenet.experiments.images.deslant import pixels
from lenet.experiments.methods import Trained, method
from lenet.experiments.methods.linear import FIRST, PAIRS, SECOND, Array
from lenet.network.plane import ByteArray, FloatArray

KernelName = Literal["poly4", "gaussian"]

COST = 4.0  # C: the price of a digit on the wrong side of its margin; 4 … 40 perform alike
GAMMA = 2.0  # of the Gaussian, on images of length 1
BLOCK = 2_000  # digits read at a time: their kernel takes some 0.1 GB
KERNELS: dict[KernelName, Callable[[FloatArray], FloatArray]] = {  # of the cosine of two images
    "poly4": lambda cosine: np.square(np.square(cosine)),
    "gaussian": lambda cosine: np.exp(np.float32(2 * GAMMA) * (cosine - 1)),
}


def unit_rows(images: ByteArray) -> FloatArray:
    """Images as rows (n, 784) of Euclidean length 1; a blank image stays 0."""
    rows = pixels(images)
    scaled: FloatArray = rows / np.sqrt((rows**2).sum(axis=1, keepdims=True)).clip(np.float32(1e-6))
    return scaled


def machines(
    rows: FloatArray, labels: NDArray[np.int64], kernel: KernelName
) -> tuple[Array, Array]:
    """Weights (n, 45) of the digits in the kernel sums of all pairs i/j, and biases (45,).

    A digit that is no support vector of a pair has weight 0 there; sums are > 0 for class i.
    """
    from sklearn.svm import SVC  # here, because it loads for seconds

    weights, biases = np.zeros((len(rows), len(PAIRS))), np.zeros(len(PAIRS))
    for unit, (i, j) in enumerate(zip(FIRST, SECOND, strict=True)):
        chosen = np.flatnonzero((labels == i) | (labels == j))
        pair = rows[chosen]
        gram = KERNELS[kernel](pair @ pair.T).astype(np.float64)  # 1.3 GB for 12,700 digits
        machine = SVC(kernel="precomputed", C=COST).fit(gram, labels[chosen] == i)
        weights[chosen[machine.support_], unit] = machine.dual_coef_[0]
        biases[unit] = machine.intercept_[0]
    return weights, biases


def weakest_pair(units: Array) -> Array:
    """Scores (n, 10) from units i/j (n, 45): the lowest of a class's nine, j's side negated.

    A class that beats all others scores above 0, and no other does; the score grades rejection.
    On the validation digits this makes as many errors as votes, and fewer than a sum.
    """
    own = np.where(PAIRS == 0, np.inf, units[:, :, None] * PAIRS)  # (n, 45, 10)
    scores: Array = own.min(axis=1)
    return scores


@method
def svm(digits: Digits, kernel: KernelName = "poly4") -> Trained:
    """One machine per pair; a class scores its weakest pair."""
    rows = unit_rows(digits.images)
    weights, biases = machines(rows, digits.labels, kernel)
    used = weights.any(axis=1)
    rows, weights = rows[used], weights[used].astype(np.float32)

    def scores(images: ByteArray) -> Array:
        seen = unit_rows(images)
        blocks = (seen[start : start + BLOCK] for start in range(0, len(seen), BLOCK))
        units = [KERNELS[kernel](block @ rows.T) @ weights for block in blocks]
        return weakest_pair(np.concatenate(units) + biases)

    size = rows.size + int(np.count_nonzero(weights))
    how = (
        f"One machine per pair, kernel {kernel} of 28×28 images of length 1, C = {COST:g}, a "
        "class scores its lowest of nine; the paper states neither the combination nor C."
    )
    return Trained(scores, size + len(biases), size, how)
