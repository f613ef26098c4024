"""What each layer costs: sizes, receptive fields, parameters, connections, multiply-adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lenet.network.architecture import Architecture
from lenet.network.plane import PLANE_SIDE

KERNEL = 5  # C1, C3 and C5 look at 5×5 pixels of each map they read
FIELD = 2  # S2 and S4 look at 2×2


@dataclass(frozen=True)
class Layer:
    """One row of the table.

    shape : (maps, height, width) of the layer's output
    receptive_field : pixels of the input that one unit depends on, per side
    step : input pixels between neighbouring units
    parameters : trainable numbers
    connections : what the paper counts: every input of every unit, and its bias
    multiply_adds : connections without the biases
    """

    name: str
    shape: tuple[int, int, int]
    receptive_field: int
    step: int
    parameters: int
    connections: int
    multiply_adds: int


def summarise(
    architecture: Architecture, height: int = PLANE_SIDE, width: int = PLANE_SIDE
) -> list[Layer]:
    """The seven layers for a plane of this size; 32×32 gives the numbers of section II-B."""
    layers: list[Layer] = []
    shape, field, step = (1, height, width), 1, 1

    def add(name: str, maps: int, side: int, shrink: int, weights: int, *, shared: int) -> None:
        """A layer whose units see side×side; `weights` inputs per place, `shared` parameters."""
        nonlocal shape, field, step
        rows, columns = ((n - side) // shrink + 1 for n in shape[1:])
        field, step = field + (side - 1) * step, step * shrink
        shape = (maps, rows, columns)
        places, has_bias = rows * columns, shared > 0
        connections = places * (weights + maps * has_bias)
        layers.append(Layer(name, shape, field, step, shared, connections, places * weights))

    def convolution(name: str, maps: int, pairs: int, side: int = KERNEL) -> None:
        weights = pairs * side**2
        add(name, maps, side, 1, weights, shared=weights + maps)

    def subsampling(name: str, maps: int) -> None:
        trainable = architecture.subsampling == "trainable"
        add(name, maps, FIELD, FIELD, maps * FIELD**2, shared=2 * maps if trainable else 0)

    convolution("C1", 6, pairs=6)
    subsampling("S2", 6)
    convolution("C3", 16, pairs=sum(map(len, architecture.c3_inputs)))
    subsampling("S4", 16)
    convolution("C5", 120, pairs=120 * 16)
    convolution("F6", 84, pairs=84 * 120, side=1)
    if architecture.head == "rbf":
        add("output", 10, 1, 1, 840, shared=0)  # 840 fixed codes, no bias
    else:
        convolution("output", 10, pairs=840, side=1)
    return layers


HEADINGS = ("layer", "maps", "sees", "every", "parameters", "connections", "multiply-adds")


def table(layers: list[Layer]) -> Iterator[tuple[str, ...]]:
    """The rows of the table of these layers as text, the last one with the sums."""
    counted = [(each.parameters, each.connections, each.multiply_adds) for each in layers]
    for layer, counts in zip(layers, counted, strict=True):
        maps, height, width = layer.shape
        field = f"{layer.receptive_field}×{layer.receptive_field}"
        size = f"{maps}@{height}×{width}"
        yield layer.name, size, field, str(layer.step), *(f"{count:,}" for count in counts)
    yield "total", "", "", "", *(f"{sum(column):,}" for column in zip(*counted, strict=True))


def html_table(architecture: Architecture) -> str:
    """The same of a network as HTML."""
    rows = [HEADINGS, *table(summarise(architecture))]
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
