"""The 1000 radial basis units of section III-C: ten groups of 100, a linear layer on top.

The paper finds the centres by "adaptive K-means" on each class and the output weights by a
regularised pseudo-inverse; it tells neither the width of the Gaussians nor the regularisation.
Of widths 5, 10 … 80 and ridges 1e-6, 1e-4 … 1, none errs less on the validation digits.
"""

from __future__ import annotations

import numpy as np

from lenet.data.digits import OUTPUTS, Digits
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.deslant import pixels
from lenet.experiments.methods.least_squares import Array, solve, targets, with_one
from lenet.experiments.methods.scored import Trained, train_and_score
from lenet.network.plane import FloatArray

GROUP = 100  # units of a class
WIDTH = 40.0  # squared distance, pixels of 0 … 1, at which a unit falls to 1/e; nearest units: 20
RIDGE = 1e-4


def squared_distances(inputs: FloatArray, centres: FloatArray) -> FloatArray:
    """(n, m) from (n, d) and (m, d): |x|² − 2 x·c + |c|², never below 0."""
    distances: FloatArray = (inputs**2).sum(axis=1)[:, None] - 2 * inputs @ centres.T
    distances += (centres**2).sum(axis=1)
    return distances.clip(0)


def gaussians(inputs: FloatArray, centres: FloatArray, width: float = WIDTH) -> FloatArray:
    """What the units answer, (n, m), each 0 … 1."""
    answers: FloatArray = np.exp(squared_distances(inputs, centres) / np.float32(-width))
    return answers


def centres_of(digits: Digits, group: int = GROUP, seed: int = 0) -> FloatArray:
    """Centres (10 · group, 784) of K-means on one class after the other."""
    from sklearn.cluster import KMeans  # seconds to load

    inputs = pixels(digits.images)
    return np.concatenate(
        [
            KMeans(group, n_init=1, random_state=seed)
            .fit(inputs[digits.labels == digit])
            .cluster_centers_.astype(np.float32)
            for digit in range(OUTPUTS)
        ]
    )


def rbf_network(workspace: Workspace, *, train_size: int, width: float = WIDTH) -> Result:
    """Gaussian units around the centres of each class, output weights by least squares."""

    def learn(digits: Digits) -> Trained:
        centres = centres_of(digits)

        def units(images: np.ndarray) -> Array:
            return with_one(gaussians(pixels(images), centres, width))

        weights = solve(units(digits.images), targets(digits.labels), RIDGE)
        return Trained(
            lambda images: units(images) @ weights,
            parameters=centres.size + weights.size,
            multiply_adds=centres.size + weights.size,
        )

    how = (
        f"Lloyd's K-means, 100 centres a class, exp(−d²/{width:g}), ridge {RIDGE:g} to ±1; the "
        "paper's K-means is adaptive, its width and regularisation are not said."
    )
    return train_and_score(workspace, train_size, learn, how)
