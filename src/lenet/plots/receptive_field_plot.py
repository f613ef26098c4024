"""One sheet for one unit: everything it depends on, and the sum that gives its value."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from lenet.network.plane import FloatArray
from lenet.network.summary import KERNEL
from lenet.plots.forward_trace import ForwardTrace, UnitBreakdown, unit_breakdown
from lenet.plots.receptive_field import INPUT, Unit, dependence, receptive_field
from lenet.plots.rows import FIRST, GAP, TITLE, draw_row, middle, scale_of
from lenet.plots.sheet import ACCENT, FAINT, MARGIN, Scale, Sheet, number, signed_scale

NUMBERED = 25  # a sum of up to so many terms shows every number
NUMBER_CELL, CELL = 8, 3  # units a term, with its number and without
COLUMN_CELL = {"S2": 4, "S4": 2}  # where each map of this layer has its column


def draw_receptive_field(trace: ForwardTrace, unit: Unit) -> Figure:
    """The maps up to the unit's layer with its receptive field framed, and its sum term by term."""
    sheet, terms, lower = Sheet(), unit_breakdown(trace, unit), FIRST - GAP
    for layer, mask in dependence(unit, trace.weights.architecture).items():
        lower = draw_row(sheet, trace, layer, lower + GAP, mask)
    _name(sheet, trace, unit)
    base = lower + GAP
    sheet.title(MARGIN, base, "sum", in_words(terms))
    draw = _columns if terms.source in COLUMN_CELL else _across
    lower = draw(sheet, trace, terms, base + TITLE) + 8
    sheet.text(MARGIN, lower, equation(terms), 11)
    return sheet.cut(lower)


def in_words(terms: UnitBreakdown) -> str:
    """What the terms are, and how many."""
    if not terms.products:
        return f"of {terms.inputs.size} terms, each ({terms.source} value − code)²; dark is far"
    words = f"each weight × {terms.source} value; violet is above 0, orange below"
    return f"of {terms.inputs.size} terms, {words}"


def equation(terms: UnitBreakdown) -> str:
    """The sum in figures, up to the unit's value."""
    line = f"sum {number(terms.contributions.sum(), '.3f')}"
    if terms.bias:
        line += f" + bias {number(terms.bias, '.3f')} = {number(terms.total, '.3f')}"
    return line + (f", squashed to {number(terms.value, '.3f')}" if terms.squashed else "")


def _name(sheet: Sheet, trace: ForwardTrace, unit: Unit) -> None:
    """The unit, its value and its receptive field, at the right of the input."""
    field = receptive_field(unit.layer, unit.row, unit.column)[INPUT]
    value = number(trace.maps[unit.layer][unit[1:]])
    has_maps = unit.layer in ("C1", "S2", "C3", "S4")
    place = f"map {unit.map}, row {unit.row}, column {unit.column}"
    name = f"{unit.layer.capitalize()} {place if has_maps else f'unit {unit.map}'}"
    rows = f"rows {field.top} to {field.bottom - 1}"
    columns = f"columns {field.left} to {field.right - 1}"
    left = MARGIN + 32 + 9
    sheet.text(left, FIRST + 14, name, 14, color=ACCENT)
    sheet.text(left, FIRST + 20.5, f"is {value} for this digit", 9)
    size = f"{field.height}×{field.width}"
    sheet.text(left, FIRST + 26, f"sees {size} of the input: {rows}, {columns}", 9, color=FAINT)
    words = "depends on what is framed, and on nothing that is faded"
    sheet.text(left, FIRST + 31.5, words, 9, color=FAINT)


def _parts(trace: ForwardTrace, terms: UnitBreakdown) -> list[tuple[str, FloatArray, Scale]]:
    """The three pictures of a sum: their names, tiles and scales."""
    values = scale_of(trace, terms.source)
    if terms.products:
        weights, products = signed_scale(terms.weights), signed_scale(terms.contributions)
        names, scales = ("values", "weights", "products"), (values, weights, products)
    else:
        names = ("values", "code", "squared differences")
        scales = (values, values, Scale(0, float(terms.contributions.max())))
    return list(zip(names, (terms.inputs, terms.weights, terms.contributions), scales, strict=True))


def _across(sheet: Sheet, trace: ForwardTrace, terms: UnitBreakdown, top: float) -> float:
    """Values, weights and contributions side by side, where one map is read."""
    numbered = terms.inputs.size <= NUMBERED
    cell: float = NUMBER_CELL if numbered else CELL
    rows, columns = terms.inputs[0].shape
    upper, lower, step = top + 4.5, top + 4.5 + rows * cell, columns * cell + 10
    for place, (name, tiles, scale) in enumerate(_parts(trace, terms)):
        left = MARGIN + place * step
        sheet.text(left, top + 3, name, color=FAINT)
        sheet.image(tiles[0], left, upper, cell, scale)
        if numbered:
            sheet.numbers(tiles[0], left, upper, cell, scale)
    for place, sign in enumerate("×=" if terms.products else "−→", 1):
        sheet.text(MARGIN + place * step - 5, (upper + lower) / 2 + 1.5, sign, 12, ha="center")
    return float(lower)


def _columns(sheet: Sheet, trace: ForwardTrace, terms: UnitBreakdown, top: float) -> float:
    """Values, weights and contributions one above the other, below the map they are of."""
    cell = COLUMN_CELL[terms.source]
    side = KERNEL * cell
    middles = [middle(terms.source, source) for source in terms.maps]
    for line, (name, tiles, scale) in enumerate(_parts(trace, terms)):
        upper = top + line * (side + 2)
        look: dict[str, Any] = {"rotation": 90, "ha": "right", "va": "center", "color": FAINT}
        sheet.text(MARGIN - 1, upper + side / 2, name, 7, **look)
        for centre, tile in zip(middles, tiles, strict=True):
            sheet.image(tile, centre - side / 2, upper, cell, scale)
    lower = top + 3 * (side + 2) + 1.5
    for centre, tile in zip(middles, terms.contributions, strict=True):
        sheet.text(centre, lower, number(tile.sum(), "+.2f"), 7, ha="center", color=FAINT)
    return lower
