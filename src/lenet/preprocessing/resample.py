"""Planes of another size: the same bits from every release of Pillow, and from the kernels."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lenet.preprocessing.image import Grey


def resample(plane: Grey, height: int, width: int, filter_name: str) -> Grey:
    """A plane of shape (h, w) brought to (height, width) by "BOX", "BILINEAR" or "BICUBIC".

    One axis at a time: the rows first where they lose more than twice what the columns lose, as
    Pillow 13 does by itself; earlier releases begin with the columns.
    """
    tall, broad = plane.shape
    rows_first = height < tall and tall - height > 2 * (broad - width)
    between = (broad, height) if rows_first else (width, tall)
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    way = Image.Resampling[filter_name]
    return np.asarray(image.resize(between, way).resize((width, height), way))
