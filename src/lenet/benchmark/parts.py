"""Many images in parts of 64, for the peers that take a batch in one go."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lenet.network.plane import ByteArray, FloatArray

# The maps of 64 images fit the cache, so 1,024 take up to a quarter less time than in one go, and
# what is compiled for one size is compiled for two of them: 1 and 64.
PART = 64


def in_parts(answer: Callable[[ByteArray], FloatArray], images: ByteArray) -> FloatArray:
    """Penalties (n, 10) of images (n, 28, 28); the last part is filled up with bare paper."""
    if len(images) == 1:
        return answer(images)
    whole = len(images) // PART * PART
    parts = [answer(images[start : start + PART]) for start in range(0, whole, PART)]
    if whole < len(images):
        rest = np.zeros((PART, *images.shape[1:]), np.uint8)
        rest[: len(images) - whole] = images[whole:]
        parts.append(answer(rest)[: len(images) - whole])
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
