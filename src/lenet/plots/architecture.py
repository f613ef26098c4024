"""The network without its weights: the paper's Fig. 2, and Table I as a graph."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from lenet.network.architecture import Architecture
from lenet.network.plane import PLANE_SIDE
from lenet.network.rbf_codes import COLUMNS, ROWS, digit_codes
from lenet.network.summary import FIELD, KERNEL, Layer, summarise
from lenet.plots.comparison_plots import COLOURS
from lenet.plots.sheet import ACCENT, FAINT, INK, MARGIN, RIGHT, Scale, Sheet

PIXEL, CENTRE = 0.78, 35.0  # units of the page a unit of a map; centre line of all drawings
SHIFTS = {"C1": 1.3, "S2": 1.3, "C3": 0.75, "S4": 0.75}  # from one map of a stack to the next
GAPS = (5, 5, 5, 5, 14, 11, 11.5)  # before each layer, C1 to OUTPUT
CELL, ANSWER_CELL = 1.5, 3.4  # units of the page a unit of C5 or F6, and of the output
C5_COLUMNS = 8
DIGIT = 7  # drawn in the input, in F6 and as the answer
STROKE = ((0.1, 0.08), (0.5, 0.07), (0.86, 0.03), (0.68, 0.38), (0.5, 0.7), (0.42, 1))  # in 1×1
FACE, EDGE, LINES = "#eaf0f8", "#4a5d7a", "#8a97ab"
S2_SIDE, C3_SIDE = 12, 9  # units of their sides
TABLE_CELL = 6
# Colour-blind safe; black replaces the light yellow.
S2_COLOURS = (*COLOURS[:4], "#000000", COLOURS[5])
GROUPS = (
    *((0, 6, "three neighbours"), (6, 12, "four neighbours")),
    *((12, 15, "four, apart"), (15, 16, "all")),
)


class Place(NamedTuple):
    """The rectangle of a layer's front map, and the left edge of the whole stack."""

    stack_left: float
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def middle(self) -> float:
        return (self.stack_left + self.right) / 2


def draw_architecture(architecture: Architecture) -> Figure:
    """INPUT, C1 … F6, OUTPUT from left to right; below, what joins them and what each costs."""
    sheet, layers = Sheet(), summarise(architecture)
    places = [_draw_input(sheet)]
    for layer, gap in zip(layers, GAPS, strict=True):
        places.append(_draw_layer(sheet, layer, places[-1].right + gap))
    for before, after, layer in zip(places, places[1:], layers, strict=False):
        _draw_connection(sheet, before, after, layer)
        left = before.right + (after.left - before.right) / 2
        for line, words in enumerate(operation(layer, architecture)):
            sheet.text(left, 59 + 3.4 * line, words, 7.5, ha="center", color=FAINT)
    _draw_title(sheet, places[0], "INPUT", f"{PLANE_SIDE}×{PLANE_SIDE}")
    for place, layer in zip(places[1:], layers, strict=True):
        _draw_title(sheet, place, layer.name.upper(), size_of(layer))
    return sheet.cut(_draw_table(sheet, places, layers))


def size_of(layer: Layer) -> str:
    """Maps and their size, as 6@28×28; the count alone for layers of single units."""
    maps, rows, columns = layer.shape
    return f"{maps}@{rows}×{columns}" if rows * columns > 1 else str(maps)


def operation(layer: Layer, architecture: Architecture) -> tuple[str, str]:
    """What computes a layer from the one before it, on two lines."""
    if layer.name.startswith("C"):
        return f"{KERNEL}×{KERNEL}", "convolution"
    if layer.name.startswith("S"):
        names = {"trainable": "sub-sampling", "average": "averaging", "max": "max pooling"}
        return f"{FIELD}×{FIELD}", names[architecture.subsampling]
    is_rbf = layer.name == "output" and architecture.head == "rbf"
    return "Gaussian" if is_rbf else "full", "connection"


def _draw_title(sheet: Sheet, place: Place, name: str, size: str) -> None:
    sheet.text(place.middle, 8, name, 10, ha="center", weight="bold")
    sheet.text(place.middle, 12, size, 8.5, ha="center", color=FAINT)


def _draw_input(sheet: Sheet) -> Place:
    side = PLANE_SIDE * PIXEL
    place = Place(MARGIN, MARGIN, CENTRE - side / 2, side, side)
    _draw_square(sheet, place.left, place.top, side, side)
    stroke = place[1:3] + side * (0.28 + 0.44 * np.array(STROKE))
    look: dict[str, Any] = {"solid_capstyle": "round", "solid_joinstyle": "round"}
    sheet.axes.plot(*stroke.T, color=INK, lw=6, **look)
    return place


def _draw_square(sheet: Sheet, left: float, top: float, width: float, height: float) -> None:
    look = {"facecolor": FACE, "edgecolor": EDGE, "linewidth": 0.7, "zorder": 2}
    sheet.frame(left, top, left + width, top + height, fill=True, **look)


def _draw_layer(sheet: Sheet, layer: Layer, left: float) -> Place:
    """The layer from this left edge on."""
    maps, rows, _ = layer.shape
    if layer.name in SHIFTS:
        shift, side = SHIFTS[layer.name], rows * PIXEL
        back = CENTRE - (side + shift * (maps - 1)) / 2
        for k in range(maps):
            _draw_square(sheet, left + k * shift, back + k * shift, side, side)
        last = shift * (maps - 1)
        return Place(left, left + last, back + last, side, side)
    if layer.name == "output":
        return _draw_output(sheet, maps, left)
    columns = C5_COLUMNS if layer.name == "C5" else COLUMNS
    width, height = columns * CELL, maps // columns * CELL
    place = Place(left, left, CENTRE - height / 2, width, height)
    code = digit_codes()[DIGIT].reshape(ROWS, COLUMNS)
    values = code if layer.name == "F6" else np.full((maps // columns, columns), -0.5)
    sheet.image(values, left, place.top, CELL, Scale(-1.4, 1.8, "Blues"))
    ends = (place.left, place.right), (place.top, place.top + height)
    look: dict[str, Any] = {"colors": "white", "linewidth": 0.5}
    sheet.axes.vlines(np.arange(*ends[0], CELL)[1:], *ends[1], **look)
    sheet.axes.hlines(np.arange(*ends[1], CELL)[1:], *ends[0], **look)
    return place


def _draw_output(sheet: Sheet, count: int, left: float) -> Place:
    """Ten units, the answer's marked."""
    top = CENTRE - count * ANSWER_CELL / 2
    for digit in range(count):
        above = top + digit * ANSWER_CELL
        _draw_square(sheet, left, above, ANSWER_CELL, ANSWER_CELL)
        style: dict[str, Any] = {"color": FAINT}
        if digit == DIGIT:
            style = {"color": ACCENT, "weight": "bold"}
        centre = left + ANSWER_CELL / 2, above + ANSWER_CELL / 2
        sheet.text(*centre, str(digit), 7.5, ha="center", va="center", zorder=4, **style)
    return Place(left, left, top, ANSWER_CELL, count * ANSWER_CELL)


def _draw_connection(sheet: Sheet, before: Place, after: Place, layer: Layer) -> None:
    """The field of one unit and the lines to it; the whole layer where the unit reads it all."""
    side = {"C": KERNEL, "S": FIELD}.get(layer.name[0], 0) * PIXEL
    if side and layer.name != "C5":
        left, top = before.right - side - 2.2 * PIXEL, before.top + 0.34 * before.height
        sheet.frame(left, top, left + side, top + side, edgecolor=ACCENT, linewidth=1, zorder=4)
        start, right = (top, top + side), left + side
        target = after.left + 0.5 * after.width, after.top + 0.4 * after.height
    else:
        start, right = (before.top, before.top + before.height), before.right
        target = after.left, after.top + 0.5 * after.height
    for base in start:
        points = ([right, target[0]], [base, target[1]])
        sheet.axes.plot(*points, color=ACCENT if side else LINES, lw=0.7, zorder=4)


def _draw_table(sheet: Sheet, places: list[Place], layers: list[Layer]) -> float:
    """Trainable parameters and connections below each layer, their sums at the left."""
    lines = {"parameters": 71.0, "connections": 75.5}
    for name, base in lines.items():
        counts = [getattr(layer, name) for layer in layers]
        sheet.text(MARGIN, base, f"{sum(counts):,} {name}", 8, weight="bold")
        for place, count in zip(places[1:], counts, strict=True):
            sheet.text(place.middle, base, f"{count:,}", 8, ha="center")
    sheet.axes.plot([MARGIN, RIGHT], [66, 66], color=LINES, lw=0.6)
    return max(lines.values())


def draw_c3_table(architecture: Architecture) -> Figure:
    """The S2 maps above, the C3 maps below, a line for each connected pair, and the table."""
    sheet, top, bottom = Sheet(), 19.0, 81.0
    pairs = [(source, to) for to, maps in enumerate(architecture.c3_inputs) for source in maps]
    counts = f"{len(pairs)} of {6 * 16} pairs, {len(pairs) * 25 + 16:,} parameters"
    sheet.title(MARGIN, 11, "C3", f"the S2 maps that each C3 map reads: {counts}")
    above, below = _middles(6, 20), _middles(16, C3_SIDE / 2)
    for source, to in pairs:
        _draw_curve(sheet, (above[source], top + S2_SIDE), (below[to], bottom), S2_COLOURS[source])
    for source, middle in enumerate(above):
        _draw_map(sheet, middle, top, S2_SIDE, f"S2 {source}", S2_COLOURS[source])
    for to, middle in enumerate(below):
        _draw_map(sheet, middle, bottom, C3_SIDE, str(to), INK)
    ground, half = bottom + C3_SIDE, C3_SIDE / 2
    for first, last, words in GROUPS if architecture.c3 == "table" else ():
        ends = below[first] - half, below[last - 1] + half
        sheet.axes.plot(ends, [ground + 3, ground + 3], color=FAINT, lw=0.8)
        sheet.text(sum(ends) / 2, ground + 7, words, 7.5, ha="center", color=FAINT)
    table = ground + 16  # as printed: a column a C3 map, a line an S2 map
    for source in range(6):
        base = table + source * TABLE_CELL
        sheet.text(MARGIN, base, str(source), 7.5, ha="center", color=FAINT)
    for source, to in pairs:
        style = {"ha": "center", "color": S2_COLOURS[source], "weight": "bold"}
        sheet.text(below[to], table + source * TABLE_CELL, "×", 10, **style)
    return sheet.cut(table + 5 * TABLE_CELL)


def _middles(count: int, side: float) -> list[float]:
    """The middles of so many maps, from margin to margin."""
    return [float(middle) for middle in np.linspace(MARGIN + side, RIGHT - side, count)]


def _draw_curve(
    sheet: Sheet, start: tuple[float, float], end: tuple[float, float], colour: str
) -> None:
    level = (start[1] + end[1]) / 2
    points = [start, (start[0], level), (end[0], level), end]
    path = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    look = {"fill": False, "edgecolor": colour, "linewidth": 1, "alpha": 0.8}
    sheet.axes.add_patch(PathPatch(path, **look))


def _draw_map(sheet: Sheet, middle: float, top: float, side: float, name: str, colour: str) -> None:
    left = middle - side / 2
    look = {"edgecolor": colour, "linewidth": 1.2, "facecolor": "white", "fill": True, "zorder": 3}
    sheet.frame(left, top, left + side, top + side, **look)
    sheet.text(middle, top + side / 2, name, 8, ha="center", va="center", zorder=4)
