"""A layer as a row of maps, drawn one unit of the page a value, so that one sees maps shrink."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.network.census import census
from lenet.network.description import Description
from lenet.network.plane import INK, PAPER
from lenet.visual.sheet import ACCENT, FAINT, MARGIN, RIGHT, VALUES, Sheet
from lenet.visual.walk import INPUT, Walk


class Row(NamedTuple):
    """Where a layer's tiles stand: left edge of the first, step to the next, width and height
    of a value. Layers without maps are cut into tiles of `columns` values."""

    left: float
    step: float
    cell: tuple[float, float] = (1, 1)
    columns: int = 0


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
TITLE = 3  # units between the base line of a row's title and its maps
BOUNDS = {"scaled tanh": 1.7159, "tanh": 1.0}  # values lie between −bound and bound


def limits(walk: Walk, layer: str) -> tuple[float, float]:
    """What white and black stand for in this layer."""
    bound = BOUNDS.get(walk.weights.description.squash)
    if layer == INPUT:
        return PAPER, INK
    if layer == "output" or bound is None:
        values = walk.maps[layer]
        return float(values.min()), float(values.max())
    return -bound, bound


def describe(layer: str, description: Description) -> str:
    """The size of a layer and what its units see, in half a line."""
    row = next((row for row in census(description) if row.name == layer), None)
    if row is None:
        return "1@32×32 — the 28×28 image on a ground of paper: paper −0.1, ink 1.175"
    sampled = {
        "trainable": "sum × coefficient + bias, squashed",
        "average": "their mean",
        "max": "the largest",
    }[description.subsampling]
    sees = {
        "C1": "5×5 of the input, one kernel a map",
        "S2": f"2×2 of one C1 map: {sampled}",
        "C3": "5×5 of each of the S2 maps it reads "
        + ("(Table I)" if description.c3 == "table" else "(all six)"),
        "S4": f"2×2 of one C3 map: {sampled}",
        "C5": "5×5 of all sixteen S4 maps",
        "F6": "all of C5",
        "output": "ten penalties, the lowest wins",
    }[layer]
    maps, height, width = row.shape
    parameters = f"{row.parameters:,} parameters" if row.parameters else "nothing to learn"
    return f"{maps}@{height}×{width} — {sees}; {parameters}"


def title(sheet: Sheet, left: float, base: float, name: str, words: str) -> None:
    """A layer's name and what there is to say, on one line."""
    name = name.capitalize()
    sheet.text(left, base, name, 9, weight="bold")
    sheet.text(left + 2.3 * len(name) + 2, base, words)


def draw_row(
    sheet: Sheet, walk: Walk, layer: str, base: float, matters: NDArray[np.bool_] | None = None
) -> float:
    """A titled row of all maps of a layer, its title's base line at `base`; gives its lower edge.

    matters : mask of the maps; what it leaves out is paled, what it names is framed
    """
    row, values, ends = ROWS[layer], walk.maps[layer], limits(walk, layer)
    title(sheet, MARGIN, base, layer, describe(layer, walk.weights.description))
    sheet.scale(RIGHT, base, ends, VALUES)
    shape = (-1, 1, row.columns) if row.columns else values.shape
    masks = None if matters is None else matters.reshape(shape)
    top = base + TITLE
    for number, tile in enumerate(values.reshape(shape)):
        left = row.left + number * row.step
        sheet.image(tile, left, top, row.cell, ends)
        if masks is not None:
            _highlight(sheet, masks[number], left, top, row.cell)
    return top + values.reshape(shape).shape[1] * row.cell[1]


def _highlight(
    sheet: Sheet, mask: NDArray[np.bool_], left: float, top: float, cell: tuple[float, float]
) -> None:
    """Pale what the mask leaves out and frame what it names, one rectangle."""
    sheet.veil(~mask, left, top, cell)
    rows, columns = np.nonzero(mask)
    if len(rows):
        wide, high = cell
        sheet.frame(
            left + columns.min() * wide,
            top + rows.min() * high,
            left + (columns.max() + 1) * wide,
            top + (rows.max() + 1) * high,
            edgecolor=ACCENT,
            linewidth=1.2,
        )
