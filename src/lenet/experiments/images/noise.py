"""Noise: light that comes in too few grains, and pixels that fail.

Here and in every file of corruptions each is `(images, generator) -> images`, uint8 (n, 28, 28),
and draws all it needs in one go, image by image, so that more images change nothing for the first.
"""

from __future__ import annotations

import numpy as np

from lenet.experiments.images.ink import as_bytes, as_ink
from lenet.network.plane import ByteArray

GRAINS = 3  # a pixel of full ink holds so many on average; fewer is noisier
FAILED = 0.17  # share of pixels that are either bare or full, whatever the digit


def shot_noise(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Each pixel is a Poisson count of grains; paper stays bare. As published (severity 5)."""
    return as_bytes(generator.poisson(as_ink(images) * GRAINS) / GRAINS)


def impulse_noise(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Salt and pepper, as many of each. As published (severity 4)."""
    lots = generator.random(images.shape, np.float32)
    spoilt = np.where(lots < FAILED / 2, np.uint8(255), images)
    return np.where(lots >= 1 - FAILED / 2, np.uint8(0), spoilt)
