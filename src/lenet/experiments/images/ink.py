"""Digit images as amounts of ink, 0 bare … 1 full, and back: what corruptions reckon in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.network.plane import ByteArray, FloatArray


def as_ink(images: ByteArray) -> FloatArray:
    """Float32, 0 … 1, in the shape of uint8 images."""
    ink: FloatArray = images.astype(np.float32) / np.float32(255)
    return ink


def as_bytes(ink: NDArray[np.floating[Any]]) -> ByteArray:
    """The nearest bytes; ink beyond bare or full is cut off."""
    images: ByteArray = np.rint(np.clip(ink, 0, 1) * 255).astype(np.uint8)
    return images
