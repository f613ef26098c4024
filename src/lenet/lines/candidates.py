"""What the networks see of a line: candidates for digits, and the line image.

A candidate is a union of neighbouring segments, centred in 28×28 as a single digit is, with context
features. The line image, for the SDNN, shows the text at one height amid 32 rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.lines.oversegmentation import Segments
from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray
from lenet.preprocessing.prepare import NumpyDigitPreparation
from lenet.preprocessing.resample import resample

MAX_JOINED = 5  # segments of a candidate
MAX_WIDTH = 1.7  # of the text height: wider unions are no digit
FEATURES = 12
LINE_HEIGHT = 32  # pixels, as the plane of a single digit
TEXT_HEIGHT = 20  # pixels that the text is brought to, as a single digit is
MARGIN = 16  # pixels of bare paper on each side: half of what one output sees


@dataclass(frozen=True)
class Candidates:
    """Arcs of the segmentation graph: segments first … last − 1 taken together.

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


class LineImage(NamedTuple):
    """A line's text.

    ink : uint8 (32, w), 0 paper … 255 ink
    scale : its pixels per pixel of the line
    left, top : the line's column at its column 0, the line's row at its row 0
    """

    ink: ByteArray
    scale: float
    left: float
    top: float


def candidates_of(segments: Segments) -> Candidates:
    """Every union of up to MAX_JOINED neighbouring segments that is not too wide for a digit."""
    arcs: list[tuple[int, int]] = []
    boxes: list[NDArray[np.intp]] = []
    for i in range(len(segments)):
        box = segments.boxes[i].copy()
        for j in range(i, min(i + MAX_JOINED, len(segments))):
            box[:2] = np.minimum(box[:2], segments.boxes[j, :2])
            box[2:] = np.maximum(box[2:], segments.boxes[j, 2:])
            if j > i and box[3] - box[1] > MAX_WIDTH * segments.height:
                break
            arcs.append((i, j + 1))
            boxes.append(box.copy())
    images = np.zeros((len(arcs), DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    for k, ((i, j), (top, left, bottom, right)) in enumerate(zip(arcs, boxes, strict=True)):
        named = segments.labels[top:bottom, left:right]
        ink = np.where((named > i) & (named <= j), segments.ink[top:bottom, left:right], 0)
        image = NumpyDigitPreparation().centred(ink)
        if image is not None:  # not all of it is fainter than ink
            images[k] = image
    first, last = np.array(arcs, np.intp).reshape(-1, 2).T
    found = np.array(boxes, np.intp).reshape(-1, 4)
    context = context_features(segments, first, last, found)
    return Candidates(first, last, images, found, context)


def context_features(
    segments: Segments, first: NDArray[np.intp], last: NDArray[np.intp], boxes: NDArray[np.intp]
) -> FloatArray:
    """What the 28×28 does not show: size, height on the line, neighbours, edges; (n, FEATURES)."""
    if not len(first):
        return np.zeros((0, FEATURES), np.float32)
    high, wide = segments.ink.shape
    top, left, bottom, right = boxes.T.astype(np.float64)
    upper, lower = segments.band
    before = np.where(first > 0, segments.boxes[np.maximum(first - 1, 0), 3], -wide)
    after = np.where(
        last < len(segments), segments.boxes[np.minimum(last, len(segments) - 1), 1], 2 * wide
    )
    cut_left = (first > 0) & (segments.parts[np.maximum(first - 1, 0)] == segments.parts[first])
    following = np.minimum(last, len(segments) - 1)
    cut_right = (last < len(segments)) & (segments.parts[following] == segments.parts[last - 1])
    mass = np.concatenate([[0], np.cumsum(segments.mass)])
    unit = segments.height
    columns = [
        (bottom - top) / unit,
        (right - left) / unit,
        (top - upper) / unit,
        (bottom - lower) / unit,
        ((left - before) / unit).clip(-1, 1),
        ((after - right) / unit).clip(-1, 1),
        cut_left,
        cut_right,
        (last - first) / MAX_JOINED,
        (top <= 1) | (bottom >= high - 1),
        (left <= 1) | (right >= wide - 1),
        (mass[last] - mass[first]) / (unit * unit) * 4,
    ]
    return np.stack(columns, 1).astype(np.float32).clip(-3, 3)


def line_image_of(segments: Segments) -> LineImage:
    """The line image; of a line without segments, bare paper."""
    if not len(segments):
        return LineImage(np.zeros((LINE_HEIGHT, 2 * MARGIN), np.uint8), 1.0, 0.0, 0.0)
    scale = TEXT_HEIGHT / segments.height
    left, right = int(segments.boxes[:, 1].min()), int(segments.boxes[:, 3].max())
    middle, half = sum(segments.band) / 2, LINE_HEIGHT / scale / 2
    top, bottom = math.floor(middle - half), math.ceil(middle + half)
    rows = max(0, top), min(len(segments.ink), bottom)
    inked = np.where(segments.labels > 0, segments.ink, 0)[slice(*rows), left:right]
    inked = np.pad(inked, ((rows[0] - top, bottom - rows[1]), (0, 0)))
    width = max(1, round((right - left) * scale))
    small = resample(inked, LINE_HEIGHT, width, "BILINEAR")
    image = np.zeros((LINE_HEIGHT, width + 2 * MARGIN), np.uint8)
    image[:, MARGIN : MARGIN + width] = np.rint(small.clip(0, 1) * 255)
    return LineImage(image, scale, left - MARGIN / scale, float(top))
