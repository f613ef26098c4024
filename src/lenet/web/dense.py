"""The fully connected baseline of the page, run in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.network.connection_graph import PLACE_CODES
from lenet.network.plane import BYTE_TO_PLANE, ByteArray, FloatArray, check_digit_images


def weight_of(tensors: Mapping[str, NDArray[Any]], layer: str) -> FloatArray:
    """A layer's weights: the stored whole numbers times their rows' scales."""
    rows: FloatArray = tensors[f"{layer}.weight"] * tensors[f"{layer}.weight.scale"][:, None]
    return rows


def penalties_of(tensors: Mapping[str, NDArray[Any]], images: ByteArray) -> FloatArray:
    """(n, 10) for digit images, uint8 (n, 28, 28): squared distance of the last layer to its codes.

    The codes are +1 for the class and −1 for the nine others; the lowest wins.
    """
    values = BYTE_TO_PLANE[check_digit_images(images).reshape(len(images), -1)]
    for layer in ("layer1", "layer2"):
        sums = values @ weight_of(tensors, layer).T + tensors[f"{layer}.bias"]
        values = np.float32(1.7159) * np.tanh(sums * np.float32(2 / 3))
    penalties: FloatArray = np.square(values[:, None] - PLACE_CODES).sum(2)
    return penalties
