"""Blur: a digit behind frosted glass, and one that moved."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from lenet.experiments.images.ink import as_bytes, as_ink
from lenet.network.plane import DIGIT_SIDE, ByteArray

GLASS_BLUR = 0.7  # σ, pixels, before and after the pixels are moved
GLASS_REACH = 1  # pixels
GLASS_ROUNDS = 2

MOTION_REACH = 10  # pixels either side in ImageMagick's count: 21 weights on one side
MOTION_BLUR = 3.0  # σ of the half Gaussian, pixels
MOTION_TURN = 45.0  # degrees, most


def glass_blur(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Blur, pixels that change places with a neighbour above or left, blur again.

    As published (severity 1), down to a shift of −1 or 0 only and borders that stay.
    """
    ink = gaussian_filter(as_ink(images), (0, GLASS_BLUR, GLASS_BLUR), mode="nearest")
    places = range(DIGIT_SIDE - GLASS_REACH, GLASS_REACH, -1)
    swaps = [(row, column) for _ in range(GLASS_ROUNDS) for row in places for column in places]
    size = (len(images), len(swaps), 2)
    moves = generator.integers(-GLASS_REACH, GLASS_REACH, size, np.int8)
    pixels = np.ascontiguousarray(ink.reshape(len(ink), -1).T)  # (784, n): a swap touches one row
    every = np.arange(len(images))
    for (row, column), move in zip(swaps, moves.transpose(1, 2, 0), strict=True):
        up, aside = move.astype(np.intp)  # int8 would overflow below
        here, there = row * DIGIT_SIDE + column, (row + up) * DIGIT_SIDE + column + aside
        kept = pixels[here].copy()
        pixels[here] = pixels[there, every]
        pixels[there, every] = kept
    moved = pixels.T.reshape(ink.shape)
    return as_bytes(gaussian_filter(moved, (0, GLASS_BLUR, GLASS_BLUR), mode="nearest"))


def motion_blur(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """A trail to one side, its direction within 45° of level. As published (severity 1).

    As in ImageMagick, which MNIST-C calls, the trail goes through the nearest pixels; beyond the
    image we take bare paper.
    """
    turns = np.radians(generator.uniform(-MOTION_TURN, MOTION_TURN, len(images)))
    steps = np.arange(2 * MOTION_REACH + 1)
    weights = np.exp(-(steps**2) / (2 * MOTION_BLUR**2)).astype(np.float32)
    weights /= weights.sum()
    pad = int(steps[-1])
    wide = np.pad(as_ink(images), ((0, 0), (pad, pad), (pad, pad)))
    rows = np.arange(pad, pad + DIGIT_SIDE)
    every = np.arange(len(images))[:, None, None]
    trail = np.zeros(images.shape, np.float32)
    for step, weight in zip(steps, weights, strict=True):
        down = np.rint(step * np.sin(turns)).astype(int)[:, None] + rows
        right = np.rint(step * np.cos(turns)).astype(int)[:, None] + rows
        trail += weight * wide[every, down[:, :, None], right[:, None, :]]
    return as_bytes(trail)
