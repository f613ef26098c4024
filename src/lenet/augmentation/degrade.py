"""Digits spoilt as scans and photographs spoil them: strokes, paper, patches, noise.

Like the bending in `distort`, all of it follows from random shares that are handed in, and the
compiled kernels do the same (distort.cpp).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.network.plane import PLANE_SIDE, FloatArray

CENTRE = 16.0  # of the digit in the plane: where MNIST's centres of mass lie
DECISIONS = 2  # random words, of four shares each, that decide how; noise takes one for 4 pixels
WORDS = DECISIONS + PLANE_SIDE * PLANE_SIDE // 4


def degrade(
    ink: FloatArray, background: float, patch: float, noise: float, shares: NDArray[np.float64]
) -> FloatArray:
    """Ink 0 … 1 of shape (32, 32), spoilt in one of three ways, each as likely.

    background : how grey it becomes at most, 0 … 1; it is darker towards one side, and the ink
        on it loses up to half its contrast
    patch : longest side of a rectangle of one grey, pixels
    noise : share of pixels that are turned over at most, as in section III-E
    shares : −1 … 1, four for each of WORDS random words
    """
    which, much, first, second, third, fourth = shares[:6]
    amount = (much + 1) / 2
    if which < -1 / 3:
        rows, columns = (np.mgrid[:PLANE_SIDE, :PLANE_SIDE] - CENTRE) / CENTRE
        ground = np.clip(background * amount * (1 + first * rows + second * columns) / 2, 0, 1)
        darkened: FloatArray = np.minimum(ground + ink * (1 - ground / 2), 1).astype(np.float32)
        return darkened
    found: FloatArray = ink.copy()
    if which < 1 / 3:
        down, right = np.mgrid[:PLANE_SIDE, :PLANE_SIDE] - CENTRE
        inside = abs(down - CENTRE * first) <= patch * amount / 2
        inside &= abs(right - CENTRE * second) <= patch * (third + 1) / 4
        found[inside] = (fourth + 1) / 2
        return found
    turned = (shares[4 * DECISIONS :].reshape(ink.shape) + 1) / 2 < noise * amount
    found[turned] = 1 - found[turned]
    return found
