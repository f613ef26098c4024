"""One sheet with every stage of the network for one digit, from the input to the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lenet.network.confidence import confidences
from lenet.network.plane import DIGIT_SIDE, OFFSET, FloatArray
from lenet.network.rbf_codes import COLUMNS
from lenet.network.rbf_codes import ROWS as LINES
from lenet.plots.forward_trace import INPUT, ForwardTrace
from lenet.plots.rows import FIRST, GAP, TITLE, describe, draw_row, scale_of
from lenet.plots.sheet import ACCENT, FAINT, MARGIN, RIGHT, Scale, Sheet, number, signed_scale

NOTES = (
    "A square is a unit, drawn at one size in every row:",
    "maps shrink as the network looks at larger parts.",
    "Dark is high, light is low, by the scale of the row.",
)
OUTPUT, STEP = 56, 14.5  # left edge of the ten outputs, and from one to the next
BAR, BAR_WIDTH = 20, 10.5  # the highest bar, as wide as the drawing it stands on
DRAWING, CODE = 4, 1.5  # units a cell of F6, and of what it is compared with


def draw_stages(trace: ForwardTrace) -> Figure:
    """Input, C1, S2, C3, S4, C5, F6 and the ten penalties of one digit, on one page."""
    sheet = Sheet()
    lower = draw_row(sheet, trace, INPUT, FIRST)
    _inner_frame(sheet)
    _answer(sheet, trace)
    for layer in ("C1", "S2", "C3", "S4", "C5"):
        lower = draw_row(sheet, trace, layer, lower + GAP)
    base = lower + GAP
    sheet.title(MARGIN, base, "F6", "84@1×1, drawn as 7×12")
    drawing = trace.maps["F6"].reshape(LINES, COLUMNS)
    sheet.image(drawing, MARGIN, base + TITLE, DRAWING, scale_of(trace, "F6"))
    return sheet.cut(_penalties(sheet, trace, base))


def bars(penalties: FloatArray) -> FloatArray:
    """Heights of bars, the highest 1: penalties from 0, or from the lowest if that is below 0."""
    above = penalties - min(0.0, float(penalties.min()))
    heights: FloatArray = above / (above.max() or 1)
    return heights


def targets(trace: ForwardTrace) -> FloatArray:
    """What each digit compares F6 with: its code, or a linear head's weights; (10, 12, 7)."""
    is_rbf = trace.weights.architecture.head == "rbf"
    rows = trace.weights.tensors["output.codes" if is_rbf else "output.weight"]
    return rows.reshape(-1, LINES, COLUMNS)


def _inner_frame(sheet: Sheet) -> None:
    """Where the 28×28 image lies in the plane."""
    left, top = MARGIN + OFFSET, FIRST + TITLE + OFFSET
    right, bottom = left + DIGIT_SIDE, top + DIGIT_SIDE
    sheet.frame(left, top, right, bottom, linestyle=(0, (4, 4)))


def _answer(sheet: Sheet, trace: ForwardTrace) -> None:
    """The digit read, its confidence and the next best, beside the input."""
    shares = confidences(trace.stages.output, trace.weights.temperature)[0]
    best, second = np.argsort(-shares, kind="stable")[:2]
    left = MARGIN + 32 + 9
    sheet.text(left, FIRST + 29, str(best), 72, color=ACCENT)
    sheet.text(left + 21, FIRST + 17, "is the answer", 11)
    sheet.text(left + 21, FIRST + 23, f"confidence {shares[best] * 100:.1f} %", 9, color=FAINT)
    sheet.text(
        left + 21, FIRST + 28, f"then {second}, {shares[second] * 100:.1f} %", 9, color=FAINT
    )
    for line, words in enumerate(NOTES):
        sheet.text(RIGHT, FIRST + 18.5 + 4 * line, words, ha="right", color=FAINT)


def _penalties(sheet: Sheet, trace: ForwardTrace, base: float) -> float:
    """Ten bars, each standing on what its digit compares F6 with; the lowest is the answer."""
    sheet.title(OUTPUT, base, "output", describe("output", trace.weights.architecture))
    drawings, penalties = targets(trace), trace.stages.output[0]
    scale = Scale(-1, 1) if trace.weights.architecture.head == "rbf" else signed_scale(drawings)
    ground = base + TITLE + 4 + BAR
    for digit, (penalty, height) in enumerate(zip(penalties, bars(penalties), strict=True)):
        wins = digit == penalties.argmin()
        style: dict[str, Any] = {"ha": "center"}
        if wins:
            style |= {"color": ACCENT, "weight": "bold"}
        left, top = OUTPUT + digit * STEP, ground - BAR * float(height)
        middle, colour = left + BAR_WIDTH / 2, ACCENT if wins else "#9a9a9a"
        sheet.frame(left, top, left + BAR_WIDTH, ground, fill=True, linewidth=0, facecolor=colour)
        sheet.text(middle, top - 1.2, number(penalty, ".1f"), **style)
        sheet.image(drawings[digit], left, ground + 1, CODE, scale)
        sheet.text(middle, ground + 24, str(digit), 10, **style)
    return ground + 24
