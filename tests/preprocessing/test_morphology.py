"""Running extremes and closings against loops."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.preprocessing.morphology import closing, dilated, running_min

PLANE = np.random.default_rng(0).random((3, 9)).astype(np.float32)


def looped(plane: np.ndarray, size: int, extreme, beyond: float) -> np.ndarray:
    """The extreme of the square of `size` values around each, one reaching farther back if even."""
    before, after = size // 2, size - 1 - size // 2
    padded = np.pad(plane, ((before, after), (before, after)), constant_values=beyond)
    found = np.empty_like(plane)
    for row, column in np.ndindex(plane.shape):
        found[row, column] = extreme(padded[row : row + size, column : column + size])
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_extremes(size):
    assert np.array_equal(dilated(PLANE, size), looped(PLANE, size, np.max, -np.inf))
    found = running_min(running_min(PLANE, size, 0), size, 1)
    assert np.array_equal(found, looped(PLANE, size, np.min, np.inf))
    masks = np.stack([PLANE > 0.7, PLANE > 0.9])
    wanted = np.stack([looped(mask, size, np.max, 0) for mask in masks])
    assert np.array_equal(dilated(masks, size), wanted)


@pytest.mark.parametrize("beyond", [None, "edge", "symmetric"])
@pytest.mark.parametrize("size", [1, 3, 5])
def test_closing(size, beyond):
    """A field of one pixel, as in an image three pixels high, closes nothing."""
    around = 2 * size if beyond else 0
    padded = np.pad(PLANE, around, mode=beyond or "edge")
    dilation = looped(padded, size, np.max, -np.inf)
    closed = looped(dilation, size, np.min, np.inf)
    wanted = closed[around : around + 3, around : around + 9]
    assert np.array_equal(closing(PLANE, size, beyond), wanted)
    stacked = closing(np.stack([PLANE, 1 - PLANE]), size, beyond)
    assert np.array_equal(stacked[0], wanted)
