"""Ruled lines and cell borders: long thin runs of ink, but for the strokes across them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import available, kernels
from lenet.preprocessing.filters import running_max
from lenet.preprocessing.image import Grey

LONG = 0.4  # of the image's width, from which a horizontal run is a line and no stroke
LONGER = 1.0  # of the image's height: shorter ones are bars of a 7 or a 4
TALL = 0.8  # of the image's height, from which a vertical run near the sides is a border
SIDES = 0.12  # of the image's width on each side, where borders stand
THIN = 0.13  # of the image's height: thicker runs are writing
PAGE_LONG = 0.1  # of a page's longer side, from which a run on it is a line
PAGE_THIN = 0.01  # of a page's longer side: thicker runs are writing
PAGE_LEAST = 40  # pixels: shorter runs on a page are writing
INKED = 0.4

Mask = NDArray[np.bool_]


def remove_ruled_lines(ink: Grey, *, page: bool = False) -> Grey:
    """The ink of a line of writing, shape (h, w), 0 … 1, without ruled lines and borders.

    page : it is a whole page; lines of any place and of at least PAGE_LONG go, both ways
    """
    height, width = ink.shape
    if page:
        longer = max(height, width)
        along = upright = max(PAGE_LEAST, round(PAGE_LONG * longer))
        edge, thin = width, int(PAGE_THIN * longer)
    else:
        along, upright = round(max(LONG * width, LONGER * height)), round(TALL * height)
        edge, thin = max(2, round(SIDES * width)), int(THIN * height)
    if not available():
        return remove_ruled_lines_in_numpy(ink, along, upright, edge, thin)
    kept = np.empty(ink.shape, np.float32)
    given = np.ascontiguousarray(ink, np.float32)
    kernels().remove_ruled_lines(given, INKED, along, upright, edge, thin, kept)
    return kept


def remove_ruled_lines_in_numpy(ink: Grey, along: int, upright: int, edge: int, thin: int) -> Grey:
    """The ink without runs of these lengths along rows, or along columns near the sides.

    edge : columns on each side that are near it;  thin : pixels, thicker runs stay
    """
    mask = ink > INKED
    sides = np.zeros(ink.shape[1], bool)
    sides[:edge] = sides[-edge:] = True
    rules = _rules(mask, along, 1, thin) | _rules(mask & sides, upright, 0, thin)
    soft = rules
    for axis in (0, 1):  # their faint edges too
        soft = running_max(soft, 3, axis)
    kept: Grey = np.where(soft & ~(mask & ~rules), 0, ink)
    return kept


def _rules(mask: Mask, length: int, axis: int, thin: int) -> Mask:
    """The pixels of runs along this axis of at least this length, where they are thin across it."""
    joined = running_max(mask, 3, 1 - axis)  # a slanting line changes rows
    runs = _opened(joined, length, axis) & mask
    if not runs.any():
        return runs
    return runs & (run_lengths(mask, 1 - axis) <= thin)


def _opened(mask: Mask, length: int, axis: int) -> Mask:
    """What lies in unbroken runs of at least this length along the axis."""
    return run_lengths(mask, axis) >= length


def run_lengths(mask: Mask, axis: int) -> NDArray[np.intp]:
    """For each pixel of the mask how long its run along the axis is; 0 elsewhere."""
    rows = mask if axis else mask.T
    padded = np.zeros((rows.shape[0], rows.shape[1] + 1), np.int8)
    padded[:, :-1] = rows
    change = np.diff(padded.ravel(), prepend=0)
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    lengths = np.zeros(padded.size, np.intp)
    lengths[padded.ravel() > 0] = np.repeat(ends - starts, ends - starts)
    found: NDArray[np.intp] = lengths.reshape(padded.shape)[:, :-1]
    return found if axis else found.T
