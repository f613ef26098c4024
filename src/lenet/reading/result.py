"""The answer for one image: what the command line, the page and the tests all speak."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lenet.network.plane import ByteArray
from lenet.preparation.box import Box


@dataclass(frozen=True)
class Digit:
    """One digit that was read.

    value : 0 … 9
    confidence : 0 … 1, calibrated on MNIST
    box : where it lies in the image, in pixels, bottom and right excluded
    image : the digit image the network saw, uint8 (28, 28), 0 paper … 255 ink
    """

    value: int
    confidence: float
    box: Box
    image: ByteArray = field(
        repr=False, compare=False, default_factory=lambda: np.zeros((28, 28), np.uint8)
    )


@dataclass(frozen=True)
class Reading:
    """What an image shows.

    digits : in reading order; empty when the image is blank
    rejected : whether a digit's confidence lies below what was asked for
    size : (height, width) of the image in pixels
    """

    digits: tuple[Digit, ...]
    rejected: bool
    size: tuple[int, int]

    @property
    def text(self) -> str:
        """The number; empty when the image is blank or the answer is rejected."""
        return "" if self.rejected else "".join(str(digit.value) for digit in self.digits)

    def to_dict(self) -> dict[str, Any]:
        """The reading as `lenet read --json` gives it, without the file's name."""
        digits = [
            {"value": digit.value, "confidence": digit.confidence, "box": list(digit.box)}
            for digit in self.digits
        ]
        return {"text": self.text, "error": None, "digits": digits, "rejected": self.rejected}
