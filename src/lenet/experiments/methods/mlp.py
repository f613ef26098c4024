"""What training does to the linear row: the same ten weighted sums, learnt through a squash.

The paper calls them linear and does not say how their weights were found. Its networks learn
±1 behind 1.7159 tanh(2a/3) (equation 6); a sum that is trained so has no reason to be pulled back
from beyond ±1, and the digit of the highest sum is the digit of the highest squash.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from lenet.data.digits import OUTPUTS, Digits
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.deslant import pixels
from lenet.experiments.methods.least_squares import Array, targets, with_one
from lenet.experiments.methods.scored import Trained, train_and_score
from lenet.network.plane import FloatArray

AMPLITUDE, SLOPE = 1.7159, 2 / 3  # equation 6
STEPS = 60  # of L-BFGS; 20 err a tenth more often on the validation digits


def squashed_error(weights: Array, inputs: FloatArray, wanted: FloatArray) -> tuple[float, Array]:
    """Half the mean squared distance of squashed sums from those wanted, and its gradient.

    Parameters
    ----------
    weights : (d · k,);  inputs : (n, d);  wanted : (n, k)
    """
    sums = inputs @ weights.reshape(inputs.shape[1], -1).astype(inputs.dtype)
    answers = np.float32(AMPLITUDE) * np.tanh(np.float32(SLOPE) * sums)
    off = answers - wanted
    steepness = np.float32(SLOPE / AMPLITUDE) * (np.float32(AMPLITUDE**2) - answers**2)
    gradient = inputs.T @ (off * steepness) / np.float32(len(inputs))
    return float((off**2).sum() / 2 / len(inputs)), gradient.ravel().astype(np.float64)


def squashed_linear(
    workspace: Workspace, *, train_size: int, deslanted: bool = False, steps: int = STEPS
) -> Result:
    """One weighted sum of the pixels for each class, trained behind a squash."""

    def learn(digits: Digits) -> Trained:
        inputs = with_one(pixels(digits.images, deslanted)).astype(np.float32)
        wanted = targets(digits.labels).astype(np.float32)
        start = np.zeros(inputs.shape[1] * OUTPUTS)
        found = minimize(
            squashed_error,
            start,
            (inputs, wanted),
            "L-BFGS-B",
            jac=True,
            options={"maxiter": steps, "maxcor": 20},
        )
        weights = found.x.reshape(-1, OUTPUTS)
        return Trained(
            lambda images: with_one(pixels(images, deslanted)) @ weights,
            parameters=weights.size,
            multiply_adds=weights.size,
        )

    how = f"Squared distance of squashed sums from ±1, {steps} steps of L-BFGS from zero."
    return train_and_score(workspace, train_size, learn, how)
