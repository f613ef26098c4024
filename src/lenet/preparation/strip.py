"""A line as one strip of the height that digits have in the network's field, for its wide form."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.preparation.centre import BOX_SIDE
from lenet.preparation.pieces import Pieces

SIDE = DIGIT_SIDE // 2  # columns of bare paper before and after the line


class Strip(NamedTuple):
    """The line's ink, uint8 (28, w), with SIDE bare columns at both ends.

    A column x of the line lies at column SIDE + scale · x.
    """

    image: ByteArray
    scale: float


def strip_of(pieces: Pieces) -> Strip:
    """The pieces' ink so that the text is 20 pixels high and stands in the middle of 28."""
    scale = BOX_SIDE / pieces.height
    tall = pieces.boxes[:, 2] - pieces.boxes[:, 0] > 0.6 * pieces.height
    rows = pieces.boxes[tall] if tall.any() else pieces.boxes
    middle = float((np.median(rows[:, 0]) + np.median(rows[:, 2])) / 2) if len(rows) else 0.0
    ink = np.where(pieces.labels > 0, pieces.ink, 0)
    width = max(1, round(ink.shape[1] * scale))
    half = DIGIT_SIDE / 2 / scale
    image = Image.fromarray(ink)
    high = image.transform(
        (ink.shape[1], max(1, round(2 * half))),
        Image.Transform.AFFINE,
        (1, 0, 0, 0, 1, middle - half),
        Image.Resampling.BILINEAR,
    )
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    strip = np.asarray(high.resize((width, DIGIT_SIDE), way)).clip(0, 1)
    strong = strip[strip > 0.1]
    if strong.size:
        strip = (strip / np.quantile(strong, 0.75)).clip(0, 1)
    return Strip(np.pad((strip * 255).round().astype(np.uint8), ((0, 0), (SIDE, SIDE))), scale)
