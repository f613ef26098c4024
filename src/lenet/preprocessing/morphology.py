"""Connected components and running extremes: SciPy's, in the order that the kernels follow.

Importing scipy.ndimage takes 0.4 s, so only what runs without the kernels does.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Plane = TypeVar("Plane", NDArray[np.float32], NDArray[np.bool_])


def running_max(plane: Plane, size: int, axis: int) -> Plane:
    """The largest of the `size` values around each, shape as given; nothing lies beyond the edge.

    An even window reaches one farther back than ahead.
    """
    from scipy.ndimage import maximum_filter1d

    lowest = 0 if plane.dtype == bool else -np.inf
    largest: Plane = maximum_filter1d(plane, size, axis, mode="constant", cval=lowest)
    return largest


def running_min(plane: NDArray[np.float32], size: int, axis: int) -> NDArray[np.float32]:
    """The smallest of the `size` values around each; the mirror image of `running_max`."""
    return -running_max(-plane, size, axis)


def closing(plane: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Valleys narrower than `size` filled up: the smallest in squares of the largest in squares."""
    for axis in (0, 1):
        plane = running_max(plane, size, axis)
    for axis in (0, 1):
        plane = running_min(plane, size, axis)
    return plane


def box_sum(plane: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The sum over the square of odd `size` around each value, as far as it lies inside."""
    sums: NDArray[np.float64] = plane.astype(np.float64)
    for axis in (0, 1):
        length = sums.shape[axis]
        total = np.insert(np.cumsum(sums, axis), 0, 0, axis)
        places = np.arange(length)
        upper = np.minimum(places + size // 2 + 1, length)
        lower = np.maximum(places - size // 2, 0)
        sums = total.take(upper, axis) - total.take(lower, axis)
    return sums.astype(np.float32)


def sum_in_order(values: NDArray[Any], axis: int) -> NDArray[np.float64]:
    """The sum along an axis, one value after the other as the kernels add, unlike numpy's sum."""
    total: NDArray[np.float64] = values.cumsum(axis, np.float64).take(-1, axis)
    return total


def label(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Number the 8-connected components of a mask of shape (h, w).

    Returns
    -------
    labels : shape (h, w), 0 outside the mask, else 1 … count in order of first pixel, row by row
    count : the number of components
    """
    from scipy import ndimage

    labels, count = ndimage.label(mask, np.ones((3, 3)))
    return labels.astype(np.intp), count


def measure(
    labels: NDArray[np.intp], count: int, ink: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Box (n, 4) and ink (n,) of each of the labels 1 … count."""
    rows, columns = np.nonzero(labels)
    at = labels[rows, columns] - 1
    height, width = labels.shape
    boxes = np.tile(np.array([height, width, 0, 0], np.intp), (count, 1))
    np.minimum.at(boxes[:, 0], at, rows)
    np.minimum.at(boxes[:, 1], at, columns)
    np.maximum.at(boxes[:, 2], at, rows + 1)
    np.maximum.at(boxes[:, 3], at, columns + 1)
    return boxes, np.bincount(at, ink[rows, columns], count).astype(np.float64)
