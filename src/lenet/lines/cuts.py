"""Candidate cuts: paths from the top of a line to its bottom (section X).

`cuts` finds the cheapest paths through the ink (hit and deflect): a path costs the ink it crosses
and a little for each slanting step. Dynamic programming gives the cost of all paths at once; cuts
are those at local minima. `notch_cuts` joins a notch of the upper contour with one of the lower:
two zeros that share a wall have no cheap path between them, but their outline turns in there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.preprocessing.image import Grey
from lenet.preprocessing.morphology import label

SLANT_COST = 0.03  # of a step to a neighbouring column, in pixels of full ink
HOLE_COST = 0.3  # of a pixel of an enclosed space, in pixels of full ink
ENCLOSING = 0.5  # from this strength on ink encloses
FLAT = 1e-4  # neighbours that differ by less are one value
BARRIER = 1.0  # pixels of ink that a path between two cuts crosses more than either
MIN_DISTANCE = 4  # pixels between two cuts
CONTOUR = 0.5  # from this strength on ink has a contour
NOTCH = 0.08  # of the text height: the depth of a notch
SIDEWAYS = 0.45  # of the text height: how far apart, sideways, the two ends of a cut may be
SAME = 4.0  # pixels: cuts that differ by less, in the mean over the ink, are one


def path_costs(ink: Grey) -> Grey:
    """For each pixel the cost of the cheapest path from the top row down to it, itself included.

    ink : (h, w)
    """
    total = np.empty_like(ink)
    padded = np.full(ink.shape[1] + 2, np.inf, np.float32)
    total[0] = ink[0]
    for row in range(1, len(ink)):
        padded[1:-1] = total[row - 1]
        slanting = np.minimum(padded[:-2], padded[2:])
        slanting += np.float32(SLANT_COST)
        np.minimum(slanting, padded[1:-1], out=slanting)
        np.add(slanting, ink[row], out=total[row])
    return total


def cuts(ink: Grey, row: int, max_cost: float) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Paths (n, h), a column for each row, from left to right, and the ink each crosses, (n,).

    row : where paths are compared; every digit is thought to cross it
    max_cost : the most ink that a cut may cross, in pixels
    """
    cost = _with_holes(ink)
    down, up = path_costs(cost), path_costs(cost[::-1])[::-1]
    through = down[row] + up[row] - cost[row]
    places = minima(through, max_cost, BARRIER)
    paths = np.empty((len(places), ink.shape[0]), np.int64)
    paths[:, row] = places
    _follow(down, row, paths, upwards=True)
    _follow(up, row, paths, upwards=False)
    return paths, through[places]


def _follow(costs: Grey, row: int, paths: NDArray[np.intp], *, upwards: bool) -> None:
    """Fill paths (n, h) in from this row on over the cheapest of three columns in each."""
    rows = range(row - 1, -1, -1) if upwards else range(row + 1, len(costs))
    at, last = paths[:, row], costs.shape[1] - 1
    for here in rows:
        line = costs[here]
        left, right = np.maximum(at - 1, 0), np.minimum(at + 1, last)
        cost, before, after = line[at], line[left] + SLANT_COST, line[right] + SLANT_COST
        at = np.where(before < cost, left, at)
        at = np.where(after < np.minimum(cost, before), right, at)
        paths[:, here] = at


def _with_holes(ink: Grey) -> Grey:
    """The ink, and a cost for what it encloses: the inside of a 0 is no place for a cut."""
    ground, count = label(ink <= ENCLOSING)
    inside = np.ones(count + 1, bool)
    inside[0] = False
    for edge in (ground[0], ground[-1], ground[:, 0], ground[:, -1]):
        inside[edge] = False
    return np.where(inside[ground], np.maximum(ink, np.float32(HOLE_COST)), ink)


def minima(values: Grey, max_cost: float, barrier: float) -> NDArray[np.intp]:
    """The middles of the local minima of at most max_cost.

    barrier : between two of them the values rise by this much at least
    """
    change = np.flatnonzero(np.abs(np.diff(values)) > FLAT)
    starts = np.concatenate([[0], change + 1])
    ends = np.concatenate([change, [len(values) - 1]])
    level = values[starts]
    left = np.concatenate([[np.inf], level[:-1]])
    right = np.concatenate([level[1:], [np.inf]])
    lowest = (level < left) & (level < right) & (level <= max_cost)
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
            if between - higher < barrier or place - before < MIN_DISTANCE:
                if values[place] < values[before]:
                    kept[-1] = place
                continue
        kept.append(place)
    return kept


def notch_cuts(ink: Grey, height: float, others: NDArray[np.intp]) -> NDArray[np.intp]:
    """Paths (n, h) from notch to notch that are not among the others, (m, h)."""
    mask = ink > CONTOUR
    high = len(mask)
    inked: NDArray[np.bool_] = np.asarray(mask.any(0), np.bool_)
    upper = np.where(inked, mask.argmax(0), high).astype(np.float32)
    lower = np.where(inked, high - 1 - mask[::-1].argmax(0), -1).astype(np.float32)
    above = [x for x in minima(-upper, np.inf, NOTCH * height) if inked[x]]
    below = np.array([x for x in minima(lower, np.inf, NOTCH * height) if inked[x]], np.intp)
    rows, found = np.arange(high), [*others]
    for x in above:
        if not len(below):
            break
        y = int(below[np.abs(below - x).argmin()])
        top, bottom = upper[x], lower[y]
        if abs(y - x) > SIDEWAYS * height or bottom <= top:
            continue
        path = np.rint(np.interp(rows, (top, bottom), (x, y))).astype(np.intp)
        between = slice(int(top), int(bottom) + 1)
        if all(np.abs(path[between] - old[between]).mean() > SAME for old in found):
            found.append(path)
    added = found[len(others) :]
    return np.array(added, np.intp).reshape(len(added), high)
