"""Table I as a drawing: which S2 maps each C3 map reads."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from lenet.network.architecture import Architecture
from lenet.plots.comparison_plots import COLOURS
from lenet.plots.sheet import FAINT, INK, MARGIN, RIGHT, Sheet

HIGH = 62  # units between the two rows of maps
S2_SIDE, C3_SIDE = 12, 9
CELL = 6  # of the table below
# Colour-blind eyes tell these apart; the black of the seventh stands in for the light yellow.
LINES = (*COLOURS[:4], "#000000", COLOURS[5])
GROUPS = ((0, 6, "three neighbours"), (6, 12, "four neighbours"), (12, 15, "four, apart"))


def pairs(architecture: Architecture) -> list[tuple[int, int]]:
    """Every (S2 map, C3 map) that is connected, by the C3 map."""
    return [(source, to) for to, sources in enumerate(architecture.c3_inputs) for source in sources]


def middles(count: int, side: float) -> list[float]:
    """The middles of so many maps, from margin to margin."""
    return [float(x) for x in np.linspace(MARGIN + side, RIGHT - side, count)]


def draw_c3_table(architecture: Architecture) -> Figure:
    """The S2 maps above, the C3 maps below, a line for each pair, and the table itself."""
    sheet, joined = Sheet(), pairs(architecture)
    share = f"{len(joined)} of {6 * 16} pairs, {len(joined) * 25 + 16:,} parameters"
    sheet.title(MARGIN, 11, "C3", f"which S2 maps each C3 map reads: {share}")
    above, below, top = middles(6, 20), middles(16, C3_SIDE / 2), 19.0
    for source, to in joined:
        start, end = (above[source], top + S2_SIDE), (below[to], top + HIGH)
        middle = (start[1] + end[1]) / 2
        curve = Path(
            [start, (start[0], middle), (end[0], middle), end],
            [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
        )
        look = {"fill": False, "edgecolor": LINES[source], "linewidth": 1, "alpha": 0.8}
        sheet.axes.add_patch(PathPatch(curve, **look))
    for source, x in enumerate(above):
        _map(sheet, x, top, S2_SIDE, f"S2 {source}", LINES[source])
    for to, x in enumerate(below):
        _map(sheet, x, top + HIGH, C3_SIDE, str(to), INK)
    ground = top + HIGH + C3_SIDE
    if architecture.c3 == "table":
        for first, last, words in (*GROUPS, (15, 16, "all")):
            _group(sheet, below[first], below[last - 1], ground + 3, words)
    return sheet.cut(_table(sheet, joined, below, ground + 16))


def _map(sheet: Sheet, middle: float, top: float, side: float, name: str, colour: str) -> None:
    left = middle - side / 2
    look = {"edgecolor": colour, "linewidth": 1.2, "facecolor": "white", "fill": True, "zorder": 3}
    sheet.frame(left, top, left + side, top + side, **look)
    sheet.text(middle, top + side / 2, name, 8, ha="center", va="center", zorder=4)


def _group(sheet: Sheet, first: float, last: float, top: float, words: str) -> None:
    half = C3_SIDE / 2
    sheet.axes.plot([first - half, last + half], [top, top], color=FAINT, lw=0.8)
    sheet.text((first + last) / 2, top + 4, words, 7.5, ha="center", color=FAINT)


def _table(sheet: Sheet, joined: list[tuple[int, int]], columns: list[float], top: float) -> float:
    """The table as printed: a mark where a C3 map, a column, reads an S2 map, a line."""
    for source in range(6):
        sheet.text(MARGIN, top + source * CELL, str(source), 7.5, ha="center", color=FAINT)
    for source, to in joined:
        style = {"ha": "center", "color": LINES[source], "weight": "bold"}
        sheet.text(columns[to], top + source * CELL, "×", 10, **style)
    return top + 5 * CELL
