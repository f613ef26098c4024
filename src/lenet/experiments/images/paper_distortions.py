"""Digits distorted as the paper's were: planar affine maps, no rotation, no elastic warp.

Section III-A names translation, scaling, squeezing and horizontal shear and gives no ranges. These
are measured on the hundred distorted digits of Fig. 7: their smallest and largest where that is
all one knows, the standard deviation where it can be had.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.warp import sample
from lenet.data.digits import Digits
from lenet.network.plane import ByteArray

# Each amount is drawn uniformly; the shifts by their measured deviations, 1.2 and 2.0 pixels.
RIGHT, DOWN = 1.2 * np.sqrt(3), 2.0 * np.sqrt(3)  # pixels, at most, either way
SCALE = (0.73, 1.36)  # of the whole digit
RATIO = (0.82, 1.23)  # of height to width: squeezing
SHEAR = 0.19  # pixels right for each row, at most, either way
CENTRE = 13.5  # of the image
TOGETHER = 2_000  # digits at a time, for memory's sake

Floats = NDArray[np.float32]


def with_copies(digits: Digits, copies: int, seed: int) -> Digits:
    """The digits, and after them `copies` distorted ones of each (section III-B: nine)."""
    generator = np.random.default_rng([seed, 8])
    images = np.empty(((1 + copies) * len(digits), 28, 28), np.uint8)
    images[: len(digits)] = digits.images
    for start in range(len(digits), len(images), TOGETHER):
        which = np.arange(start, min(start + TOGETHER, len(images))) % len(digits)
        images[start : start + len(which)] = distort(digits.images[which], generator)
    return Digits(images, np.tile(digits.labels, 1 + copies))


def distort(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Each image, uint8 (n, 28, 28), distorted in its own way; bare paper enters at the borders."""
    n = len(images)
    right, down = generator.uniform(-RIGHT, RIGHT, n), generator.uniform(-DOWN, DOWN, n)
    scale, ratio = (
        np.exp(generator.uniform(np.log(low), np.log(high), n)) for low, high in (SCALE, RATIO)
    )
    squeeze = np.sqrt(ratio)
    shear = generator.uniform(-SHEAR, SHEAR, n)
    rows, columns = (grid - CENTRE for grid in np.mgrid[:28, :28].astype(np.float32))
    moved_rows = rows - _each(down)  # back from where a pixel is to where it comes from
    moved_columns = columns - _each(right) - _each(shear) * moved_rows
    ink = sample(
        images,
        moved_rows / _each(scale * squeeze) + CENTRE,
        moved_columns / _each(scale / squeeze) + CENTRE,
    )
    distorted: ByteArray = np.rint(ink).astype(np.uint8)
    return distorted


def _each(amounts: NDArray[np.float64]) -> Floats:
    return amounts.astype(np.float32)[:, None, None]
