"""Calibration of confidences: temperature scaling and the expected calibration error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 15
BOUNDS = (-3.0, 4.0)  # log10 of the temperature
HALVINGS = 50  # of these bounds


def fit_temperature(penalties: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature T under which softmax(−penalties / T) gives these labels the most likelihood.

    Parameters
    ----------
    penalties : (n, classes), lowest wins
    labels : (n,) the right classes; 1.0 is returned for none

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    if not len(labels):
        return 1.0
    scores = -penalties.astype(np.float64)
    right = scores[np.arange(len(labels)), labels]
    low, high = BOUNDS
    for _ in range(HALVINGS):  # the loss is convex in 1 / T
        middle = (low + high) / 2
        weights = np.exp((scores - scores.max(1, keepdims=True)) / 10.0**middle)
        expected = (weights * scores).sum(1) / weights.sum(1)
        if (expected - right).mean() >= 0:  # the loss rises with 1 / T, or is flat: all are right
            low = middle
        else:
            high = middle
    return float(10.0**high)


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
