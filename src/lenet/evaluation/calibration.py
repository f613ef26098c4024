"""Calibration of confidences: temperature scaling and the expected calibration error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

BINS = 15
BOUNDS = (-3.0, 4.0)  # log10 of the temperature


def fit_temperature(penalties: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature T under which softmax(−penalties / T) gives these labels the most likelihood.

    Parameters
    ----------
    penalties : (n, 10), lowest wins
    labels : (n,) the right digits; 1.0 is returned for none

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    if not len(labels):
        return 1.0
    scores = -penalties.astype(np.float64)
    right = scores[np.arange(len(labels)), labels]

    def mean_loss(log_temperature: float) -> float:
        temperature = 10.0**log_temperature
        return float((logsumexp(scores / temperature, axis=1) - right / temperature).mean())

    return float(10.0 ** minimize_scalar(mean_loss, bounds=BOUNDS, method="bounded").x)


def calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The expected calibration error, 0 … 1.

    Answers are put into fifteen bins of equal width by their confidence; in each bin the accuracy
    is compared with the mean confidence, and bins count as much as they hold.

    Parameters
    ----------
    confidences : (n,) 0 … 1, of the answers given
    right : (n,) whether they were right; 0.0 is returned for none

    Source: Guo et al. 2017, section 2, eq. 3.
    """
    if not len(right):
        return 0.0
    bins = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=right - confidences, minlength=BINS)
    return float(np.abs(gaps).sum() / len(right))
