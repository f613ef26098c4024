"""Light and weather: a paler page, stripes turned inside out, fog, and mud."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from lenet.experiments.images.ink import as_bytes, as_ink
from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray

BRIGHTER = 0.5  # of full ink, added everywhere
STRIPE = 7  # pixels: a quarter of the width

FOG = 2.5  # in full inks, where it is thickest
FOG_DECAY = 1.5  # detail fades by this with each halving; lower is rougher
FOG_SIDE = 32  # the power of two that holds an image
FOG_START = 100.0

LIQUID = (0.65, 0.3, 1.0)  # mean, sd and blur (σ, pixels) of the noise that drops come from
DROPS = 0.65  # more of it than this is a drop
MUD_BLUR = 1.5  # σ, pixels, of the drops
MUD_LEAST = 0.8  # a blurred drop is cut off below
MUD = 63 / 255  # its own ink


def brightness(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Everything brighter, and cut off at full. As published (severity 5)."""
    return as_bytes(as_ink(images) + BRIGHTER)


def stripe(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Ink and paper change places in a stripe along the left side and one along the right.

    That pixels are inverted in upright stripes is published; where and how wide is our choice.
    """
    striped: ByteArray = images.copy()
    striped[:, :, :STRIPE] = 255 - images[:, :, :STRIPE]
    striped[:, :, -STRIPE:] = 255 - images[:, :, -STRIPE:]
    return striped


def fog(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """A cloud laid over, and all of it darkened back to the digit's range.

    As published (severity 4); the cloud is the plasma of ImageNet-C.
    """
    jitter = generator.uniform(-1, 1, (len(images), FOG_SIDE, FOG_SIDE)).astype(np.float32)
    ink = as_ink(images)
    fullest = ink.max(axis=(1, 2), keepdims=True, initial=0)
    clouds = plasma(jitter)[:, :DIGIT_SIDE, :DIGIT_SIDE]
    return as_bytes((ink + FOG * clouds) * fullest / (fullest + FOG))


def plasma(jitter: FloatArray) -> FloatArray:
    """Clouds 0 … 1, (n, side, side), by diamond and square on a field that joins at its edges.

    jitter : −1 … 1 of the same shape; a place is the mean of four known ones plus this, scaled
    """
    cloud = np.zeros_like(jitter)
    step, amount = jitter.shape[1], FOG_START**2  # squared, as ImageNet-C's program has it
    while step > 1:
        half = step // 2
        known, middles = np.s_[:, ::step, ::step], np.s_[:, half::step, half::step]
        tops, sides = np.s_[:, ::step, half::step], np.s_[:, half::step, ::step]
        corners = cloud[known]
        across = corners + np.roll(corners, -1, axis=2)
        below = corners + np.roll(corners, -1, axis=1)
        cloud[middles] = (across + np.roll(across, -1, axis=1)) / 4 + amount * jitter[middles]
        centres = cloud[middles]
        above = centres + np.roll(centres, 1, axis=1)
        beside = centres + np.roll(centres, 1, axis=2)
        cloud[tops] = (across + above) / 4 + amount * jitter[tops]
        cloud[sides] = (below + beside) / 4 + amount * jitter[sides]
        step, amount = half, amount / FOG_DECAY**2
    cloud -= cloud.min(axis=(1, 2), keepdims=True)
    thick: FloatArray = cloud / cloud.max(axis=(1, 2), keepdims=True)
    return thick


def spatter(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Drops of mud that hide what is below. As published (severity 4)."""
    mean, sd, blur = LIQUID
    noise = mean + sd * generator.standard_normal(images.shape, np.float32)
    liquid = gaussian_filter(noise, (0, blur, blur), mode="nearest")
    drops = (liquid > DROPS).astype(np.float32)
    mud = gaussian_filter(drops, (0, MUD_BLUR, MUD_BLUR), mode="nearest")
    mud[mud < MUD_LEAST] = 0
    return as_bytes(as_ink(images) * (1 - mud) + MUD * mud)
