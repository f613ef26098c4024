"""Segments of writing: connected parts, cut where digits may touch. Their unions may be digits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import available, kernels
from lenet.lines import notch_cuts as notches
from lenet.lines.cuts import APART, ASLANT, BARRIER, ENCLOSING, HOLE, LEVEL, cuts
from lenet.preprocessing.components import label
from lenet.preprocessing.image import Grey

INKED = 0.3  # from this strength on pixels connect
CROSSED = 0.4  # pixels of ink from which a path cuts something
DEAREST = 0.26  # of the text height: the most ink that a cut may cross
FREE = 4.0  # pixels of ink that it may cross besides
LEAST = 8  # pixels of a text's height
SLIVER = 0.012  # of the squared text height: less ink is no piece of its own
TALL = 0.6  # of the text height: higher pieces are no specks, they show where the text lies
MOST_PIECES = 80  # of a line; what is beyond the largest of them is grain

CUTTING = {  # as the kernels take it
    "aslant": ASLANT,
    "hole": HOLE,
    "enclosing": ENCLOSING,
    "level": LEVEL,
    "barrier": BARRIER,
    "apart": APART,
    "outlined": notches.INKED,
    "notch": notches.NOTCH,
    "aside": notches.ASIDE,
    "same": notches.SAME,
    "inked": INKED,
    "crossed": CROSSED,
    "dearest": DEAREST,
    "free": FREE,
    "sliver": SLIVER,
    "least": LEAST,
}


@dataclass(frozen=True)
class Segments:
    """The pieces of a line, from left to right.

    ink : (h, w), 0 … 1
    labels : (h, w), 0 or 1 + the number of the pixel's piece
    boxes : (n, 4) top, left, bottom, right
    parts : (n,) which connected part each comes from
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
    def band(self) -> tuple[float, float]:
        """The text's median top and bottom, in pixels of the line; there must be pieces."""
        least = TALL * self.height
        if not available():
            return text_band_in_numpy(self.boxes, least)
        top, bottom = kernels().text_band(self.boxes, least)
        return top, bottom


def higher_than(boxes: NDArray[np.intp], least: float) -> NDArray[np.intp]:
    """Of the boxes (n, 4) those that are higher than this, or all if none is."""
    tall = boxes[:, 2] - boxes[:, 0] > least
    return boxes[tall] if tall.any() else boxes


def text_band_in_numpy(boxes: NDArray[np.intp], least: float) -> tuple[float, float]:
    """The median top and bottom of the boxes that are higher than this, or of all."""
    boxes = higher_than(boxes, least)
    return float(np.median(boxes[:, 0])), float(np.median(boxes[:, 2]))


def oversegment(ink: Grey) -> Segments:
    """Cut a line's ink of shape (h, w), 0 … 1."""
    if not available():
        return pieces_in_numpy(ink)
    ink = np.ascontiguousarray(ink, np.float32)
    labels, boxes = np.empty(ink.shape, np.int64), np.empty((MOST_PIECES, 4), np.int64)
    parts, mass = np.empty(MOST_PIECES, np.int64), np.empty(MOST_PIECES)
    count, height = kernels().pieces(ink, labels, boxes, parts, mass, **CUTTING)
    return Segments(ink, labels, boxes[:count], parts[:count], mass[:count], height)


def pieces_in_numpy(ink: Grey) -> Segments:
    """The same."""
    labels, count = label(ink > INKED)
    boxes, mass = measured_in_numpy(labels, count, ink)
    height = text_height(boxes, mass, ink.shape[0])
    sliver = SLIVER * height * height
    if count:
        by_row = ink.sum(1, np.float64)
        row = int(np.arange(len(by_row)) @ by_row / by_row.sum())
        paths, crossed = cuts(ink, row, DEAREST * height + FREE)
        paths = paths[crossed > CROSSED]
        paths = np.concatenate([paths, notches.notch_cuts(ink, height, paths)])
        labels, parts, count = _divided(labels, paths, ink, sliver)
        boxes, mass = measured_in_numpy(labels, count, ink)
    else:
        parts = np.zeros(0, np.intp)
    keep = np.flatnonzero(mass >= sliver)
    if len(keep) > MOST_PIECES:
        keep = np.sort(keep[np.argsort(-mass[keep], kind="stable")[:MOST_PIECES]])
    order = keep[np.argsort(boxes[keep, 1] + boxes[keep, 3], kind="stable")]
    new = np.zeros(count + 1, np.intp)
    new[1 + order] = 1 + np.arange(len(order))
    return Segments(ink, new[labels], boxes[order], parts[order], mass[order], height)


def measured(
    labels: NDArray[np.intp], count: int, ink: Grey
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Box (n, 4) and ink (n,) of each of the labels 1 … count."""
    if not available():
        return measured_in_numpy(labels, count, ink)
    boxes, mass = np.empty((count, 4), np.int64), np.empty(count)
    kernels().measured(np.ascontiguousarray(labels), np.ascontiguousarray(ink), boxes, mass)
    return boxes, mass


def measured_in_numpy(
    labels: NDArray[np.intp], count: int, ink: Grey
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The same, from the places of all ink."""
    rows, columns = np.nonzero(labels)
    at = labels[rows, columns] - 1
    height, width = labels.shape
    boxes = np.tile(np.array([height, width, 0, 0], np.intp), (count, 1))
    np.minimum.at(boxes[:, 0], at, rows)
    np.minimum.at(boxes[:, 1], at, columns)
    np.maximum.at(boxes[:, 2], at, rows + 1)
    np.maximum.at(boxes[:, 3], at, columns + 1)
    return boxes, np.bincount(at, ink[rows, columns], count).astype(np.float64)


def text_height(boxes: NDArray[np.intp], mass: NDArray[np.float64], most: int) -> float:
    """The height that half of the ink is in parts of at most."""
    if not len(boxes):
        return float(most)
    heights = boxes[:, 2] - boxes[:, 0]
    order = np.argsort(heights, kind="stable")
    total = np.cumsum(mass[order])
    return float(max(LEAST, heights[order][np.searchsorted(total, total[-1] / 2)]))


def _divided(
    labels: NDArray[np.intp], paths: NDArray[np.intp], ink: Grey, sliver: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Labels of parts between the paths, the part each is of, and their number."""
    rows, columns = np.nonzero(labels)
    region = (paths[:, rows] < columns).sum(0)
    stride = len(paths) + 1
    keys, at = np.unique(labels[rows, columns] * stride + region, return_inverse=True)
    mass = np.bincount(at, ink[rows, columns])
    target = np.arange(len(keys))
    for k in np.argsort(mass, kind="stable"):  # slivers join their part's nearest piece
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
