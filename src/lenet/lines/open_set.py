"""Whether digit images show a digit at all, and which: the network trained for open sets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenet.engine.select import best_engine
from lenet.lines.line_weights import SHIPPED, posteriors
from lenet.network.plane import ByteArray
from lenet.network.weights import Weights, load_weights

NO_DIGIT = 10  # the class of what is none


@lru_cache(maxsize=1)
def open_set_weights() -> Weights:
    """The shipped weights."""
    return load_weights(SHIPPED / "open-set")


class OpenSetClassifier:
    """Classifies with these weights; their card names j of eq. 9 and the temperature."""

    def __init__(self, weights: Weights, threads: int = 1) -> None:
        self._network = best_engine(weights, threads)
        self._temperature = weights.temperature
        self._rubbish = float(weights.card["rubbish"])

    def probabilities(self, images: Sequence[ByteArray] | ByteArray) -> NDArray[np.float64]:
        """The probabilities of 0 … 9 and of no digit, (n, 11), of digit images (n, 28, 28)."""
        if not len(images):
            return np.empty((0, NO_DIGIT + 1))
        penalties = self._network.penalties(np.asarray(images)) / np.float32(self._temperature)
        found: NDArray[np.float64] = np.exp(
            posteriors(penalties, self._rubbish / self._temperature)
        )
        return found
