"""One sheet for one unit: everything it depends on, and the sum that gives its value."""

from __future__ import annotations

from matplotlib.figure import Figure

from lenet.network.plane import FloatArray
from lenet.network.summary import KERNEL
from lenet.plots.forward_trace import ForwardTrace, UnitBreakdown, unit_breakdown
from lenet.plots.language import Language, translate
from lenet.plots.receptive_field import INPUT, Unit, dependence, receptive_field
from lenet.plots.rows import GAP, draw_row, middle, scale_of
from lenet.plots.sheet import (
    ACCENT,
    FAINT,
    FIRST,
    LINE,
    MARGIN,
    TITLE,
    Scale,
    Sheet,
    number,
    signed_scale,
)

NUMBERED = 25  # a sum of up to so many terms shows every number
NUMBER_CELL, CELL = (12, 7), 3.0  # units a term, with its number (width, height) and without
HIGHEST = 20  # units of the pictures of a sum without numbers: the output's sheet fits A4
APART = 9  # units between values, weights and products
COLUMN_CELL = {"S2": 4, "S4": 2}  # where each map of this layer has its column


def draw_receptive_field(trace: ForwardTrace, unit: Unit, language: Language = "en") -> Figure:
    """The maps up to the unit's layer with its receptive field framed, and its sum term by term."""
    sheet, terms, lower = Sheet(language), unit_breakdown(trace, unit), FIRST - GAP
    for layer, mask in dependence(unit, trace.weights.architecture).items():
        lower = draw_row(sheet, trace, layer, lower + GAP, mask)
    _name(sheet, trace, unit)
    top = sheet.heading(lower + GAP, sheet.words("sum"), *in_words(terms, language))
    draw = _columns if terms.source in COLUMN_CELL else _across
    lower = draw(sheet, trace, terms, top) + 8
    sheet.text(MARGIN, lower, equation(terms, language), 10)
    return sheet.cut(lower)


def in_words(terms: UnitBreakdown, language: Language) -> tuple[str, str]:
    """What the terms are and how many, and what their colours mean."""
    kind, colours = "of {count} terms, each ({source} value − code)²", "dark is far"
    if terms.products:
        kind = "of {count} terms, each weight × {source} value"
        colours = "violet is above 0, orange below"
    named = translate(language, terms.source) if terms.source == INPUT else terms.source
    first = translate(language, kind, count=terms.inputs.size, source=named)
    return first, translate(language, colours)


def equation(terms: UnitBreakdown, language: Language = "en") -> str:
    """The sum in figures, up to the unit's value."""
    total, bias, value = (number(each, ".3f") for each in (terms.total, terms.bias, terms.value))
    line = translate(language, "sum {value}", value=number(terms.contributions.sum(), ".3f"))
    if terms.bias:
        words = "{line} + bias {bias} = {total}"
        line = translate(language, words, line=line, bias=bias, total=total)
    squashed = "{line}, squashed to {value}"
    return translate(language, squashed, line=line, value=value) if terms.squashed else line


def _name(sheet: Sheet, trace: ForwardTrace, unit: Unit) -> None:
    """The unit, its value and its receptive field, at the right of the input."""
    field = receptive_field(unit.layer, unit.row, unit.column)[INPUT]
    value = number(trace.maps[unit.layer][unit[1:]])
    has_maps = unit.layer in ("C1", "S2", "C3", "S4")
    layer = sheet.words(unit.layer) if unit.layer == "output" else unit.layer
    place = "{layer} map {map}, row {row}, column {column}" if has_maps else "{layer} unit {map}"
    name = sheet.words(place, **unit._asdict() | {"layer": layer.capitalize()})
    rows = sheet.words("rows {first} to {last}", first=field.top, last=field.bottom - 1)
    columns = sheet.words("columns {first} to {last}", first=field.left, last=field.right - 1)
    sees = {"size": f"{field.height}×{field.width}", "rows": rows, "columns": columns}
    left, top = MARGIN + 32 + 8, FIRST + LINE + TITLE
    sheet.text(left, top + 8, name, 14, color=ACCENT)
    sheet.text(left, top + 15.5, sheet.words("is {value} for this digit", value=value), 10)
    words = sheet.words("sees {size} of the input: {rows}, {columns}", **sees)
    sheet.text(left, top + 22, words, color=FAINT)
    words = sheet.words("depends on what is framed, and on nothing that is faded")
    sheet.text(left, top + 27.5, words, color=FAINT)


def _parts(
    sheet: Sheet, trace: ForwardTrace, terms: UnitBreakdown
) -> list[tuple[str, FloatArray, Scale]]:
    """The three pictures of a sum: their names, tiles and scales."""
    values = scale_of(trace, terms.source)
    if terms.products:
        weights, products = signed_scale(terms.weights), signed_scale(terms.contributions)
        names, scales = ("values", "weights", "products"), (values, weights, products)
    else:
        names = ("values", "code", "squared differences")
        scales = (values, values, Scale(0, float(terms.contributions.max())))
    tiles = (terms.inputs, terms.weights, terms.contributions)
    return list(zip(map(sheet.words, names), tiles, scales, strict=True))


def _across(sheet: Sheet, trace: ForwardTrace, terms: UnitBreakdown, top: float) -> float:
    """Values, weights and contributions side by side, where one map is read."""
    numbered = terms.inputs.size <= NUMBERED
    rows, columns = terms.inputs[0].shape
    side = min(CELL, HIGHEST / rows)
    cell = NUMBER_CELL if numbered else (side, side)
    upper, step = top + LINE, columns * cell[0] + APART
    lower = upper + rows * cell[1]
    for place, (name, tiles, scale) in enumerate(_parts(sheet, trace, terms)):
        left = MARGIN + place * step
        sheet.text(left, upper - 1, name, color=FAINT)
        sheet.image(tiles[0], left, upper, cell, scale)
        if numbered:
            sheet.numbers(tiles[0], left, upper, cell, scale)
    for place, sign in enumerate("×=" if terms.products else "−→", 1):
        middle = MARGIN + place * step - APART / 2
        sheet.text(middle, (upper + lower) / 2 + 1.5, sign, 12, ha="center")
    return float(lower)


def _columns(sheet: Sheet, trace: ForwardTrace, terms: UnitBreakdown, top: float) -> float:
    """Values, weights and contributions one above the other, below the map they are of."""
    cell = COLUMN_CELL[terms.source]
    side = KERNEL * cell
    middles = [middle(terms.source, source) for source in terms.maps]
    for line, (name, tiles, scale) in enumerate(_parts(sheet, trace, terms)):
        upper = top + LINE + line * (side + LINE + 1)
        sheet.text(MARGIN, upper - 1, name, color=FAINT)
        for centre, tile in zip(middles, tiles, strict=True):
            sheet.image(tile, centre - side / 2, upper, cell, scale)
    lower = upper + side + LINE
    for centre, tile in zip(middles, terms.contributions, strict=True):
        sheet.text(centre, lower, number(tile.sum(), "+.2f"), ha="center", color=FAINT)
    return float(lower)
