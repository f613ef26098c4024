"""A line as the wide-input network sees it: its text at one height, amid 32 rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.engine.native_engine import available, kernels
from lenet.lines.oversegmentation import Segments
from lenet.network.plane import ByteArray
from lenet.preprocessing.image import Grey

LINE_HEIGHT = 32  # pixels, as the plane of a single digit
TEXT_HEIGHT = 20  # pixels that the text is brought to, as a single digit is
ASIDE = 16  # pixels of bare paper on each side: half of what one output sees


@dataclass(frozen=True)
class LineImage:
    """A line's text.

    ink : uint8 (32, w), 0 paper … 255 ink
    scale : its pixels per pixel of the line
    left, top : the line's column at its column 0, the line's row at its row 0
    """

    ink: ByteArray
    scale: float
    left: float
    top: float


def line_image_of(pieces: Segments) -> LineImage:
    """The strip of a line; of one without pieces, bare paper."""
    if not len(pieces):
        return LineImage(np.zeros((LINE_HEIGHT, 2 * ASIDE), np.uint8), 1.0, 0.0, 0.0)
    scale = TEXT_HEIGHT / pieces.height
    left, right = int(pieces.boxes[:, 1].min()), int(pieces.boxes[:, 3].max())
    middle, half = sum(pieces.band) / 2, LINE_HEIGHT / scale / 2
    top, bottom = math.floor(middle - half), math.ceil(middle + half)
    width = max(1, round((right - left) * scale))
    strip = np.zeros((LINE_HEIGHT, width + 2 * ASIDE), np.uint8)
    draw = kernels().strip if available() else strip_in_numpy
    draw(pieces.ink, pieces.labels, top, bottom, left, right, ASIDE, strip)
    return LineImage(strip, scale, left - ASIDE / scale, float(top))


def strip_in_numpy(
    ink: Grey,
    labels: NDArray[np.intp],
    top: int,
    bottom: int,
    left: int,
    right: int,
    aside: int,
    strip: ByteArray,
) -> None:
    """All pieces' ink in these rows, which may lie outside, and columns, drawn on bare paper.

    aside : columns of the strip that stay bare on each side
    """
    inside = max(0, top), min(len(ink), bottom)
    inked = np.where(labels > 0, ink, 0)[inside[0] : inside[1], left:right]
    inked = np.pad(inked, ((inside[0] - top, bottom - inside[1]), (0, 0)))
    size = strip.shape[1] - 2 * aside, strip.shape[0]
    small = Image.fromarray(inked).resize(size, Image.Resampling.BILINEAR)
    strip[:, aside : aside + size[0]] = np.rint(np.asarray(small).clip(0, 1) * 255)
