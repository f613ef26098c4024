"""Connected components and running extremes, in the order that the kernels follow."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Plane = TypeVar("Plane", NDArray[np.float32], Mask)


def running_max(plane: Plane, size: int, axis: int) -> Plane:
    """The largest of the `size` values around each, shape as given; nothing lies beyond the edge.

    An even window reaches one farther back than ahead.
    """
    length, before = plane.shape[axis], size // 2
    shape = list(plane.shape)
    shape[axis] += size - 1
    largest: Plane = np.full(shape, 0 if plane.dtype == bool else -np.inf, plane.dtype)
    largest = largest.swapaxes(0, axis)
    largest[before : before + length] = plane.swapaxes(0, axis)
    reach = 1
    while reach < size:  # of windows twice as long, then of two that overlap
        step = min(reach, size - reach)
        largest = np.maximum(largest[:-step], largest[step:])
        reach += step
    found: Plane = largest.swapaxes(0, axis)
    return found


def running_min(plane: NDArray[np.float32], size: int, axis: int) -> NDArray[np.float32]:
    """The smallest of the `size` values around each; the mirror image of `running_max`."""
    return -running_max(-plane, size, axis)


def dilated(plane: Plane, size: int) -> Plane:
    """The largest in the square of `size` values a side around each, of planes (…, h, w)."""
    return running_max(running_max(plane, size, -2), size, -1)


def closing(
    plane: NDArray[np.float32],
    size: int,
    beyond: Literal["edge", "symmetric"] | None = None,
) -> NDArray[np.float32]:
    """Valleys narrower than `size` filled up: the smallest in squares of the largest in squares.

    plane : one of shape (h, w), or many (n, h, w)
    beyond : how the plane goes on beyond its edge, as `numpy.pad` names it; not at all by default
    """
    if beyond:
        if size == 1:
            return plane
        margin = size - 1  # half a square for each of both steps
        sides = [(0, 0)] * (plane.ndim - 2) + [(margin, margin)] * 2
        closed = closing(np.pad(plane, sides, mode=beyond), size)
        return np.ascontiguousarray(closed[..., margin:-margin, margin:-margin])
    return running_min(running_min(dilated(plane, size), size, -2), size, -1)


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


def label(mask: Mask) -> tuple[NDArray[np.intp], int]:
    """Number the 8-connected components of a mask of shape (h, w).

    Returns
    -------
    labels : shape (h, w), 0 outside the mask, else 1 … count in order of first pixel, row by row
    count : the number of components
    """
    height, width = mask.shape
    steps = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(steps == 1)  # the runs of the mask, row by row
    ends = np.nonzero(steps == -1)[1]
    line = width + 2  # longer than a row, so that runs that touch are an interval of runs
    first = np.searchsorted(rows * line + ends, (rows + 1) * line + starts)
    after = np.searchsorted(rows * line + starts, (rows + 1) * line + ends, "right")
    touching = np.maximum(after - first, 0)  # how many of the next row touch each
    upper = np.repeat(np.arange(len(rows)), touching)
    lower = np.arange(len(upper)) + np.repeat(first - touching.cumsum() + touching, touching)
    roots = smallest_connected(len(rows), upper, lower)
    numbers, each = np.unique(roots, return_inverse=True)
    labels = np.zeros((height, width), np.intp)
    labels[mask] = np.repeat(each + 1, ends - starts)
    return labels, len(numbers)


def inside_edges(labels: NDArray[np.intp], count: int) -> Mask:
    """For each of the labels 0 … count whether it keeps off the edges of its plane."""
    inside = np.ones(count + 1, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        inside[edge] = False
    return inside


def smallest_connected(
    count: int, one: NDArray[np.intp], other: NDArray[np.intp]
) -> NDArray[np.intp]:
    """The smallest number connected to each of 0 … count - 1 by edges from `one` to `other`."""
    roots = np.arange(count)
    while np.any(roots[one] != roots[other]):
        smaller = np.minimum(roots[one], roots[other])
        for ends in (one, other):
            np.minimum.at(roots, roots[ends], smaller)
        while np.any(roots[roots] != roots):
            roots = roots[roots]
    return roots


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
