"""Geometry: a digit slanted, made smaller, turned or moved, about the middle of its image.

Values between pixels are bilinear and beyond the image there is bare paper, as in MNIST-C.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.warp import sample
from lenet.experiments.images.ink import as_bytes, as_ink
from lenet.network.plane import DIGIT_SIDE, ByteArray

SHEAR = 0.4  # radians between the upright and the slanted
SCALE = 0.7  # of height and width
TURN = 0.4  # radians, 23°
SHIFT = 3  # pixels

MIDDLE = (DIGIT_SIDE - 1) / 2


def shear(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Rows slide left or right by their height. The angle is as published (severity 2).

    Pure shear is our choice; scikit-image at that time also stretched the upright by 1 / cos.
    """
    slope = math.tan(SHEAR)
    return _either_way(images, generator, lambda sign: np.array([[1, 0], [sign * slope, 1]]))


def rotate(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Turned left or right. As published (severity 2)."""
    sine, cosine = math.sin(TURN), math.cos(TURN)
    return _either_way(
        images, generator, lambda sign: np.array([[cosine, -sign * sine], [sign * sine, cosine]])
    )


def scale(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Made smaller, all by as much. As published (severity 3)."""
    return _mapped(images, np.eye(2) / SCALE)


def translate(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Moved to one of the four corners, three pixels each way. As published (severity 3)."""
    signs = generator.choice([-1, 1], (len(images), 2))
    wide = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
    moved = np.empty_like(images)
    for down in (-1, 1):
        for right in (-1, 1):
            here = (signs == (down, right)).all(axis=1)
            top, left = SHIFT * (1 - down), SHIFT * (1 - right)
            moved[here] = wide[here, top : top + DIGIT_SIDE, left : left + DIGIT_SIDE]
    return moved


def _either_way(
    images: ByteArray,
    generator: np.random.Generator,
    matrix: Callable[[int], NDArray[np.float64]],
) -> ByteArray:
    """Each image mapped by matrix(1) or matrix(−1), as a coin falls."""
    signs = generator.choice([-1, 1], len(images))
    mapped = np.empty_like(images)
    for sign in (-1, 1):
        mapped[signs == sign] = _mapped(images[signs == sign], matrix(sign))
    return mapped


def _mapped(images: ByteArray, matrix: NDArray[np.float64]) -> ByteArray:
    """The place p, row and column from the middle, shows what was at matrix @ p."""
    if not len(images):
        return images
    offset = MIDDLE - matrix @ np.full(2, MIDDLE)
    rows, columns = (
        np.tensordot(matrix, np.mgrid[:DIGIT_SIDE, :DIGIT_SIDE], 1) + offset[:, None, None]
    )
    inside = (np.abs(rows - MIDDLE) <= MIDDLE) & (np.abs(columns - MIDDLE) <= MIDDLE)
    return as_bytes((sample(as_ink(images), rows[None], columns[None]) * inside).astype(np.float32))
