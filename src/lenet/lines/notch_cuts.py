"""Cuts between a notch of the upper contour and one of the lower, however much ink lies between.

Two zeros that share a wall are touched nowhere lightly; what shows their border is where the
outline turns in, above and below (section X's contour distance).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.lines.cuts import minima
from lenet.preprocessing.image import Grey

INKED = 0.5
NOTCH = 0.08  # of the text height: a notch is this deep at least
ASIDE = 0.45  # of the text height: so far apart, sideways, the two ends of a cut are at most
SAME = 4.0  # pixels that two cuts differ by, in the mean over the ink, if they are two


def notch_cuts(ink: Grey, height: float, others: NDArray[np.intp]) -> NDArray[np.intp]:
    """Paths (n, h) from notch to notch that are not among the others, (m, h)."""
    mask = ink > INKED
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
        if abs(y - x) > ASIDE * height or bottom <= top:
            continue
        path = np.rint(np.interp(rows, (top, bottom), (x, y))).astype(np.intp)
        between = slice(int(top), int(bottom) + 1)
        if all(np.abs(path[between] - old[between]).mean() > SAME for old in found):
            found.append(path)
    added = found[len(others) :]
    return np.array(added, np.intp).reshape(len(added), high)
