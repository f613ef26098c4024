"""Fifteen ways to spoil a digit, in the manner of MNIST-C (Mu and Gilmer 2019, arXiv 1906.02337).

Written from the published architectures: the authors' program was not at hand, so these do not
reproduce their files. Where a docstring says "as published", the amounts are those of MNIST-C, or
of the corruption of ImageNet-C (Hendrycks and Dietterich 2019, arXiv 1903.12261) that MNIST-C takes
over, as we know them and not compared with its source; all others are our choice and say so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lenet.experiments.images.blur import glass_blur, motion_blur
from lenet.experiments.images.drawn import dotted_line, zigzag
from lenet.experiments.images.edges import canny_edges
from lenet.experiments.images.geometry import rotate, scale, shear, translate
from lenet.experiments.images.noise import impulse_noise, shot_noise
from lenet.experiments.images.weather import brightness, fog, spatter, stripe
from lenet.network.plane import ByteArray

Corruption = Callable[[ByteArray, np.random.Generator], ByteArray]

# The place in this list is a corruption's number: a new one goes to the end.
CORRUPTIONS: dict[str, Corruption] = {
    "shot noise": shot_noise,
    "impulse noise": impulse_noise,
    "glass blur": glass_blur,
    "motion blur": motion_blur,
    "shear": shear,
    "scale": scale,
    "rotate": rotate,
    "brightness": brightness,
    "translate": translate,
    "stripe": stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted line": dotted_line,
    "zigzag": zigzag,
    "Canny edges": canny_edges,
}


def corrupted(name: str, images: ByteArray, seed: int) -> ByteArray:
    """Digit images, uint8 (n, 28, 28), spoilt in one way; the same for the same seed.

    Image k is spoilt in the same way however many images come after it.
    """
    number = list(CORRUPTIONS).index(name)
    return CORRUPTIONS[name](images, np.random.default_rng([seed, number]))
