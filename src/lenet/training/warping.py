"""Warped digits from the best engine here: the kernels, or numpy where they were not built."""

from __future__ import annotations

import numpy as np

from lenet.augmentation.warp import Distortion, distort
from lenet.engine.native_engine import available, kernels
from lenet.network.plane import BYTE_TO_PLANE, ByteArray, FloatArray
from lenet.training.learner import Indices


def bent(images: ByteArray, indices: Indices, by: Distortion, stream: int) -> FloatArray:
    """Planes (n, 1, 32, 32) of digit images, bent as `data.distort.distorted` says."""
    if not available():
        return distort(images, indices, by, stream)
    given = np.ascontiguousarray(images)
    planes: FloatArray = kernels().distorted(given, indices, BYTE_TO_PLANE, by.as_array(), stream)
    return planes[:, None]
