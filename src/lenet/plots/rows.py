"""A layer as a row of maps at one scale for all layers, so that maps visibly shrink."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.network.architecture import Architecture
from lenet.network.plane import INK, PAPER
from lenet.network.summary import summarise
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.receptive_field import INPUT
from lenet.plots.sheet import ACCENT, MARGIN, RIGHT, Scale, Sheet, signed_scale


class Row(NamedTuple):
    """Where a layer's tiles stand: left edge of the first, the step to the next, and (width,
    height) of a value. Layers of single units are cut into tiles of so many units."""

    left: float
    step: float
    cell: tuple[float, float] = (1, 1)
    units: int = 0


ROWS = {
    INPUT: Row(MARGIN, 0),
    "C1": Row(MARGIN, 32),
    "S2": Row(MARGIN + 7, 32),  # in the middle below its C1 map
    "C3": Row(MARGIN, 11.875),
    "S4": Row(MARGIN + 2.5, 11.875),  # in the middle below its C3 map
    "C5": Row(MARGIN, 23.625, (1.5, 5), 15),
    "F6": Row(MARGIN, 32, (2, 5), 14),
    "output": Row(MARGIN, 0, (6, 5), 10),
}
FIRST = 11  # units from the upper edge to the first title's base line
GAP = 8.5  # from the lower edge of a row to the next title's base line
TITLE = 3  # from a title's base line to its maps


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


def describe(layer: str, architecture: Architecture) -> str:
    """The size of a layer, what its units read, and its parameters."""
    sampled = {
        "trainable": "sum × coefficient + bias, squashed",
        "average": "their mean",
        "max": "the largest",
    }[architecture.subsampling]
    read = "the S2 maps marked below (Table I)" if architecture.c3 == "table" else "all six S2 maps"
    minus = "" if architecture.head == "rbf" else ", minus the scores"
    sees = {
        INPUT: "the 28×28 image on a 32×32 plane; paper is −0.1, full ink 1.175",
        "C1": "5×5 of the input, one kernel a map",
        "S2": f"2×2 of one C1 map: {sampled}",
        "C3": f"5×5 of {read}",
        "S4": f"2×2 of one C3 map: {sampled}",
        "C5": "5×5 of all sixteen S4 maps",
        "F6": "all of C5",
        "output": f"ten penalties{minus}, the lowest wins",
    }[layer]
    if layer == INPUT:
        return f"1@32×32 — {sees}"
    row = next(row for row in summarise(architecture) if row.name == layer)
    maps, height, width = row.shape
    parameters = f"{row.parameters:,} parameters" if row.parameters else "no parameters"
    return f"{maps}@{height}×{width} — {sees}; {parameters}"


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
    sheet.title(MARGIN, base, layer, describe(layer, trace.weights.architecture))
    sheet.legend(RIGHT, base, scale)
    tiles = values.reshape(-1, 1, row.units) if row.units else values
    for place, tile in enumerate(tiles):
        left = row.left + place * row.step
        sheet.image(tile, left, base + TITLE, row.cell, scale)
        if matters is not None:
            _highlight(sheet, matters.reshape(tiles.shape)[place], left, base + TITLE, row.cell)
    lower = base + TITLE + len(tiles[0]) * row.cell[1]
    has_table = layer == "C3" and trace.weights.architecture.c3 == "table"
    return _keys(sheet, trace.weights.architecture, lower + 1) if has_table else lower


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
