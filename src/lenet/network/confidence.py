"""From penalties to confidences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def confidences(penalties: NDArray[np.float64], temperature: float = 1.0) -> NDArray[np.float64]:
    """Each digit's share of e^(−penalty / temperature), shape as given, classes on axis 1.

    The posterior of eq. 9 without a rubbish class. The temperature, fitted on validation digits,
    makes a share mean a frequency: of answers given at 0.9 about nine in ten are right.
    """
    above_best = (penalties - penalties.min(axis=1, keepdims=True)) / temperature
    weights = np.exp(-above_best)  # the best is 1, so the sum cannot be 0
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares
