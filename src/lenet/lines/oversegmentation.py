"""Over-segmentation: connected components, cut wherever digits may touch (section X).

Unions of neighbouring segments are the candidates for digits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lenet.lines.cuts import cuts, notch_cuts
from lenet.preprocessing.image import Grey
from lenet.preprocessing.morphology import label, measure, running_max, sum_in_order

INKED = 0.3  # from this strength on pixels connect
MIN_CROSSED = 0.4  # pixels of ink from which a path cuts something
MAX_CROSSED = 0.26  # of the text height: the most ink that a cut may cross
FREE = 4.0  # pixels of ink that it may cross besides
MIN_HEIGHT = 8  # pixels of a text's height
SLIVER = 0.012  # of the squared text height: less ink is no segment of its own
TALL = 0.6  # of the text height: higher segments are no specks, they show where the text lies
MAX_SEGMENTS = 80  # of a line; what is beyond the largest of them is grain
PEN = 0.18  # of the text height: thin upright strokes get this thick, as the networks know 1s
STROKE_WIDTH = 0.3  # of the text height: wider segments are no upright strokes
SHORTEST, LONGEST = 0.7, 1.45  # of the text height: an upright stroke's own
TOPS, BOTTOMS = 0.2, 0.45  # of the text height: how far a stroke's ends lie off the text's


@dataclass(frozen=True)
class Segments:
    """The segments of a line, from left to right.

    ink : (h, w), 0 … 1
    labels : (h, w), 0 or 1 + the number of the pixel's segment
    boxes : (n, 4) top, left, bottom, right
    parts : (n,) the connected component each comes from
    mass : (n,) ink, in pixels
    height : of the text, in pixels
    """

    ink: Grey
    labels: NDArray[np.intp]
    boxes: NDArray[np.intp]
    parts: NDArray[np.intp]
    mass: NDArray[np.float64]
    height: float

    def __len__(self) -> int:
        return len(self.boxes)

    @cached_property
    def tall(self) -> NDArray[np.intp]:
        """The boxes (n, 4) of segments that are no specks, or all if there are only specks."""
        tall = self.boxes[:, 2] - self.boxes[:, 0] > TALL * self.height
        return self.boxes[tall] if tall.any() else self.boxes

    @cached_property
    def part_heights(self) -> NDArray[np.intp]:
        """The height of the connected component that each segment comes from, (n,)."""
        ends = np.zeros((int(self.parts.max(initial=-1)) + 1, 2), np.intp)
        ends[:, 0] = len(self.ink)
        np.minimum.at(ends[:, 0], self.parts, self.boxes[:, 0])
        np.maximum.at(ends[:, 1], self.parts, self.boxes[:, 2])
        return (ends[:, 1] - ends[:, 0])[self.parts]

    @cached_property
    def band(self) -> tuple[float, float]:
        """The text's median top and bottom, in pixels of the line; there must be segments."""
        return float(np.median(self.tall[:, 0])), float(np.median(self.tall[:, 2]))


def oversegment(ink: Grey) -> Segments:
    """Cut a line's ink of shape (h, w), 0 … 1."""
    labels, count = label(ink > INKED)
    boxes, mass = measure(labels, count, ink)
    height = text_height(boxes, mass, ink.shape[0])
    sliver = SLIVER * height * height
    if count:
        by_row = ink.sum(1, np.float64)
        row = int(np.arange(len(by_row)) @ by_row / by_row.sum())
        paths, crossed = cuts(ink, row, MAX_CROSSED * height + FREE)
        paths = paths[crossed > MIN_CROSSED]
        paths = np.concatenate([paths, notch_cuts(ink, height, paths)])
        labels, parts, count = _divided(labels, paths, ink, sliver)
        boxes, mass = measure(labels, count, ink)
    else:
        parts = np.zeros(0, np.intp)
    keep = np.flatnonzero(mass >= sliver)
    if len(keep) > MAX_SEGMENTS:
        keep = np.sort(keep[np.argsort(-mass[keep], kind="stable")[:MAX_SEGMENTS]])
    order = keep[np.argsort(boxes[keep, 1] + boxes[keep, 3], kind="stable")]
    new = np.zeros(count + 1, np.intp)
    new[1 + order] = 1 + np.arange(len(order))
    found = Segments(ink, new[labels], boxes[order], parts[order], mass[order], height)
    return _with_thick_strokes(found) if len(found) else found


def _with_thick_strokes(of: Segments) -> Segments:
    """The segments, 1s of a thin pen drawn thicker: the networks take those for ruled lines.

    A 1 stands alone, begins and ends about where the text does, and reaches no edge as dividers do.
    """
    high, wide = of.boxes[:, 2] - of.boxes[:, 0], of.boxes[:, 3] - of.boxes[:, 1]
    reach = np.rint((PEN * of.height - of.mass / high) / 2).astype(np.intp)
    thin = (reach > 0) & (wide <= STROKE_WIDTH * of.height)
    thin &= (high >= SHORTEST * of.height) & (high <= LONGEST * of.height)
    thin &= np.bincount(of.parts)[of.parts] == 1
    others = of if thin.all() else replace(of, boxes=of.boxes[~thin])
    offset = np.abs(of.boxes[:, ::2] - others.band)
    thin &= (offset <= np.array([TOPS, BOTTOMS]) * of.height).all(1)
    thin &= (of.boxes[:, :2] > 1).all(1) & (of.boxes[:, 2:] < np.array(of.ink.shape) - 1).all(1)
    ink, labels, boxes, mass = of.ink.copy(), of.labels.copy(), of.boxes.copy(), of.mass.copy()
    for k in np.flatnonzero(thin):
        top, left, bottom, right = boxes[k]
        boxes[k, 1::2] = max(0, left - reach[k]), min(ink.shape[1], right + reach[k])
        within = slice(top, bottom), slice(*boxes[k, 1::2])
        here, named = ink[within], labels[within]
        drawn = running_max(np.where(named == k + 1, here, 0), int(2 * reach[k] + 1), 1)
        free = (drawn > INKED) & ((named == 0) | (named == k + 1))
        np.copyto(here, np.maximum(here, drawn), where=free)
        named[free] = k + 1
        mass[k] = sum_in_order(here[named == k + 1], 0)
    return replace(of, ink=ink, labels=labels, boxes=boxes, mass=mass)


def text_height(boxes: NDArray[np.intp], mass: NDArray[np.float64], otherwise: int) -> float:
    """The median height of components, weighted by their ink; without any, the line's."""
    if not len(boxes):
        return float(otherwise)
    heights = boxes[:, 2] - boxes[:, 0]
    order = np.argsort(heights, kind="stable")
    total = np.cumsum(mass[order])
    return float(max(MIN_HEIGHT, heights[order][np.searchsorted(total, total[-1] / 2)]))


def _divided(
    labels: NDArray[np.intp], paths: NDArray[np.intp], ink: Grey, sliver: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Labels of components between the paths, the component of each, and their number."""
    rows, columns = np.nonzero(labels)
    region = (paths[:, rows] < columns).sum(0)
    stride = len(paths) + 1
    keys, at = np.unique(labels[rows, columns] * stride + region, return_inverse=True)
    mass = np.bincount(at, ink[rows, columns])
    target = np.arange(len(keys))
    for k in np.argsort(mass, kind="stable"):  # slivers join their component's nearest segment
        if mass[k] >= sliver:
            break
        same = [n for n in (k - 1, k + 1) if 0 <= n < len(keys)]
        same = [n for n in same if keys[n] // stride == keys[k] // stride]
        if same:
            best = max(same, key=lambda n: mass[n])
            target[k] = best
    while not np.array_equal(target, target[target]):
        following = target[target]
        loops = following == np.arange(len(target))
        target = np.where(loops, np.minimum(target, np.arange(len(target))), following)
    roots, number = np.unique(target, return_inverse=True)
    divided = np.zeros_like(labels)
    divided[rows, columns] = 1 + number[at]
    return divided, keys[roots] // stride, len(roots)
