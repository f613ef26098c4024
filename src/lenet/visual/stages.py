"""One sheet with every stage of the network for one digit, from the input to the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lenet.network.confidence import confidences
from lenet.network.description import Description
from lenet.network.glyphs import COLUMNS, ROWS as GLYPH_ROWS
from lenet.network.plane import FloatArray
from lenet.visual.rows import ROWS, describe, draw_row, limits, title
from lenet.visual.sheet import ACCENT, FAINT, INK, MARGIN, RIGHT, VALUES, WEIGHTS, Sheet
from lenet.visual.walk import INPUT, Walk

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 8.5  # units between the lower edge of a row and the base line of the next title
KEY = 1.25  # height of the key below a C3 map
OUTPUT = 56  # left edge of the ten outputs
STEP = 14.5  # between outputs
BAR = 20  # height of the highest bar


def draw_stages(walk: Walk) -> Figure:
    """Input, C1, S2, C3, S4, C5, F6 and the ten penalties of one digit, on one page."""
    sheet = Sheet(262)
    base = 12.0
    lower = draw_row(sheet, walk, INPUT, base)
    _answer(sheet, walk, base)
    for layer in ("C1", "S2", "C3", "S4", "C5"):
        lower = draw_row(sheet, walk, layer, lower + GAP)
        if layer == "C3" and walk.weights.description.c3 == "table":
            lower = _keys(sheet, walk.weights.description, lower + 1)
    _drawing(sheet, walk, lower + GAP)
    _penalties(sheet, walk, lower + GAP)
    return sheet.figure


def wiring(description: Description) -> NDArray[np.bool_]:
    """Which of the 6 S2 maps each of the 16 C3 maps reads, (16, 6)."""
    reads = np.zeros((16, 6), bool)
    for to, sources in enumerate(description.c3_inputs):
        reads[to, list(sources)] = True
    return reads


def bars(penalties: FloatArray) -> FloatArray:
    """Heights of bars, the highest 1: penalties from 0, or from the lowest if that is below 0."""
    above = penalties - min(0, penalties.min())
    return above / max(above.max(), np.finfo(np.float32).tiny)


def targets(walk: Walk) -> FloatArray:
    """What F6 is compared with, a 7×12 drawing a digit, (10, 12, 7): codes, or a head's weights."""
    is_rbf = walk.weights.description.head == "rbf"
    rows = walk.weights.tensors["output.codes" if is_rbf else "output.weight"]
    return rows.reshape(-1, GLYPH_ROWS, COLUMNS)


def _answer(sheet: Sheet, walk: Walk, base: float) -> None:
    """The digit read, its confidence and the next best, beside the input."""
    shares = confidences(walk.stages.output, walk.weights.temperature)[0]
    best, second = np.argsort(-shares, kind="stable")[:2]
    left = MARGIN + 32 + 9
    sheet.text(left, base + 29, str(best), 72, color=ACCENT)
    sheet.text(left + 21, base + 19, "is the answer", 11)
    sheet.text(left + 21, base + 25, f"confidence {shares[best]:.1%}", 9, color=FAINT)
    sheet.text(left + 21, base + 30, f"then {second}, {shares[second]:.1%}", 9, color=FAINT)


def _keys(sheet: Sheet, description: Description, top: float) -> float:
    """Below each C3 map six marks, dark for the S2 maps it reads."""
    for number, reads in enumerate(wiring(description)):
        left = ROWS["C3"].left + number * ROWS["C3"].step
        sheet.image(reads[None], left, top, (10 / 6, KEY), (0, 1.4))
    return top + KEY


def _drawing(sheet: Sheet, walk: Walk, base: float) -> None:
    """F6 as the drawing that the codes are compared with."""
    title(sheet, MARGIN, base, "F6", "84@1×1, as a 7×12 drawing")
    drawing = walk.maps["F6"].reshape(GLYPH_ROWS, COLUMNS)
    sheet.image(drawing, MARGIN, base + 7, 4, limits(walk, "F6"))


def _penalties(sheet: Sheet, walk: Walk, base: float) -> None:
    """Ten bars, each standing on what F6 was compared with; the lowest is the answer."""
    title(sheet, OUTPUT, base, "output", describe("output", walk.weights.description))
    is_rbf = walk.weights.description.head == "rbf"
    drawings, penalties = targets(walk), walk.stages.output[0]
    reach = 1.0 if is_rbf else float(np.abs(drawings).max())
    colours = VALUES if is_rbf else WEIGHTS
    answer, ground = int(penalties.argmin()), base + 7 + 6 + BAR
    for digit, (penalty, height) in enumerate(zip(penalties, bars(penalties), strict=True)):
        left, colour = OUTPUT + digit * STEP, ACCENT if digit == answer else "#9a9a9a"
        top = ground - BAR * height
        sheet.frame(left, top, left + 10.5, ground, fill=True, facecolor=colour, edgecolor="none")
        number = f"{penalty:.1f}".replace("-", "−")
        style = {"color": ACCENT, "weight": "bold"} if digit == answer else {}
        sheet.text(left + 5.25, top - 1.2, number, ha="center", **style)
        sheet.image(drawings[digit], left, ground + 1, 1.5, (-reach, reach), colours)
        sheet.text(left + 5.25, ground + 25, str(digit), 10, ha="center", **style)
