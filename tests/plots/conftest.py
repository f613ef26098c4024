"""What the pictures' tests share: networks of every kind with random weights, and a digit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from matplotlib.figure import Figure

from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.architecture import Architecture
from lenet.network.plane import ByteArray, to_planes
from lenet.network.weights import Weights, initial_tensors
from lenet.plots.architecture import draw_architecture
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.kernels import draw_kernels
from lenet.plots.receptive_field import SHAPES, Unit
from lenet.plots.receptive_field_plot import draw_receptive_field
from lenet.plots.stages import draw_stages

# Between them every value of every option.
KINDS = {
    "1998": Architecture(),
    "simplified": Architecture("average", "full", "tanh", "linear"),
    "max": Architecture("max", "table", "relu", "rbf"),
    "silu": Architecture("trainable", "full", "silu", "linear"),
}


def random_weights(architecture: Architecture, seed: int = 5) -> Weights:
    """Weights as before training, but with biases, so that a forgotten bias is seen."""
    rng = np.random.default_rng(seed)
    tensors = initial_tensors(architecture, "lush", rng)
    for name, tensor in tensors.items():
        if name.endswith("bias"):
            tensor[:] = rng.normal(0, 0.2, tensor.shape)
    return Weights(tensors, {"network": architecture.to_dict()})


@pytest.fixture(scope="session")
def seven() -> ByteArray:
    """A drawn 7."""
    image = np.zeros((28, 28), np.uint8)
    image[5:8, 6:22] = 255
    for row in range(8, 24):
        column = 21 - (row - 5) * 5 // 9
        image[row, column - 1 : column + 2] = 200
    return image


@pytest.fixture(scope="session")
def kinds() -> dict[str, Architecture]:
    """Networks by name."""
    return KINDS


@pytest.fixture(scope="session")
def trace_of(seven: ByteArray) -> Callable[[Architecture], ForwardTrace]:
    """The drawn 7 taken through a network of this architecture."""

    @cache
    def take(architecture: Architecture) -> ForwardTrace:
        weights = random_weights(architecture)
        return ForwardTrace(seven, NumpyEngine(weights).stages(to_planes(seven)), weights)

    return take


@pytest.fixture(params=KINDS)
def trace(
    request: pytest.FixtureRequest, trace_of: Callable[[Architecture], ForwardTrace]
) -> ForwardTrace:
    """The drawn 7 taken through each kind of network."""
    return trace_of(KINDS[request.param])


@pytest.fixture(scope="session")
def drawn(
    trace_of: Callable[[Architecture], ForwardTrace],
) -> Callable[[Architecture, str], Figure]:
    """A sheet by its name, drawn once, or of the middle unit of a layer."""

    @cache
    def draw(architecture: Architecture, sheet: str) -> Figure:
        trace = trace_of(architecture)
        if sheet == "stages":
            return draw_stages(trace)
        if sheet == "architecture":
            return draw_architecture(architecture)
        if sheet == "kernels":
            return draw_kernels(trace.weights)
        return draw_receptive_field(trace, Unit(sheet, *(size // 2 for size in SHAPES[sheet])))

    return draw
