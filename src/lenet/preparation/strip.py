"""A line as the wide-input network sees it: its text at one height, amid 32 rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from lenet.network.plane import ByteArray
from lenet.preparation.pieces import Pieces

STRIP_HEIGHT = 32  # pixels, as the plane of a single digit
TEXT_HEIGHT = 20  # pixels that the text is brought to, as a single digit is
ASIDE = 16  # pixels of bare paper on each side: half of what one output sees
TALL = 0.6  # of the text height, from which a piece shows where the text lies


def text_band(pieces: Pieces) -> tuple[float, float]:
    """The median top and bottom of the pieces that are no specks, in pixels of the line."""
    boxes = pieces.boxes
    tall = boxes[:, 2] - boxes[:, 0] > TALL * pieces.height
    boxes = boxes[tall] if tall.any() else boxes
    return float(np.median(boxes[:, 0])), float(np.median(boxes[:, 2]))


@dataclass(frozen=True)
class Strip:
    """A line's text.

    ink : uint8 (32, w), 0 paper … 255 ink
    scale : its pixels per pixel of the line
    left, top : the line's column at its column 0, the line's row at its row 0
    """

    ink: ByteArray
    scale: float
    left: float
    top: float


def strip_of(pieces: Pieces) -> Strip:
    """The strip of a line; of one without pieces, bare paper."""
    if not len(pieces):
        return Strip(np.zeros((STRIP_HEIGHT, 2 * ASIDE), np.uint8), 1.0, 0.0, 0.0)
    scale = TEXT_HEIGHT / pieces.height
    left, right = int(pieces.boxes[:, 1].min()), int(pieces.boxes[:, 3].max())
    upper, lower = text_band(pieces)
    half = STRIP_HEIGHT / scale / 2
    top, bottom = math.floor((upper + lower) / 2 - half), math.ceil((upper + lower) / 2 + half)
    inside = max(0, top), min(len(pieces.ink), bottom)
    ink = np.where(pieces.labels > 0, pieces.ink, 0)[inside[0] : inside[1], left:right]
    ink = np.pad(ink, ((inside[0] - top, bottom - inside[1]), (0, 0)))
    width = max(1, round((right - left) * scale))
    way = Image.Resampling.BILINEAR
    small = Image.fromarray(ink.astype(np.float32)).resize((width, STRIP_HEIGHT), way)
    strip = np.zeros((STRIP_HEIGHT, width + 2 * ASIDE), np.uint8)
    strip[:, ASIDE : ASIDE + width] = np.rint(np.asarray(small).clip(0, 1) * 255)
    return Strip(strip, scale, left - ASIDE / scale, float(top))
