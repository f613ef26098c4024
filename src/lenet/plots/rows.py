"""A layer as a row of maps at one scale for all layers, so that maps visibly shrink."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.network.architecture import Architecture
from lenet.network.plane import INK, PAPER
from lenet.network.summary import summarise
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.language import Language, translate
from lenet.plots.receptive_field import INPUT
from lenet.plots.sheet import ACCENT, FAINT, MARGIN, RIGHT, Scale, Sheet, signed_scale


class Row(NamedTuple):
    """Where a layer's tiles stand: left edge of the first, the step to the next, and (width,
    height) of a value. Layers of single units are cut into tiles of so many units."""

    left: float
    step: float
    cell: tuple[float, float] = (1, 1)
    units: int = 0


def _step(count: int, width: float) -> float:
    """From one tile to the next, so many of this width from margin to margin."""
    return (RIGHT - MARGIN - width) / (count - 1)


ROWS = {
    INPUT: Row(MARGIN, 0),
    "C1": Row(MARGIN, _step(6, 28)),
    "S2": Row(MARGIN + 7, _step(6, 28)),  # in the middle below its C1 map
    "C3": Row(MARGIN, _step(16, 10)),
    "S4": Row(MARGIN + 2.5, _step(16, 10)),  # in the middle below its C3 map
    "C5": Row(MARGIN, _step(8, 22.5), (1.5, 5), 15),
    "F6": Row(MARGIN, _step(6, 28), (2, 5), 14),
    "output": Row(MARGIN, 0, (6, 5), 10),
}
GAP = 8.5  # from the lower edge of a row to the next title's base line
NUMBER = 4  # height of the maps' numbers above them


def middle(layer: str, number: int) -> float:
    """The middle of a map's column: S2's maps are 14 wide, S4's 5."""
    row = ROWS[layer]
    return row.left + number * row.step + {"S2": 7, "S4": 2.5}[layer]


def scale_of(trace: ForwardTrace, layer: str) -> Scale:
    """The grey scale of this layer; mid-grey is 0 where values have both signs."""
    architecture, values = trace.weights.architecture, trace.maps[layer]
    if layer == INPUT:
        return Scale(PAPER, INK)
    if layer == "F6" and architecture.head == "rbf":
        return Scale(-1, 1)  # as the codes it is compared with
    if layer != "output" and architecture.squash in ("scaled tanh", "tanh"):
        return signed_scale(values, "Greys")
    return Scale(float(values.min()), float(values.max()))


def describe(layer: str, architecture: Architecture, language: Language) -> tuple[str, str]:
    """Two lines: the size of a layer and its parameters; what its units read."""
    sampled = {
        "trainable": "sum × coefficient + bias, squashed",
        "average": "their mean",
        "max": "the largest",
    }[architecture.subsampling]
    has_table, has_codes = architecture.c3 == "table", architecture.head == "rbf"
    reads = {
        INPUT: "the 28×28 image on a 32×32 plane; paper is −0.1, full ink 1.175",
        "C1": "5×5 of the input, one kernel a map",
        "S2": f"2×2 of one C1 map: {sampled}",
        "C3": f"5×5 of {'the S2 maps marked below (Table I)' if has_table else 'all six S2 maps'}",
        "S4": f"2×2 of one C3 map: {sampled}",
        "C5": "5×5 of all sixteen S4 maps",
        "F6": "all of C5",
        "output": f"ten penalties, {'' if has_codes else 'minus the scores; '}the lowest wins",
    }[layer]
    if layer == INPUT:
        return "1@32×32", translate(language, reads)
    row = next(row for row in summarise(architecture) if row.name == layer)
    maps, height, width = row.shape
    count = "{size}, {count:,} parameters" if row.parameters else "{size}, no parameters"
    size = translate(language, count, size=f"{maps}@{height}×{width}", count=row.parameters)
    return size, translate(language, reads)


def draw_row(
    sheet: Sheet,
    trace: ForwardTrace,
    layer: str,
    base: float,
    matters: NDArray[np.bool_] | None = None,
) -> float:
    """Draw all maps of a layer in a row under a title at `base`; returns the row's lower edge.

    matters : mask of the maps; what it leaves out is faded, what it names is framed
    """
    row, values, scale = ROWS[layer], trace.maps[layer], scale_of(trace, layer)
    size, reads = describe(layer, trace.weights.architecture, sheet.language)
    name = sheet.words(layer) if layer in (INPUT, "output") else layer
    top = sheet.heading(base, name, size, reads, scale)
    tiles = values.reshape(-1, 1, row.units) if row.units else values
    if layer != INPUT:
        top += NUMBER
    for place, tile in enumerate(tiles):
        left = row.left + place * row.step
        if layer != INPUT:
            sheet.text(left, top - 1, number_of(place, row.units), color=FAINT)
        sheet.image(tile, left, top, row.cell, scale)
        if matters is not None:
            _highlight(sheet, matters.reshape(tiles.shape)[place], left, top, row.cell)
    lower = top + len(tiles[0]) * row.cell[1]
    has_table = layer == "C3" and trace.weights.architecture.c3 == "table"
    return _keys(sheet, trace.weights.architecture, lower + 1) if has_table else lower


def number_of(tile: int, units: int) -> str:
    """The number of a tile's map, or of its first and last unit."""
    return f"{tile * units}–{(tile + 1) * units - 1}" if units else str(tile)


def connection_table(architecture: Architecture) -> NDArray[np.bool_]:
    """Which of the 6 S2 maps each of the 16 C3 maps reads, (16, 6)."""
    reads = np.zeros((16, 6), bool)
    for to, sources in enumerate(architecture.c3_inputs):
        reads[to, list(sources)] = True
    return reads


def _keys(sheet: Sheet, architecture: Architecture, top: float) -> float:
    """Six marks below each C3 map, dark for the S2 maps it reads; returns their lower edge."""
    row, key = ROWS["C3"], 1.25
    for to, reads in enumerate(connection_table(architecture)):
        sheet.image(reads[None], row.left + to * row.step, top, (10 / 6, key), Scale(0, 1.25))
    return top + key


def _highlight(
    sheet: Sheet, mask: NDArray[np.bool_], left: float, top: float, cell: tuple[float, float]
) -> None:
    """Fade what the mask leaves out and frame what it names, one rectangle."""
    veil = np.ones((*mask.shape, 4), np.float32)  # white, and clear where the mask is True
    veil[..., 3] = 0.78 * ~mask
    sheet.image(veil, left, top, cell, Scale(0, 1))
    if mask.any():
        (wide, high), (rows, columns) = cell, np.nonzero(mask)
        sheet.frame(
            left + float(columns.min()) * wide,
            top + float(rows.min()) * high,
            left + float(columns.max() + 1) * wide,
            top + float(rows.max() + 1) * high,
            edgecolor=ACCENT,
            linewidth=1.2,
        )
