"""Whether an exported network answers as ours does, on the same digits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.data.datasets import load_set
from lenet.data.digits import DigitSet
from lenet.errors import FetchError
from lenet.network.plane import ByteArray, FloatArray

CALIBRATION = 1_000  # training digits that calibrate activation ranges
IN_A_STRIP = 10  # digits side by side: what a wide network is calibrated on


@dataclass(frozen=True)
class Parity:
    """How an exported network's answers differ from ours.

    n : answers compared: digits, or places of wide images
    disagreements : answers that differ
    max_abs_difference : the largest between two penalties
    largest_penalty : of ours, to compare that with
    errors, errors_here : wrong answers there and here; None where the answers have no labels
    """

    n: int
    disagreements: int
    max_abs_difference: float
    largest_penalty: float
    errors: int | None = None
    errors_here: int | None = None

    def __str__(self) -> str:
        text = (
            f"{self.disagreements:,} of {self.n:,} answers differ; penalties, up to "
            f"{self.largest_penalty:.0f}, differ by at most {self.max_abs_difference:.2g}"
        )
        if self.errors is None:
            return text
        return f"{text}; {self.errors:,} errors, {self.errors_here:,} here"


def parity(
    found: FloatArray, wanted: FloatArray, labels: NDArray[np.int64] | None = None
) -> Parity:
    """Penalties of both, classes on axis 1, of any further shape; labels (n) for digits."""
    answered, ours = found.argmin(1), wanted.argmin(1)
    return Parity(
        n=answered.size,
        disagreements=int((answered != ours).sum()),
        max_abs_difference=float(np.abs(found - wanted).max()),
        largest_penalty=float(np.abs(wanted).max()),
        errors=None if labels is None else int((answered != labels).sum()),
        errors_here=None if labels is None else int((ours != labels).sum()),
    )


def available_digits(data_dir: Path | None = None) -> DigitSet:
    """MNIST where it is installed, else the embedded digits; reports give the set's `name`."""
    try:
        return load_set("mnist", data_dir)
    except FetchError:
        return load_set("digits")


def calibration_subset(images: ByteArray) -> ByteArray:
    """CALIBRATION of these images, from all over; all of them where they are fewer."""
    return images[:: max(1, len(images) // CALIBRATION)][:CALIBRATION]


def strips(images: ByteArray) -> ByteArray:
    """Digit images (n, 28, 28) side by side, (n // 10, 28, 280); what is left over stays out."""
    rows = len(images) // IN_A_STRIP
    groups = images[: rows * IN_A_STRIP].reshape(rows, IN_A_STRIP, *images.shape[1:])
    return np.concatenate([groups[:, place] for place in range(IN_A_STRIP)], axis=2)
