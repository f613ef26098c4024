"""Running maximum, minimum and sum. (Importing scipy.ndimage takes 0.4 s.)

A compiled kernel takes the maximum where it is there; what is in numpy below gives the same bits.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import available, kernels

Plane = TypeVar("Plane", NDArray[np.float32], NDArray[np.bool_])


def median(values: NDArray[np.float32]) -> np.float32:
    """np.median, whose first call imports numpy.ma: a tenth of the time of a cold `lenet read`."""
    upper, odd = divmod(values.size, 2)
    middle = np.partition(values, (upper, upper - 1), axis=None)[upper - 1 + odd : upper + 1]
    center: np.float32 = middle.mean()
    return center


def running_max(plane: Plane, size: int, axis: int) -> Plane:
    """The largest of the `size` values around each, shape as given; nothing lies beyond the edge.

    An even window reaches one farther back than ahead.
    """
    if plane.dtype != np.float32 or not available():
        return running_max_in_numpy(plane, size, axis)
    largest = np.empty_like(plane, order="C")
    size = min(size, 2 * plane.shape[axis] + 1)
    kernels().running_max(np.ascontiguousarray(plane), size, axis, largest)
    return largest


def running_max_in_numpy(plane: Plane, size: int, axis: int) -> Plane:
    """The same: windows double until they are as long as asked for, so it costs log(size)."""
    values = np.moveaxis(plane, axis, -1)
    size = min(size, 2 * values.shape[-1] + 1)
    before, after = size // 2, size - 1 - size // 2
    lowest = False if plane.dtype == bool else -np.inf
    high, wide = values.shape
    grown = np.full((high, before + wide + after), lowest, plane.dtype)
    grown[:, before : before + wide] = values
    length = 1
    while length < size:
        step = min(length, size - length)
        grown = np.maximum(grown[..., :-step], grown[..., step:])
        length += step
    return np.moveaxis(grown, -1, axis)


def running_min(plane: NDArray[np.float32], size: int, axis: int) -> NDArray[np.float32]:
    """The smallest of the `size` values around each; the mirror image of `running_max`."""
    return -running_max(-plane, size, axis)


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


def in_order(values: NDArray[Any], axis: int) -> NDArray[np.float64]:
    """The sum along an axis, one value after the other: numpy's own order is not the kernels'."""
    total: NDArray[np.float64] = values.cumsum(axis, np.float64).take(-1, axis)
    return total
