"""Digits that are drawn, for tests that need no real ones."""

from __future__ import annotations

import numpy as np

from lenet.data.digits import Digits


def drawn_digits(n: int, seed: int = 0) -> Digits:
    """n images that can be told apart: a bar whose place and length say the label, with noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.int64) % 10
    images = rng.integers(0, 40, (n, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4 + 2 * label : 8 + 2 * label, 4 : 12 + label] = 230
    return Digits(images, labels)
