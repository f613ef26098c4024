"""Classifiers that are linear in their features: pixels, pairs, polynomials, Gaussians (III-C).

The paper does not say how their weights were found, except for the RBF network (a regularised
pseudo-inverse). Here: ridge regression to ±1, with a ridge that only keeps pixels that are always
blank from making the equations singular. scikit-learn is imported where it is used, because it
loads for seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import OUTPUTS, Digits
from lenet.experiments.images.deslant import pixels
from lenet.experiments.methods import Trained, method
from lenet.network.plane import ByteArray, FloatArray

Array = NDArray[np.float64]
UnitOutput = Literal["sum", "clipped", "sign"]

RIDGE = 1e-3  # added to sums of squares over all digits
COMPONENTS = 40
GROUP, WIDTH = 100, 40.0  # units per class; squared distance at which a unit falls to 1/e
RBF_RIDGE = 1e-4  # of widths 5, 10 … 80 and ridges 1e-6 … 1, the fewest validation errors
AMPLITUDE, SLOPE = 1.7159, 2 / 3  # equation 6
STEPS = 60  # of L-BFGS; with 20 the validation error is a tenth higher
FIRST, SECOND = np.triu_indices(OUTPUTS, 1)  # the 45 pairs i < j
PAIRS = np.eye(OUTPUTS)[FIRST] - np.eye(OUTPUTS)[SECOND]  # (45, 10): +1 at i, −1 at j
UNIT_OUTPUTS: dict[UnitOutput, Callable[[Array], Array]] = {
    "sum": lambda units: units,
    "clipped": lambda units: np.clip(units, -1, 1),
    "sign": np.sign,
}


def rows(images: ByteArray, deslanted: bool = False) -> Array:
    """Pixels (n, d), 0 … 1, as float64."""
    return pixels(images, deslanted).astype(np.float64)


def ridge(
    features: Callable[[ByteArray], Array],
    digits: Digits,
    how: str,
    *,
    alpha: float = RIDGE,
    stored: int = 0,
    more: int = 0,
) -> Trained:
    """Ridge regression from features to ±1 per class.

    stored : numbers that the features need, each used once per digit
    more : further multiply-adds per digit, for the features
    """
    from sklearn.linear_model import RidgeClassifier

    machine = RidgeClassifier(alpha).fit(features(digits.images), digits.labels)
    size = machine.coef_.size + machine.intercept_.size + stored
    return Trained(
        lambda images: machine.decision_function(features(images)), size, size + more, how
    )


@method
def linear(digits: Digits, deslanted: bool = False) -> Trained:
    """One weighted sum of the pixels per class."""
    view = "deslanted 20×20" if deslanted else "28×28"
    how = f"Ridge regression to ±1 on {view} pixels; the paper does not state the training."
    return ridge(lambda images: rows(images, deslanted), digits, how)


@method
def pairwise(digits: Digits, deslanted: bool = False, unit_output: UnitOutput = "sign") -> Trained:
    """One linear unit per pair of classes; a class scores the sum of its nine units.

    unit_output : the weighted sum itself, the sum clipped to ±1, or its sign
    """
    from sklearn.linear_model import RidgeClassifier
    from sklearn.multiclass import OneVsOneClassifier

    machine = OneVsOneClassifier(RidgeClassifier(RIDGE))
    machine.fit(rows(digits.images, deslanted), digits.labels)

    def scores(images: ByteArray) -> Array:
        inputs = rows(images, deslanted)
        units = [-pair.decision_function(inputs) for pair in machine.estimators_]  # > 0: i
        summed: Array = UNIT_OUTPUTS[unit_output](np.column_stack(units)) @ PAIRS
        return summed

    weights = sum(pair.coef_.size + 1 for pair in machine.estimators_)
    how = (
        f"Ridge regression to ±1 for each of 45 pairs, outputs added as '{unit_output}'; the "
        "paper states neither the training nor whether a unit's output is a sum or its sign."
    )
    return Trained(scores, weights, weights, how)


@method
def polynomial(digits: Digits) -> Trained:
    """Ridge regression on all products of two of 40 principal components.

    The paper counts 821 inputs: squares and products (820) and a bias. The components come from
    centred images; the images themselves are projected, as the text says.
    """
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import PolynomialFeatures

    components = PCA(COMPONENTS).fit(rows(digits.images)).components_
    products = PolynomialFeatures(2, include_bias=False)

    def features(images: ByteArray) -> Array:
        terms: Array = products.fit_transform(rows(images) @ components.T)
        return terms[:, COMPONENTS:]  # without the components themselves

    how = "40 components, all products of two, ridge regression to ±1; training not stated."
    count = COMPONENTS * (COMPONENTS + 1) // 2
    return ridge(features, digits, how, stored=components.size, more=count)


def centres_of(digits: Digits, group: int = GROUP, seed: int = 0) -> FloatArray:
    """Centres (10 · group, 784) of K-means on each class in turn."""
    from sklearn.cluster import KMeans

    inputs = pixels(digits.images)
    machines = (
        KMeans(group, n_init=1, random_state=seed).fit(inputs[digits.labels == digit])
        for digit in range(OUTPUTS)
    )
    return np.concatenate([each.cluster_centers_ for each in machines]).astype(np.float32)


@method
def rbf_network(digits: Digits) -> Trained:
    """1,000 Gaussian units around K-means centres, 100 per class, and ridge regression.

    The paper uses "adaptive K-means" and states neither the width nor the regularisation.
    """
    from sklearn.metrics.pairwise import rbf_kernel

    centres = centres_of(digits)

    def features(images: ByteArray) -> Array:
        units: Array = rbf_kernel(pixels(images), centres, gamma=1 / WIDTH)
        return units.astype(np.float64)

    how = (
        f"Lloyd's K-means, 100 centres per class, exp(−d²/{WIDTH:g}), ridge {RBF_RIDGE:g} to "
        "±1; the paper's K-means is adaptive; it states neither width nor regularisation."
    )
    return ridge(features, digits, how, alpha=RBF_RIDGE, stored=centres.size)


def squashed_error(weights: Array, inputs: Array, targets: Array) -> tuple[float, Array]:
    """Half the mean squared distance of squashed sums from their targets, and its gradient.

    Parameters
    ----------
    weights : (d · k,);  inputs : (n, d);  targets : (n, k)
    """
    outputs = AMPLITUDE * np.tanh(SLOPE * (inputs @ weights.reshape(inputs.shape[1], -1)))
    off = outputs - targets
    slope = SLOPE / AMPLITUDE * (AMPLITUDE**2 - outputs**2)
    gradient: Array = inputs.T @ (off * slope) / len(inputs)
    return float((off**2).sum() / 2 / len(inputs)), gradient.ravel()


@method
def squashed_linear(digits: Digits, deslanted: bool = False) -> Trained:
    """The linear row, trained through the squashing function 1.7159 tanh(2a/3) of equation 6.

    A sum trained this way is not pulled back from beyond ±1; the highest sum still wins.
    """
    from scipy.optimize import minimize

    def inputs(images: ByteArray) -> Array:
        return np.column_stack([rows(images, deslanted), np.ones(len(images))])

    seen = inputs(digits.images)
    found = minimize(
        squashed_error,
        np.zeros(seen.shape[1] * OUTPUTS),
        (seen, 2 * np.eye(OUTPUTS)[digits.labels] - 1),
        "L-BFGS-B",
        jac=True,
        options={"maxiter": STEPS, "maxcor": 20},
    )
    weights = found.x.reshape(-1, OUTPUTS)
    how = f"Squared distance of squashed sums from ±1, {STEPS} steps of L-BFGS from zero."
    return Trained(lambda images: inputs(images) @ weights, weights.size, weights.size, how)
