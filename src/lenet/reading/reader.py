"""From any image of one digit to an answer."""

from __future__ import annotations

from pathlib import Path

from lenet.engine.choice import fastest
from lenet.errors import UsageError
from lenet.network.confidence import classified
from lenet.network.weights import Weights, load_weights
from lenet.preparation.image import Source, load_image
from lenet.preparation.prepare import BlankError, prepare
from lenet.reading.result import Digit, Reading


class Reader:
    """Reads image after image with weights that are loaded once.

    Parameters
    ----------
    weights : a shipped name, a weights file or a run folder
    reject : answers with a confidence below this, 0 … 1, are rejected
    """

    def __init__(self, weights: str | Path | Weights = "1998", reject: float = 0.0) -> None:
        if not 0 <= reject <= 1:
            raise UsageError(f"reject must lie between 0 and 1, got {reject}")
        self.weights = weights if isinstance(weights, Weights) else load_weights(weights)
        self.reject = reject
        self._network = fastest(self.weights)

    def read(self, source: Source) -> Reading:
        """The digit in an image: a path, bytes, an open file, a Pillow image or an array.

        Raises InputError if the image cannot be read; a blank one gives a Reading without digits.
        """
        grey = load_image(source)
        try:
            prepared = prepare(grey)
        except BlankError:
            return Reading((), rejected=False, size=grey.shape)
        penalties = self._network.penalties(prepared.image[None])
        values, confidences = classified(penalties, self.weights.temperature)
        digit = Digit(int(values[0]), float(confidences[0]), prepared.box, prepared.image)
        return Reading((digit,), rejected=digit.confidence < self.reject, size=grey.shape)


def read(source: Source, *, weights: str | Path | Weights = "1998", reject: float = 0.0) -> Reading:
    """Read the digit in an image; see `Reader`, which keeps its weights for many images."""
    return Reader(weights, reject).read(source)
