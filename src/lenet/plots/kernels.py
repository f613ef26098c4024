"""One sheet with the trained parameters: kernels, coefficients and the weights of F6."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from lenet.network.plane import FloatArray
from lenet.network.rbf_codes import COLUMNS
from lenet.network.rbf_codes import ROWS as LINES
from lenet.network.weights import Weights
from lenet.plots.language import Language
from lenet.plots.rows import GAP, NUMBER, ROWS, describe, middle, number_of
from lenet.plots.sheet import (
    FAINT,
    FIRST,
    LINE,
    MARGIN,
    RIGHT,
    TITLE,
    Scale,
    Sheet,
    number,
    signed_scale,
)

C1_CELL, C3_CELL = 4, 2  # units a weight


def draw_kernels(weights: Weights, language: Language = "en") -> Figure:
    """The weights of every layer on one page; C3's arranged as Table I."""
    sheet = Sheet(language)
    lower = _c1(sheet, weights, FIRST)
    lower = _sampling(sheet, weights, "S2", lower + GAP)
    lower = _c3(sheet, weights, lower + GAP)
    lower = _sampling(sheet, weights, "S4", lower + GAP)
    lower = _c5(sheet, weights, lower + GAP)
    words, drawings = "the weights of each of the 120 C5 units, as 7×12", strokes(weights)
    top = _heading(sheet, weights, "F6", lower + GAP, words, signed_scale(drawings))
    is_linear = weights.architecture.head == "linear"  # its weights need room, too
    a_line, cell = (40, 0.6) if is_linear else (30, 0.75)
    lower = _drawings(sheet, drawings, top, a_line=a_line, cell=cell)
    if is_linear:
        words = "the weights of each digit, 0 to 9, on F6, as 7×12"
        heads = weights.tensors["output.weight"].reshape(-1, LINES, COLUMNS)
        top = _heading(sheet, weights, "output", lower + GAP, words, signed_scale(heads))
        lower = _drawings(sheet, heads, top, a_line=10, cell=1.0)
    return sheet.cut(lower)


def strengths(weights: Weights) -> FloatArray:
    """Root mean square of each C5 unit's kernel on each S4 map, (16, 120)."""
    rms: FloatArray = np.sqrt(np.square(weights.tensors["c5.weight"]).mean((2, 3)))
    return np.ascontiguousarray(rms.T)


def strokes(weights: Weights) -> FloatArray:
    """The weights from each C5 unit to F6 as 7×12 drawings, (120, 12, 7)."""
    columns = np.ascontiguousarray(weights.tensors["f6.weight"].T)
    return columns.reshape(-1, LINES, COLUMNS)


def _heading(
    sheet: Sheet,
    weights: Weights,
    layer: str,
    base: float,
    words: str,
    scale: Scale | None = None,
) -> float:
    """A layer's name, its number of parameters, and how they are arranged."""
    size, _ = describe(layer, weights.architecture, sheet.language)
    name = sheet.words(layer) if layer == "output" else layer
    return sheet.heading(base, name, size, sheet.words(words), scale)


def _c1(sheet: Sheet, weights: Weights, base: float) -> float:
    """Six kernels and their biases."""
    kernels, biases = weights.tensors["c1.weight"][:, 0], weights.tensors["c1.bias"]
    scale = signed_scale(kernels)
    words = "six kernels of 5×5, each above its bias"
    top = _heading(sheet, weights, "C1", base, words, scale) + NUMBER
    lower = top + 5 * C1_CELL
    for to, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
        centre = middle("S2", to)
        sheet.text(centre, top - 1, str(to), ha="center", color=FAINT)
        sheet.image(kernel, centre - 2.5 * C1_CELL, top, C1_CELL, scale)
        sheet.text(centre, lower + LINE, number(bias), ha="center")
    return lower + LINE


def _sampling(sheet: Sheet, weights: Weights, layer: str, base: float) -> float:
    """Coefficient and bias of each map, in the map's column; nothing where it only pools."""
    if weights.architecture.subsampling != "trainable":
        return _heading(sheet, weights, layer, base, "it pools 2×2") - TITLE
    words = "the coefficient of each map's sums, above its bias"
    top = _heading(sheet, weights, layer, base, words) + NUMBER
    coefficients, biases = (
        weights.tensors[f"{layer.lower()}.{name}"] for name in ("coefficient", "bias")
    )
    for to, (coefficient, bias) in enumerate(zip(coefficients, biases, strict=True)):
        centre = middle(layer, to)
        sheet.text(centre, top - 1, str(to), ha="center", color=FAINT)
        sheet.text(centre, top + LINE - 1, number(coefficient), ha="center")
        sheet.text(centre, top + 2 * LINE - 1, number(bias), ha="center")
    return top + 2 * LINE - 1


def _c3(sheet: Sheet, weights: Weights, base: float) -> float:
    """Table I with the kernels in it: a column a C3 map, a line an S2 map, blank if not read."""
    kernels, biases = weights.tensors["c3.weight"], weights.tensors["c3.bias"]
    inputs, scale = weights.architecture.c3_inputs, signed_scale(kernels)
    words = "a column a C3 map above its bias, a line an S2 map that it reads"
    step, top = ROWS["C3"].step, _heading(sheet, weights, "C3", base, words, scale) + NUMBER
    lower = top + 5 * step + 5 * C3_CELL + LINE
    for to, sources in enumerate(inputs):
        left, centre = ROWS["C3"].left + to * step, middle("S4", to)
        sheet.text(centre, top - 1, str(to), ha="center", color=FAINT)
        for source in sources:
            sheet.image(kernels[to, source], left, top + source * step, C3_CELL, scale)
        sheet.text(centre, lower, number(biases[to]), ha="center")
    for source in range(6):
        sheet.text(MARGIN - 1.5, top + source * step + 6, str(source), ha="right", color=FAINT)
    return lower


def _c5(sheet: Sheet, weights: Weights, base: float) -> float:
    """The strength of every connection between the 16 S4 maps and the 120 C5 units."""
    words = "root mean square of each unit's (column) kernel on each S4 map (line)"
    table, row = strengths(weights), ROWS["C5"]
    scale, cell = Scale(0, float(table.max())), row.cell[0]
    top = _heading(sheet, weights, "C5", base, words, scale) + NUMBER
    for place, start in enumerate(range(0, table.shape[1], row.units)):
        left = row.left + place * row.step
        sheet.text(left, top - 1, number_of(place, row.units), color=FAINT)
        sheet.image(table[:, start : start + row.units], left, top, cell, scale)
    return top + len(table) * cell


def _drawings(sheet: Sheet, drawings: FloatArray, top: float, *, a_line: int, cell: float) -> float:
    """Drawings of 7×12 weights, so many a line, from margin to margin."""
    scale = signed_scale(drawings)
    step = (RIGHT - MARGIN - COLUMNS * cell) / (a_line - 1)
    high = LINES * cell + 1
    for place, drawing in enumerate(drawings):
        line, column = divmod(place, a_line)
        sheet.image(drawing, MARGIN + column * step, top + line * high, cell, scale)
    return top + math.ceil(len(drawings) / a_line) * high - 1
