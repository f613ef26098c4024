"""One digit's forward pass, and how one unit of it is computed: the numbers behind the plots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lenet.engine.select import best_engine
from lenet.network.architecture import Stages
from lenet.network.confidence import probabilities
from lenet.network.plane import ByteArray, FloatArray, to_planes
from lenet.network.rbf_codes import COLUMNS, ROWS
from lenet.network.weights import Weights
from lenet.plots.receptive_field import LAYERS, Unit, maps_read, receptive_field

# C5 and F6 have single units; they are drawn as 8×15 and as the 7×12 code.
DRAWN = {"C5": (1, 8, 15), "F6": (1, ROWS, COLUMNS)}


@dataclass(frozen=True)
class ForwardTrace:
    """One image, the values of every layer, and the weights that computed them.

    image : uint8 (28, 28), 0 paper … 255 ink
    stages : of this one image, n = 1
    """

    image: ByteArray
    stages: Stages
    weights: Weights

    @cached_property
    def maps(self) -> dict[str, FloatArray]:
        """Every layer's maps, (maps, rows, columns); the input is the plane."""
        arrays = (to_planes(self.image), *self.stages)
        return {
            layer: array[0].reshape(-1, *(array.shape[2:] or (1, 1)))
            for layer, array in zip(LAYERS, arrays, strict=True)
        }

    @cached_property
    def probabilities(self) -> FloatArray:
        """Of the ten digits, (10,)."""
        found: FloatArray = probabilities(self.stages.output, self.weights.temperature)[0]
        return found

    @property
    def penalties(self) -> FloatArray:
        """Of the ten digits, (10,)."""
        found: FloatArray = self.stages.output[0]
        return found

    @property
    def value(self) -> int:
        """The digit read: the one with the lowest penalty."""
        return int(self.penalties.argmin())

    @property
    def f6_drawing(self) -> FloatArray:
        return self.maps["F6"].reshape(ROWS, COLUMNS)

    @property
    def targets(self) -> FloatArray:
        """What each digit compares F6 with: its code, or a linear head's weights; (10, 12, 7)."""
        name = "codes" if self.weights.architecture.head == "rbf" else "weight"
        return self.weights.tensors[f"output.{name}"].reshape(-1, ROWS, COLUMNS)


def trace_digit(image: ByteArray, weights: Weights) -> ForwardTrace:
    """The forward pass of a digit image, uint8 (28, 28)."""
    return ForwardTrace(image, best_engine(weights).stages(to_planes(image)), weights)


@dataclass(frozen=True)
class UnitBreakdown:
    """contributions.sum() + bias = total; the unit's value is f(total).

    source, maps : the layer that the unit reads, and which of its maps
    inputs, weights, contributions : (maps read, rows, columns)
    products : whether contributions are inputs × weights, or (inputs − weights)² as in eq. 7
    squashed : whether f is the squashing function, or the identity
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
    architecture = trace.weights.architecture
    source = LAYERS[LAYERS.index(unit.layer) - 1]
    maps = maps_read(unit.layer, unit.map, architecture)[source]
    rows, columns = receptive_field(unit.layer, unit.row, unit.column)[source].inside
    inputs = trace.maps[source][list(maps), rows, columns]
    inputs = inputs.reshape(DRAWN.get(source, inputs.shape))
    weights, bias = _weights(trace, unit, maps, inputs)
    weights = weights.reshape(inputs.shape)
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
    bias = float(tensors[f"{layer}.bias"][number]) if f"{layer}.bias" in tensors else 0.0
    if layer in ("c1", "c3", "c5"):
        return tensors[f"{layer}.weight"][number, list(maps)], bias
    if layer == "f6":
        return tensors["f6.weight"][number], bias
    if layer == "output":  # the lowest wins, so a linear head's penalty is minus the score
        sign = 1 if architecture.head == "rbf" else -1
        return sign * trace.targets[number], -bias
    if architecture.subsampling == "trainable":
        return np.full_like(inputs, tensors[f"{layer}.coefficient"][number]), bias
    if architecture.subsampling == "average":
        return np.full_like(inputs, 1 / inputs.size), 0.0
    largest = np.zeros_like(inputs)
    largest.flat[inputs.argmax()] = 1
    return largest, 0.0
