"""How one unit comes to its value: what it reads, its weights, and what each pair adds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lenet.network.plane import FloatArray
from lenet.network.rbf_codes import COLUMNS, ROWS
from lenet.plots.forward_trace import LAYERS, ForwardTrace
from lenet.plots.receptive_field import Unit, maps_read, receptive_field

# Units without place are drawn as a field: C5 as 8×15, F6 as its 7×12 drawing.
DRAWN = {"C5": (1, 8, 15), "F6": (1, ROWS, COLUMNS)}


@dataclass(frozen=True)
class UnitBreakdown:
    """contributions.sum() + bias = total, and the unit makes of it its value.

    source : the layer read, and maps the numbers of its maps
    inputs, weights, contributions : (maps read, rows, columns)
    products : whether contributions are inputs × weights, or (inputs − weights)² as in eq. 7
    squashed : whether value is total squashed, or total itself
    """

    source: str
    maps: tuple[int, ...]
    inputs: FloatArray
    weights: FloatArray
    contributions: FloatArray
    bias: float
    total: float
    value: float
    products: bool
    squashed: bool


def unit_breakdown(trace: ForwardTrace, unit: Unit) -> UnitBreakdown:
    """The unit's sum, term by term."""
    source = LAYERS[LAYERS.index(unit.layer) - 1]
    box = receptive_field(unit.layer, unit.row, unit.column)[source]
    maps = maps_read(unit.layer, unit.map, trace.weights.architecture)[source]
    rows, columns = box.inside
    inputs = trace.maps[source][list(maps), rows, columns]
    inputs = inputs.reshape(DRAWN.get(source, inputs.shape))
    weights, bias = _weights(trace, unit, maps, inputs)
    weights = weights.reshape(inputs.shape)
    architecture = trace.weights.architecture
    products = unit.layer != "output" or architecture.head != "rbf"
    contributions = inputs * weights if products else np.square(inputs - weights)
    pooled = unit.layer in ("S2", "S4") and architecture.subsampling != "trainable"
    return UnitBreakdown(
        source,
        maps,
        inputs,
        weights,
        contributions,
        bias,
        total=float(contributions.sum()) + bias,
        value=float(trace.maps[unit.layer][unit[1:]]),
        products=products,
        squashed=unit.layer != "output" and not pooled,
    )


def _weights(
    trace: ForwardTrace, unit: Unit, maps: tuple[int, ...], inputs: FloatArray
) -> tuple[FloatArray, float]:
    """The unit's weights, one an input, and its bias; 0 where it has none."""
    tensors, architecture = trace.weights.tensors, trace.weights.architecture
    layer, number = unit.layer.lower(), unit.map
    if layer in ("c1", "c3", "c5"):
        return tensors[f"{layer}.weight"][number, list(maps)], float(
            tensors[f"{layer}.bias"][number]
        )
    if layer == "f6":
        return tensors["f6.weight"][number], float(tensors["f6.bias"][number])
    if layer == "output":
        if architecture.head == "rbf":
            return tensors["output.codes"][number], 0.0
        # the lowest wins, so the penalty is minus the score
        return -tensors["output.weight"][number], -float(tensors["output.bias"][number])
    if architecture.subsampling == "trainable":
        coefficient = tensors[f"{layer}.coefficient"][number]
        return np.full_like(inputs, coefficient), float(tensors[f"{layer}.bias"][number])
    if architecture.subsampling == "average":
        return np.full_like(inputs, 1 / inputs.size), 0.0
    largest = np.zeros_like(inputs)
    largest.flat[inputs.argmax()] = 1
    return largest, 0.0
