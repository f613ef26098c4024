"""A digit's ink as MNIST has it: fitted to 20×20 and centred by mass in 28×28 (section III-A)."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.preparation.box import Box
from lenet.preparation.image import Grey

BOX_SIDE = 20  # pixels of the square that the digit fits


def ink_box(ink: Grey, threshold: float = 0.5) -> Box | None:
    rows, columns = (np.flatnonzero((ink >= threshold).any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def centre(ink: Grey) -> ByteArray:
    box = ink_box(ink)
    assert box is not None
    digit = Image.fromarray(ink[box.inside].astype(np.float32))
    scale = BOX_SIDE / max(box.height, box.width)
    size = (max(1, round(box.width * scale)), max(1, round(box.height * scale)))
    small = np.asarray(digit.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC))
    small = small.clip(0, 1)
    rows, columns = np.indices(small.shape)
    top = round(14 - 0.5 - float((rows * small).sum() / small.sum()))
    left = round(14 - 0.5 - float((columns * small).sum() / small.sum()))
    top, left = (min(max(a, 0), DIGIT_SIDE - n) for a, n in zip((top, left), small.shape, strict=True))
    image = np.zeros((DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    image[top : top + small.shape[0], left : left + small.shape[1]] = (small * 255).round()
    return image
