"""What the tests of the engine share; they are left out by name where no kernels were built."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lenet.engine import native_engine
from lenet.network.architecture import Architecture
from lenet.network.weights import Weights, initial_tensors

SETS = native_engine.kernels().runnable() if native_engine.available() else []
BUILT = pytest.mark.skipif(
    not native_engine.available(), reason="no compiled kernels on this machine"
)
EVERY_ARCHITECTURE = [
    Architecture(*options)
    for options in itertools.product(
        ("trainable", "average", "max"),
        ("table", "full"),
        ("scaled tanh", "tanh", "relu", "silu"),
        ("rbf", "linear"),
    )
]


def random_weights(architecture: Architecture, seed: int = 0) -> Weights:
    """A network with nothing at rest: biases and coefficients are drawn as well."""
    generator = np.random.default_rng(seed)
    tensors = initial_tensors(architecture, "lush", generator)
    for name, tensor in tensors.items():
        if name.endswith(("bias", "coefficient")):
            tensors[name] = tensor + generator.normal(0, 0.2, tensor.shape).astype(np.float32)
    return Weights(tensors, {"network": architecture.to_dict()})


def digit_images(count: int, seed: int = 0) -> np.ndarray:
    """Blobs of ink on paper, some of them at the very edge, some pages full of noise."""
    generator = np.random.default_rng(seed)
    images = np.zeros((count, 28, 28), np.uint8)
    for image in images:
        height, width = generator.integers(1, 29, 2)
        top, left = generator.integers(0, 29 - height), generator.integers(0, 29 - width)
        part = image[top : top + height, left : left + width]
        part[...] = generator.integers(0, 256, part.shape) * (generator.random(part.shape) < 0.6)
    return images
