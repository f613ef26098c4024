"""How much the strongest strokes of an image stand out from the paper beside them.

Handwriting and print reach 0.2 and more, print shining through from the sheet's back 0.1 at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.preprocessing.image import Grey
from lenet.preprocessing.morphology import Mask, closing, dilated, label

SIDE = 32  # pixels a square part of the image is shrunk to, as a rule
MOST_PARTS = 64  # side by side; those of longer threads of pixels are wider than high
WIDE = 1.5  # width / height up to which an image is one part
FIELD = 9  # of those pixels: narrower strokes are no background
BORDER = 6  # of those pixels, along the edge: what reaches the edge and stays here is a border
INK = 0.06  # contrast from which a pixel may belong to a border
STRONGEST = 0.995  # of the pixels lie below the contrast that counts
DARKEST = 0.05  # of white: paper is no darker


@cache
def _frame(side: int, width: int) -> Mask:
    frame = np.ones((side, side), bool)
    frame[width:-width, width:-width] = False
    return frame


def ink_contrast(grey: Grey, side: int = SIDE) -> float:
    """0 … 1: 1 − ink / paper, of the strongest strokes in a plane (h, w), 0 black … 1 white.

    side : pixels that a square part is shrunk to; a page, with small writing, needs more

    Borders of cells, dark and along the image's edge, do not count.
    """
    return ink_contrasts([grey], side)[0]


def ink_contrasts(planes: Sequence[Grey], side: int = SIDE) -> list[float]:
    """`ink_contrast` of each of several planes, such as a row of cells, in less time."""
    split = [_square_parts(grey) for grey in planes]
    contrasts = iter(_of_parts(list(chain(*split)), side).tolist())
    return [max(islice(contrasts, len(parts))) for parts in split]


def _square_parts(grey: Grey) -> list[Grey]:
    """A plane, or the parts of a wide one: as wide as high, each half over the next."""
    height, width = grey.shape
    if width <= WIDE * height:
        return [grey]
    part = max(height, width // MOST_PARTS)
    starts = range(0, width - part // 2, max(1, part // 2))
    return [grey[:, left : left + part] for left in starts]


def _of_parts(parts: list[Grey], side: int) -> NDArray[np.float32]:
    """The contrast of each of n planes."""
    size, way = (side, side), Image.Resampling.BOX
    images = (Image.fromarray(np.ascontiguousarray(part, np.float32)) for part in parts)
    small = np.stack([np.asarray(image.resize(size, way)) for image in images]).clip(0, 1)
    paper = closing(small, FIELD, "symmetric")
    contrast = (paper - small) / np.maximum(paper, DARKEST)
    zone, edge = _frame(side, BORDER), _frame(side, 1)
    dark = (contrast > INK) & zone
    for k in np.flatnonzero(dark[:, edge].any(1)):
        labels, _ = label(dark[k])
        border = np.isin(labels, labels[edge & dark[k]])
        contrast[k][dilated(border, 3) & zone] = 0
    values = contrast.reshape(len(parts), -1)
    rank = int(STRONGEST * (values.shape[1] - 1))
    strongest: NDArray[np.float32] = np.partition(values, rank, 1)[:, rank]
    return strongest
