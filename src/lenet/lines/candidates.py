"""Candidates: unions of neighbouring pieces, each as the network sees it, with its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import available, kernels
from lenet.errors import InputError
from lenet.lines.oversegmentation import TALL, Segments, text_band_in_numpy
from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray
from lenet.preprocessing.centre import CENTRING, centre_in_numpy

MOST_JOINED = 5  # pieces of a candidate
WIDEST = 1.7  # of the text height: wider unions are no digit
FEATURES = 12


@dataclass(frozen=True)
class Candidates:
    """Arcs of the segmentation graph: pieces first … last − 1 taken together.

    first, last : (n,)
    images : uint8 (n, 28, 28), 0 paper … 255 ink
    boxes : (n, 4) top, left, bottom, right in the line
    context : (n, FEATURES) size and position relative to the text
    """

    first: NDArray[np.intp]
    last: NDArray[np.intp]
    images: ByteArray
    boxes: NDArray[np.intp]
    context: FloatArray

    def __len__(self) -> int:
        return len(self.first)


def candidates_of(pieces: Segments) -> Candidates:
    """Every union of up to MOST_JOINED neighbouring pieces that is not too wide for a digit."""
    if not available() or not len(pieces):
        return candidates_in_numpy(pieces)
    most = MOST_JOINED * len(pieces)
    first, last, boxes = (np.empty((most, *shape), np.intp) for shape in ((), (), (4,)))
    images = np.empty((most, DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    places = np.empty((most, FEATURES), np.float32)
    count = kernels().candidates(
        *(pieces.ink, pieces.labels, pieces.boxes, pieces.parts, pieces.mass),
        *(pieces.height, pieces.band, MOST_JOINED, WIDEST * pieces.height, *CENTRING),
        *(first, last, images, boxes, places),
    )
    return Candidates(first[:count], last[:count], images[:count], boxes[:count], places[:count])


def candidates_in_numpy(pieces: Segments) -> Candidates:
    """The same."""
    arcs: list[tuple[int, int]] = []
    boxes: list[NDArray[np.intp]] = []
    for i in range(len(pieces)):
        box = pieces.boxes[i].copy()
        for j in range(i, min(i + MOST_JOINED, len(pieces))):
            box[:2] = np.minimum(box[:2], pieces.boxes[j, :2])
            box[2:] = np.maximum(box[2:], pieces.boxes[j, 2:])
            if j > i and box[3] - box[1] > WIDEST * pieces.height:
                break
            arcs.append((i, j + 1))
            boxes.append(box.copy())
    images = np.zeros((len(arcs), DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    for k, ((i, j), box) in enumerate(zip(arcs, boxes, strict=True)):
        top, left, bottom, right = box
        named = pieces.labels[top:bottom, left:right]
        ink = np.where((named > i) & (named <= j), pieces.ink[top:bottom, left:right], 0)
        try:
            images[k] = centre_in_numpy(ink)
        except InputError:  # all of it is fainter than ink
            continue
    first, last = np.array(arcs, np.intp).reshape(-1, 2).T
    found = np.array(boxes, np.intp).reshape(-1, 4)
    return Candidates(first, last, images, found, context_features(pieces, first, last, found))


def context_features(
    pieces: Segments, first: NDArray[np.intp], last: NDArray[np.intp], boxes: NDArray[np.intp]
) -> FloatArray:
    """What the 28×28 does not show: size, height on the line, neighbours, edges. (n, FEATURES)"""
    if not len(first):
        return np.zeros((0, FEATURES), np.float32)
    high, wide = pieces.ink.shape
    top, left, bottom, right = boxes.T.astype(np.float64)
    upper, lower = text_band_in_numpy(pieces.boxes, TALL * pieces.height)
    before = np.where(first > 0, pieces.boxes[np.maximum(first - 1, 0), 3], -wide)
    after = np.where(
        last < len(pieces), pieces.boxes[np.minimum(last, len(pieces) - 1), 1], 2 * wide
    )
    cut_left = (first > 0) & (pieces.parts[np.maximum(first - 1, 0)] == pieces.parts[first])
    following = np.minimum(last, len(pieces) - 1)
    cut_right = (last < len(pieces)) & (pieces.parts[following] == pieces.parts[last - 1])
    mass = np.concatenate([[0], np.cumsum(pieces.mass)])
    unit = pieces.height
    columns = [
        (bottom - top) / unit,
        (right - left) / unit,
        (top - upper) / unit,
        (bottom - lower) / unit,
        ((left - before) / unit).clip(-1, 1),
        ((after - right) / unit).clip(-1, 1),
        cut_left,
        cut_right,
        (last - first) / MOST_JOINED,
        (top <= 1) | (bottom >= high - 1),
        (left <= 1) | (right >= wide - 1),
        (mass[last] - mass[first]) / (unit * unit) * 4,
    ]
    return np.stack(columns, 1).astype(np.float32).clip(-3, 3)
