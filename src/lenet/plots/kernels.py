"""One sheet with the trained parameters: kernels, coefficients and the weights of F6."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from lenet.network.plane import FloatArray
from lenet.network.rbf_codes import COLUMNS
from lenet.network.rbf_codes import ROWS as LINES
from lenet.network.summary import summarise
from lenet.network.weights import Weights
from lenet.plots.rows import FIRST, GAP, ROWS, TITLE, middle
from lenet.plots.sheet import FAINT, MARGIN, RIGHT, Scale, Sheet, number, signed_scale

C1_CELL, C3_CELL = 4, 2  # units a weight


def draw_kernels(weights: Weights) -> Figure:
    """The weights of every layer on one page; C3's arranged as Table I."""
    sheet = Sheet()
    lower = _c1(sheet, weights, FIRST)
    lower = _sampling(sheet, weights, "S2", lower + GAP)
    lower = _c3(sheet, weights, lower + GAP)
    lower = _sampling(sheet, weights, "S4", lower + GAP)
    lower = _c5(sheet, weights, lower + GAP)
    words = "the weights of each of the 120 C5 units, as 7×12"
    _title(sheet, weights, "F6", lower + GAP, words)
    lower = _drawings(sheet, strokes(weights), lower + GAP, a_line=30, cell=0.75)
    if weights.architecture.head == "linear":
        words = "the weights of each digit, 0 to 9, on F6, as 7×12"
        _title(sheet, weights, "output", lower + GAP, words)
        heads = weights.tensors["output.weight"].reshape(-1, LINES, COLUMNS)
        lower = _drawings(sheet, heads, lower + GAP, a_line=10, cell=1.5)
    return sheet.cut(lower)


def strengths(weights: Weights) -> FloatArray:
    """Root mean square of each C5 unit's kernel on each S4 map, (16, 120)."""
    rms: FloatArray = np.sqrt(np.square(weights.tensors["c5.weight"]).mean((2, 3)))
    return np.ascontiguousarray(rms.T)


def strokes(weights: Weights) -> FloatArray:
    """The weights from each C5 unit to F6 as 7×12 drawings, (120, 12, 7)."""
    columns = np.ascontiguousarray(weights.tensors["f6.weight"].T)
    return columns.reshape(-1, LINES, COLUMNS)


def _title(sheet: Sheet, weights: Weights, layer: str, base: float, words: str) -> None:
    """A layer's name, its number of parameters, and how they are arranged."""
    count = next(row.parameters for row in summarise(weights.architecture) if row.name == layer)
    size = f"{count:,} parameters" if count else "no parameters"
    sheet.title(MARGIN, base, layer, f"{size}: {words}")


def _c1(sheet: Sheet, weights: Weights, base: float) -> float:
    """Six kernels and their biases."""
    kernels, biases = weights.tensors["c1.weight"][:, 0], weights.tensors["c1.bias"]
    scale = signed_scale(kernels)
    _title(sheet, weights, "C1", base, "six kernels of 5×5, each above its bias")
    sheet.legend(RIGHT, base, scale)
    lower = base + TITLE + 5 * C1_CELL
    for to, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
        centre = middle("S2", to)
        sheet.image(kernel, centre - 2.5 * C1_CELL, base + TITLE, C1_CELL, scale)
        sheet.text(centre, lower + 4, number(bias, "+.2f"), 7, ha="center", color=FAINT)
    return lower + 4


def _sampling(sheet: Sheet, weights: Weights, layer: str, base: float) -> float:
    """Coefficient and bias of each map, in the map's column; nothing where it only pools."""
    if weights.architecture.subsampling != "trainable":
        _title(sheet, weights, layer, base, "it pools 2×2")
        return base
    _title(sheet, weights, layer, base, "the coefficient of each map's sums, above its bias")
    coefficients, biases = (
        weights.tensors[f"{layer.lower()}.{name}"] for name in ("coefficient", "bias")
    )
    for to, (coefficient, bias) in enumerate(zip(coefficients, biases, strict=True)):
        centre = middle(layer, to)
        sheet.text(centre, base + 5.5, f"× {number(coefficient)}", 7, ha="center")
        sheet.text(centre, base + 9.5, number(bias, "+.2f"), 7, ha="center", color=FAINT)
    return base + 9.5


def _c3(sheet: Sheet, weights: Weights, base: float) -> float:
    """Table I with the kernels in it: a column a C3 map, a line an S2 map, blank if not read."""
    kernels, biases = weights.tensors["c3.weight"], weights.tensors["c3.bias"]
    inputs, scale = weights.architecture.c3_inputs, signed_scale(kernels)
    words = "a column a C3 map above its bias, a line an S2 map that it reads"
    _title(sheet, weights, "C3", base, words)
    sheet.legend(RIGHT, base, scale)
    step, top = ROWS["C3"].step, base + TITLE + 3
    lower = top + 6 * step + 2
    for to, sources in enumerate(inputs):
        left, centre = ROWS["C3"].left + to * step, middle("S4", to)
        sheet.text(centre, top - 1.2, str(to), 7, ha="center", color=FAINT)
        for source in sources:
            sheet.image(kernels[to, source], left, top + source * step, C3_CELL, scale)
        sheet.text(centre, lower, number(biases[to], "+.2f"), 7, ha="center", color=FAINT)
    for source in range(6):
        sheet.text(MARGIN - 1.5, top + source * step + 6, str(source), 7, ha="right", color=FAINT)
    return lower


def _c5(sheet: Sheet, weights: Weights, base: float) -> float:
    """The strength of every connection between the 16 S4 maps and the 120 C5 units."""
    words = "root mean square of each unit's (column) kernel on each S4 map (line)"
    _title(sheet, weights, "C5", base, words)
    table, row = strengths(weights), ROWS["C5"]
    scale, cell = Scale(0, float(table.max())), row.cell[0]
    sheet.legend(RIGHT, base, scale)
    for place, start in enumerate(range(0, table.shape[1], row.units)):
        tile = table[:, start : start + row.units]
        sheet.image(tile, row.left + place * row.step, base + TITLE, cell, scale)
    return base + TITLE + len(table) * cell


def _drawings(
    sheet: Sheet, drawings: FloatArray, base: float, *, a_line: int, cell: float
) -> float:
    """Drawings of 7×12 weights, so many a line, from margin to margin."""
    scale = signed_scale(drawings)
    sheet.legend(RIGHT, base, scale)
    step = (RIGHT - MARGIN - COLUMNS * cell) / (a_line - 1)
    high = LINES * cell + 1
    for place, drawing in enumerate(drawings):
        line, column = divmod(place, a_line)
        sheet.image(drawing, MARGIN + column * step, base + TITLE + line * high, cell, scale)
    return base + TITLE + math.ceil(len(drawings) / a_line) * high - 1
