"""How much the strongest strokes of an image stand out from the paper beside them.

Handwriting and print reach 0.2 and more, print shining through from the sheet's back 0.1 at most.
"""

from __future__ import annotations

from functools import cache

import numpy as np
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
    height, width = grey.shape
    if width > WIDE * height:
        part = max(height, width // MOST_PARTS)
        starts = range(0, width - part // 2, max(1, part // 2))
        return max(_of_part(grey[:, left : left + part], side) for left in starts)
    return _of_part(grey, side)


def _of_part(grey: Grey, side: int) -> float:
    image = Image.fromarray(np.ascontiguousarray(grey, np.float32))
    small = np.asarray(image.resize((side, side), Image.Resampling.BOX)).clip(0, 1)
    paper = closing(small, FIELD, "symmetric")
    contrast = (paper - small) / np.maximum(paper, DARKEST)
    zone, edge = _frame(side, BORDER), _frame(side, 1)
    dark = (contrast > INK) & zone
    if dark[edge].any():
        labels, _ = label(dark)
        border = np.isin(labels, labels[edge & dark])
        contrast[dilated(border, 3) & zone] = 0
    return float(np.partition(contrast, _rank(contrast), None)[_rank(contrast)])


def _rank(values: Grey) -> int:
    return int(STRONGEST * (values.size - 1))
