"""Which earlier values one unit depends on: geometry and Table I, no drawing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.errors import UsageError
from lenet.network.architecture import Architecture
from lenet.network.plane import PLANE_SIDE, FloatArray
from lenet.network.summary import FIELD, KERNEL, summarise
from lenet.preprocessing.image import Box

# What a unit reads of each map, side×side values, and the step between neighbouring units; by the
# layer's first letter, and (1, 1) for F6 and the output.
WINDOWS = {"C": (KERNEL, 1), "S": (FIELD, FIELD)}
C3_STEP = 2  # pixels of the input from one unit to the next
SHAPES = {layer.name: layer.shape for layer in summarise(Architecture())}  # (maps, rows, columns)
INPUT = "input"
LAYERS = (INPUT, *SHAPES)  # input, C1 … F6, output


class Unit(NamedTuple):
    """One unit of the network; all but the layer count from 0."""

    layer: str
    map: int
    row: int
    column: int

    def __str__(self) -> str:
        return ":".join(map(str, self))


def parse_unit(text: str) -> Unit:
    """The unit that LAYER:MAP:ROW:COLUMN names, such as C3:6:4:5.

    Raises
    ------
    UsageError
        when it names no unit of the network.
    """
    name, *numbers = text.split(":")
    layer = next((known for known in SHAPES if known.lower() == name.strip().lower()), None)
    try:
        place = tuple(int(number) for number in numbers)
    except ValueError:
        place = ()
    if layer is None or len(place) != 3:
        raise UsageError(
            f"unit {text!r}: expected LAYER:MAP:ROW:COLUMN counted from 0, such as C3:6:4:5, "
            f"with a layer of {', '.join(SHAPES)}"
        )
    shape = SHAPES[layer]
    if not all(0 <= index < size for index, size in zip(place, shape, strict=True)):
        maps, rows, columns = (size - 1 for size in shape)
        raise UsageError(
            f"unit {text!r}: {layer} has maps 0 to {maps}, rows 0 to {rows} "
            f"and columns 0 to {columns}"
        )
    return Unit(layer, *place)


def receptive_field(layer: str, row: int, column: int) -> dict[str, Box]:
    """The field of a unit in each earlier layer, nearest first, down to the 32×32 input."""
    top, left, bottom, right = row, column, row + 1, column + 1
    fields = {}
    for index in range(LAYERS.index(layer), 0, -1):
        side, step = WINDOWS.get(LAYERS[index][0], (1, 1))
        top, left = top * step, left * step
        bottom, right = (bottom - 1) * step + side, (right - 1) * step + side
        fields[LAYERS[index - 1]] = Box(top, left, bottom, right)
    return fields


def maps_read(layer: str, number: int, architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """The maps of each earlier layer that map `number` of this one depends on, nearest first."""
    reading, maps = {number}, {}
    for index in range(LAYERS.index(layer), 0, -1):
        above, below = LAYERS[index], LAYERS[index - 1]
        if above == "C3":
            reading = {source for to in reading for source in architecture.c3_inputs[to]}
        elif above == "C1":
            reading = {0}
        elif above not in ("S2", "S4"):  # sub-sampling reads the one map of the same number
            reading = set(range(SHAPES[below][0]))
        maps[below] = tuple(sorted(reading))
    return maps


def dependence(unit: Unit, architecture: Architecture) -> dict[str, NDArray[np.bool_]]:
    """What the unit depends on: for each layer from the input to its own, a mask of the maps.

    True where changing the value can change the unit; in its own layer only the unit itself.
    Shapes as the layers', (maps, rows, columns).
    """
    fields = receptive_field(unit.layer, unit.row, unit.column)
    maps = maps_read(unit.layer, unit.map, architecture)
    masks = {}
    for layer, box in reversed(fields.items()):
        shape = (1, PLANE_SIDE, PLANE_SIDE) if layer == INPUT else SHAPES[layer]
        masks[layer] = np.zeros(shape, bool)
        rows, columns = box.inside
        masks[layer][list(maps[layer]), rows, columns] = True
    masks[unit.layer] = np.zeros(SHAPES[unit.layer], bool)
    masks[unit.layer][unit[1:]] = True
    return masks


def striking_unit(c3: FloatArray, plane: FloatArray) -> Unit:
    """The C3 unit on the digit's ink that stands out most above the rest of its map.

    c3 : (16, 10, 10)
    plane : the input, (32, 32); a unit is on ink if the middle of its receptive field is
    """
    box, ink = receptive_field("C3", 0, 0)[INPUT], plane - plane.min()
    rows, columns = (np.arange(size) * C3_STEP + box.height // 2 - 1 for size in SHAPES["C3"][1:])
    middles = np.max([ink[np.ix_(rows + r, columns + c)] for r, c in np.ndindex(2, 2)], axis=0)
    above = c3 - np.median(c3, axis=(1, 2), keepdims=True)
    above = np.where(middles >= middles.max() / 2, above, -np.inf)
    number, row, column = np.unravel_index(above.argmax(), above.shape)
    return Unit("C3", int(number), int(row), int(column))
