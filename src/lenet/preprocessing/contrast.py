"""How much the strongest strokes of an image stand out from the paper beside them.

Handwriting and print reach 0.2 and more, print shining through from the sheet's back 0.1 at most.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.preprocessing.image import Grey

SIDE = 32  # pixels a square part of the image is shrunk to
WIDE = 1.5  # width / height up to which an image is one part
FIELD = 9  # of those pixels: narrower strokes are no background
BORDER = 6  # of those pixels, along the edge: what reaches the edge and stays here is a border
INK = 0.06  # contrast from which a pixel may belong to a border
STRONGEST = 0.995  # of the pixels lie below the contrast that counts
DARKEST = 0.05  # of white: paper is no darker

Mask = NDArray[np.bool_]


def _frame(width: int) -> Mask:
    frame = np.ones((SIDE, SIDE), bool)
    frame[width:-width, width:-width] = False
    return frame


ZONE, EDGE = _frame(BORDER), _frame(1)


def ink_contrast(grey: Grey) -> float:
    """0 … 1: 1 − ink / paper, of the strongest strokes in a plane (h, w), 0 black … 1 white.

    Borders of cells, dark and along the image's edge, do not count.
    """
    height, width = grey.shape
    if width > WIDE * height:
        starts = range(0, width - height // 2, max(1, height // 2))
        return max(_of_part(grey[:, left : left + height]) for left in starts)
    return _of_part(grey)


def _of_part(grey: Grey) -> float:
    image = Image.fromarray(np.ascontiguousarray(grey, np.float32))
    small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX)).clip(0, 1)
    paper = _closed(small)
    contrast = (paper - small) / np.maximum(paper, DARKEST)
    dark = (contrast > INK) & ZONE
    if dark[EDGE].any():
        contrast[_dilated(_border(dark)) & ZONE] = 0
    return float(np.partition(contrast, _rank(contrast), None)[_rank(contrast)])


def _rank(values: Grey) -> int:
    return int(STRONGEST * (values.size - 1))


def _border(dark: Mask) -> Mask:
    """What is tied to the edge."""
    border = dark & EDGE
    while True:
        further = _dilated(border) & dark
        if np.array_equal(further, border):
            return border
        border = further


def _dilated(mask: Mask) -> Mask:
    """The mask and its 8 neighbours."""
    upright: Mask = mask.copy()
    upright[1:] |= mask[:-1]
    upright[:-1] |= mask[1:]
    wide: Mask = upright.copy()
    wide[:, 1:] |= upright[:, :-1]
    wide[:, :-1] |= upright[:, 1:]
    return wide


def _closed(grey: Grey) -> Grey:
    """Dark strokes narrower than FIELD filled up; the image goes on mirrored beyond its edge."""
    grey = np.pad(grey, FIELD - 1, mode="symmetric")
    for extreme in (np.maximum, np.minimum):
        for _ in range(2):  # along the columns, then, transposed, along the rows
            rows = len(grey) - FIELD + 1
            grey = reduce(extreme, (grey[k : k + rows] for k in range(FIELD))).T
    return grey
