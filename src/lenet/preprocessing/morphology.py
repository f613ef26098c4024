"""Connected components and running extremes in numpy. (Importing scipy.ndimage takes 0.4 s.)"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Plane = TypeVar("Plane", NDArray[np.float32], NDArray[np.bool_])


def running_max(plane: Plane, size: int, axis: int) -> Plane:
    """The largest of the `size` values around each, shape as given; nothing lies beyond the edge.

    An even window reaches one farther back than ahead. Windows double until they are as long as
    asked for, so the cost grows with log(size).
    """
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
    width = mask.shape[1] + 1  # a bare column at the end of each row separates its runs
    flat = np.zeros((mask.shape[0], width), np.int8)
    flat[:, :-1] = mask
    change = np.diff(flat.ravel(), prepend=0)
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    parent = _joined(starts, ends, width)
    roots, number = np.unique(parent, return_inverse=True)
    edges = np.zeros(flat.size, np.intp)
    edges[starts] = number + 1
    edges[ends] -= number + 1
    labels = np.cumsum(edges).reshape(flat.shape)[:, :-1]
    return labels, len(roots)


def _joined(starts: NDArray[np.intp], ends: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    """For each run the first run of its component; runs touch if they meet in adjacent rows."""
    first = np.searchsorted(ends, starts + width, "left")  # runs of the next row that touch,
    last = np.searchsorted(starts, ends + width, "right")  # corners included
    counts = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(starts)), counts)
    offsets = np.arange(len(above)) - np.repeat(np.cumsum(counts) - counts, counts)
    below = first[above] + offsets
    parent = np.arange(len(starts))
    while True:
        low = np.minimum(parent[above], parent[below])
        joined = parent.copy()
        np.minimum.at(joined, parent[above], low)
        np.minimum.at(joined, parent[below], low)
        while not np.array_equal(joined, joined[joined]):
            joined = joined[joined]
        if np.array_equal(joined, parent):
            return parent
        parent = joined


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
