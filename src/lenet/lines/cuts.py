"""Candidate cuts: cheapest paths through the ink from top to bottom (hit and deflect, section X).

A path pays for the ink it crosses and a little for going aslant. All paths through all places are
weighed at once by dynamic programming; cuts are those through local minima of their price.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.preprocessing.components import label
from lenet.preprocessing.image import Grey

ASLANT = 0.03  # what a step to a neighbouring column costs, in pixels of full ink
APART = 4  # pixels between two cuts at least
BARRIER = 1.0  # pixels of ink that a path between two cuts crosses more than either
HOLE = 0.3  # what a pixel of an enclosed space costs, in pixels of full ink
LEVEL = 1e-4  # what neighbours differ by less than is one value
ENCLOSING = 0.5  # from this strength on ink encloses


def prices(ink: Grey) -> Grey:
    """For each pixel the price of the cheapest path from the top row down to it, itself included.

    ink : (h, w)
    """
    total = np.empty_like(ink)
    padded = np.full(ink.shape[1] + 2, np.inf, np.float32)
    total[0] = ink[0]
    for row in range(1, len(ink)):
        padded[1:-1] = total[row - 1]
        slanting = np.minimum(padded[:-2], padded[2:])
        slanting += np.float32(ASLANT)
        np.minimum(slanting, padded[1:-1], out=slanting)
        np.add(slanting, ink[row], out=total[row])
    return total


def cuts(ink: Grey, row: int, dearest: float) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Paths (n, h), a column for each row, from left to right, and the ink each crosses, (n,).

    row : where paths are compared; every digit is thought to cross it
    dearest : the most ink that a cut may cross, in pixels
    """
    toll = _tolled(ink)
    down, up = prices(toll), prices(toll[::-1])[::-1]
    through = down[row] + up[row] - toll[row]
    places = minima(through, dearest, BARRIER)
    paths = np.empty((len(places), ink.shape[0]), np.int64)
    paths[:, row] = places
    follow(down, row, paths, upwards=True)
    follow(up, row, paths, upwards=False)
    return paths, through[places]


def follow(priced: Grey, row: int, paths: NDArray[np.intp], *, upwards: bool) -> None:
    """Fill paths (n, h) in from this row on over the cheapest of three columns in each."""
    rows = range(row - 1, -1, -1) if upwards else range(row + 1, len(priced))
    at, last = paths[:, row], priced.shape[1] - 1
    for here in rows:
        line = priced[here]
        left, right = np.maximum(at - 1, 0), np.minimum(at + 1, last)
        price, before, after = line[at], line[left] + ASLANT, line[right] + ASLANT
        at = np.where(before < price, left, at)
        at = np.where(after < np.minimum(price, before), right, at)
        paths[:, here] = at


def _tolled(ink: Grey) -> Grey:
    """The ink, and a toll for what it encloses: the inside of a 0 is no place for a cut."""
    ground, count = label(ink <= ENCLOSING)
    inside = np.ones(count + 1, bool)
    inside[0] = False
    for edge in (ground[0], ground[-1], ground[:, 0], ground[:, -1]):
        inside[edge] = False
    return np.where(inside[ground], np.maximum(ink, np.float32(HOLE)), ink)


def minima(values: Grey, dearest: float, barrier: float) -> NDArray[np.intp]:
    """The middles of the local minima that are not above the dearest.

    barrier : between two of them the values rise by this much at least
    """
    change = np.flatnonzero(np.abs(np.diff(values)) > LEVEL)
    starts = np.concatenate([[0], change + 1])
    ends = np.concatenate([change, [len(values) - 1]])
    level = values[starts]
    left = np.concatenate([[np.inf], level[:-1]])
    right = np.concatenate([level[1:], [np.inf]])
    lowest = (level < left) & (level < right) & (level <= dearest)
    places = (starts[lowest] + ends[lowest]) // 2
    return np.array(_prominent(values, places, barrier), np.intp)


def _prominent(values: Grey, places: NDArray[np.intp], barrier: float) -> list[int]:
    """Of minima with hardly a barrier between them only the lowest."""
    kept: list[int] = []
    for place in map(int, places):
        if kept:
            before = kept[-1]
            between = float(values[before : place + 1].max())
            higher = max(float(values[before]), float(values[place]))
            if between - higher < barrier or place - before < APART:
                if values[place] < values[before]:
                    kept[-1] = place
                continue
        kept.append(place)
    return kept
