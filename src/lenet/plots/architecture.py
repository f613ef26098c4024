"""The network without its weights: every map and what joins them, and Table I as a graph."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path

from lenet.network.architecture import Architecture
from lenet.network.plane import PLANE_SIDE
from lenet.network.rbf_codes import COLUMNS, ROWS, digit_codes
from lenet.network.summary import FIELD, KERNEL, Layer, summarise
from lenet.plots.comparison_plots import COLOURS
from lenet.plots.language import Language
from lenet.plots.receptive_field import receptive_field
from lenet.plots.sheet import ACCENT, FAINT, FIRST, INK, LINE, MARGIN, RIGHT, Scale, Sheet

PIXEL = 0.6  # units of the page a unit of a map
TOP, HEIGHT = 19.0, 120.0  # of the stacks; the maps of a layer are spread over it
PITCH = 25.4  # from the middle of one layer to that of the next
CELL, ANSWER_CELL = 1.6, 6.0  # units of the page a unit of C5 or F6, and of the output
C5_COLUMNS = 5
# The unit of each layer whose field is framed, on the digit's ink: (row, column).
FRAMED = {"C1": (6, 17), "S2": (3, 8), "C3": (1, 6), "S4": (0, 3), "C5": (0, 0)}
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
    """The rectangle of one map, or of all units of a layer that has no maps."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def draw_architecture(architecture: Architecture, language: Language = "en") -> Figure:
    """INPUT, C1 … F6, OUTPUT from left to right with every map; below, what each costs."""
    sheet, layers = Sheet(language), summarise(architecture)
    centres = [MARGIN + PLANE_SIDE * PIXEL / 2 + PITCH * k for k in range(len(layers) + 1)]
    stacks = [[_draw_input(sheet, centres[0])]]
    stacks += [_draw_layer(sheet, *each) for each in zip(layers, centres[1:], strict=True)]
    for before, after, layer in zip(stacks, stacks[1:], layers, strict=False):
        _draw_connections(sheet, before, after, layer, architecture)
        _draw_field(sheet, before, after, layer, architecture)
    names = [sheet.words("input"), *(layer.name for layer in layers[:-1]), sheet.words("output")]
    sizes = [f"1@{PLANE_SIDE}×{PLANE_SIDE}", *map(size_of, layers)]
    for centre, name, size in zip(centres, names, sizes, strict=True):
        sheet.text(centre, FIRST, name.capitalize(), 10, ha="center", weight="bold")
        sheet.text(centre, FIRST + LINE, size, ha="center", color=FAINT)
    return sheet.cut(_draw_table(sheet, centres, layers, architecture))


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


def weights_and_biases(layer: Layer) -> tuple[int, int]:
    """The parameters of a layer, as in the table: a bias a map where it has parameters at all."""
    biases = layer.shape[0] if layer.parameters else 0
    return layer.parameters - biases, biases


def _draw_input(sheet: Sheet, centre: float) -> Place:
    """The input with a digit."""
    side = PLANE_SIDE * PIXEL
    place = Place(centre - side / 2, TOP + (HEIGHT - side) / 2, side, side)
    _draw_square(sheet, place)
    stroke = place[:2] + side * (0.28 + 0.44 * np.array(STROKE))
    look: dict[str, Any] = {"solid_capstyle": "round", "solid_joinstyle": "round"}
    sheet.axes.plot(*stroke.T, color=INK, lw=3, **look)
    return place


def _draw_square(sheet: Sheet, place: Place, edge: str = EDGE) -> None:
    look = {"facecolor": FACE, "edgecolor": edge, "linewidth": 0.7, "zorder": 2}
    bottom = place.top + place.height
    sheet.frame(place.left, place.top, place.right, bottom, fill=True, **look)


def _draw_layer(sheet: Sheet, layer: Layer, centre: float) -> list[Place]:
    """Every map with its number; the units of C5, F6 and the output in one block."""
    maps, rows, _ = layer.shape
    if layer.name == "output":
        return [_draw_output(sheet, maps, centre)]
    if rows == 1:
        return [_draw_units(sheet, layer, centre)]
    side, step = rows * PIXEL, HEIGHT / maps
    places = []
    for number in range(maps):
        middle = TOP + (number + 0.5) * step
        place = Place(centre - side / 2, middle - side / 2, side, side)
        edge = S2_COLOURS[number] if layer.name == "S2" else EDGE
        _draw_square(sheet, place, edge)
        if side > 5:  # units: two figures and more
            sheet.text(place.left + 0.6, place.top + side - 0.8, str(number), zorder=5)
        else:
            sheet.text(place.left - 0.8, middle, str(number), ha="right", va="center")
        places.append(place)
    return places


def _draw_units(sheet: Sheet, layer: Layer, centre: float) -> Place:
    """The 120 units of C5, or F6's 84 as a drawing."""
    columns = C5_COLUMNS if layer.name == "C5" else COLUMNS
    rows = layer.shape[0] // columns
    width, height = columns * CELL, rows * CELL
    place = Place(centre - width / 2, TOP + (HEIGHT - height) / 2, width, height)
    code = digit_codes()[DIGIT].reshape(ROWS, COLUMNS)
    values = code if layer.name == "F6" else np.full((rows, columns), -0.5)
    sheet.image(values, place.left, place.top, CELL, Scale(-1.4, 1.8, "Blues"))
    ends = (place.left, place.right), (place.top, place.top + height)
    look: dict[str, Any] = {"colors": "white", "linewidth": 0.5}
    sheet.axes.vlines(np.arange(*ends[0], CELL)[1:], *ends[1], **look)
    sheet.axes.hlines(np.arange(*ends[1], CELL)[1:], *ends[0], **look)
    return place


def _draw_output(sheet: Sheet, count: int, centre: float) -> Place:
    """Ten units, the answer's marked."""
    left, top = centre - ANSWER_CELL / 2, TOP + (HEIGHT - count * ANSWER_CELL) / 2
    for digit in range(count):
        above = top + digit * ANSWER_CELL
        _draw_square(sheet, Place(left, above, ANSWER_CELL, ANSWER_CELL))
        style: dict[str, Any] = {"color": FAINT}
        if digit == DIGIT:
            style = {"color": ACCENT, "weight": "bold"}
        middle = above + ANSWER_CELL / 2
        sheet.text(centre, middle, str(digit), ha="center", va="center", zorder=5, **style)
    return Place(left, top, ANSWER_CELL, count * ANSWER_CELL)


def _draw_connections(
    sheet: Sheet,
    before: list[Place],
    after: list[Place],
    layer: Layer,
    architecture: Architecture,
) -> None:
    """A line from each map to each map that reads it; a band where every unit reads every one."""
    if len(after) == 1:
        corners = [(before[0].right, before[0].top), (after[0].left, after[0].top)]
        corners += [(after[0].left, after[0].top + after[0].height)]
        corners += [(before[-1].right, before[-1].top + before[-1].height)]
        look: dict[str, Any] = {"facecolor": FACE, "edgecolor": LINES, "lw": 0.5, "zorder": 0}
        sheet.axes.add_patch(Polygon(corners, **look))
        return
    reads = {"C1": [(0,)] * len(after), "C3": architecture.c3_inputs}
    beside = 6.5 if layer.name == "S4" else 0  # units for the numbers, which stand at the left
    for to, sources in enumerate(reads.get(layer.name, [(k,) for k in range(len(after))])):
        for source in sources:
            colour = S2_COLOURS[source] if layer.name == "C3" else LINES
            ends = (before[source].right, after[to].left - beside)
            levels = (before[source].middle, after[to].middle)
            sheet.axes.plot(ends, levels, color=colour, lw=0.5, zorder=1)


def _draw_field(
    sheet: Sheet,
    before: list[Place],
    after: list[Place],
    layer: Layer,
    architecture: Architecture,
) -> None:
    """What one unit of the layer's first map reads, framed in the maps that it reads."""
    if layer.name not in FRAMED:
        return
    row, column = FRAMED[layer.name]
    box = next(iter(receptive_field(layer.name, row, column).values()))
    sources = {"C3": architecture.c3_inputs[0], "C5": range(len(before))}.get(layer.name, (0,))
    for source in sources:
        left, top = before[source].left + box.left * PIXEL, before[source].top + box.top * PIXEL
        right, bottom = left + box.width * PIXEL, top + box.height * PIXEL
        sheet.frame(left, top, right, bottom, edgecolor=ACCENT, linewidth=0.8, zorder=4)
        if layer.name in ("C1", "S2"):
            target = after[0].left + column * PIXEL, after[0].top + row * PIXEL
            for base in (top, bottom):
                points = ([right, target[0]], [base, target[1]])
                sheet.axes.plot(*points, color=ACCENT, lw=0.6, zorder=4)


def _draw_table(
    sheet: Sheet, centres: list[float], layers: list[Layer], architecture: Architecture
) -> float:
    """What computes each layer, what a unit of it sees, and what it costs."""
    base, middles = TOP + HEIGHT + LINE + 3, centres[1:]
    sheet.axes.plot([MARGIN, RIGHT], [base - LINE, base - LINE], color=LINES, lw=0.6)
    operations = (map(sheet.words, operation(layer, architecture)) for layer in layers)
    firsts, seconds = zip(*operations, strict=True)
    split = [weights_and_biases(layer) for layer in layers]
    rows = {
        "computed by": firsts,
        "": seconds,
        "sees": [f"{layer.receptive_field}×{layer.receptive_field}" for layer in layers],
        "weights": [f"{weights:,}" for weights, _ in split],
        "biases": [f"{biases:,}" for _, biases in split],
        "parameters": [f"{layer.parameters:,}" for layer in layers],
        "connections": [f"{layer.connections:,}" for layer in layers],
    }
    for line, (name, cells) in enumerate(rows.items()):
        if name:
            sheet.text(MARGIN, base + line * LINE, sheet.words(name), color=FAINT)
        for middle, cell in zip(middles, cells, strict=True):
            sheet.text(middle, base + line * LINE, cell, ha="center")
    base += (len(rows) + 0.6) * LINE
    total = {name: sum(getattr(layer, name) for layer in layers) for name in list(rows)[-2:]}
    words = sheet.words("{parameters:,} parameters, {connections:,} connections", **total)
    sheet.text(MARGIN, base, words, weight="bold")
    if architecture.head == "rbf":
        base += LINE
        fixed = "The 84 × 10 numbers of the output's codes are fixed."
        sheet.text(MARGIN, base, sheet.words(fixed), color=FAINT)
    return base


def draw_c3_table(architecture: Architecture, language: Language = "en") -> Figure:
    """The S2 maps above, the C3 maps below, a line for each connected pair, and the table."""
    sheet, top, bottom = Sheet(language), FIRST + 7.0, FIRST + 69.0
    pairs = [(source, to) for to, maps in enumerate(architecture.c3_inputs) for source in maps]
    words = "the S2 maps that each C3 map reads: {pairs} of {all} pairs, {count:,} parameters"
    counts = {"pairs": len(pairs), "all": 6 * 16, "count": len(pairs) * KERNEL**2 + 16}
    sheet.title(MARGIN, FIRST, "C3", sheet.words(words, **counts))
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
        sheet.text(sum(ends) / 2, ground + 7, sheet.words(words), ha="center", color=FAINT)
    table = ground + 16  # as printed: a column a C3 map, a line an S2 map
    for source in range(6):
        base = table + source * TABLE_CELL
        sheet.text(MARGIN, base, str(source), ha="center", color=FAINT)
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
    sheet.text(middle, top + side / 2, name, ha="center", va="center", zorder=4)
