"""One sheet with every stage of the network for one digit; one with F6 and the ten codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lenet.errors import UsageError
from lenet.network.plane import DIGIT_SIDE, OFFSET, FloatArray
from lenet.network.rbf_codes import COLUMNS, ROWS
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.receptive_field import INPUT
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
CODE_CELL, F6_CELL = 1.9, 3.3  # the same on the sheet of the ten codes
FIRST_CODE, CODE_STEP = MARGIN + 42, 14.9  # left edge of the first code, and from one to the next


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
    sheet.image(trace.f6_drawing, MARGIN, base + TITLE, DRAWING, scale_of(trace, "F6"))
    return sheet.cut(_penalties(sheet, trace, base))


def bars(penalties: FloatArray) -> FloatArray:
    """Heights of bars, the highest 1: penalties from 0, or from the lowest if that is below 0."""
    above = penalties - min(0.0, float(penalties.min()))
    heights: FloatArray = above / (above.max() or 1)
    return heights


def squared_differences(trace: ForwardTrace) -> FloatArray:
    """Squared difference of F6 and each code, (10, 12, 7); a digit's sum is its penalty (eq. 7).

    Raises
    ------
    UsageError
        for a network whose head compares F6 with no codes.
    """
    if trace.weights.architecture.head != "rbf":
        raise UsageError("only a network with an RBF head compares F6 with codes")
    found: FloatArray = np.square(trace.f6_drawing - trace.targets)
    return found


def draw_rbf_output(trace: ForwardTrace) -> Figure:
    """F6 at the left; for each digit its code, the squared differences, and their sum."""
    sheet, squares, top = Sheet(), squared_differences(trace), 22.0
    sheet.title(MARGIN, 11, "F6", "its 84 values as a 7×12 drawing, and the ten codes")
    sheet.image(trace.f6_drawing, MARGIN, top, F6_CELL, scale_of(trace, "F6"))
    lower, scale = top + ROWS * CODE_CELL + 4, Scale(0, float(squares.max()))
    ground = lower + ROWS * CODE_CELL
    for digit, (code, square) in enumerate(zip(trace.targets, squares, strict=True)):
        left = FIRST_CODE + digit * CODE_STEP
        middle, style = left + COLUMNS * CODE_CELL / 2, _style(wins=digit == trace.value)
        sheet.text(middle, top - 3, str(digit), 11, **style)
        sheet.image(code, left, top, CODE_CELL, Scale(-1, 1))
        sheet.image(square, left, lower, CODE_CELL, scale)
        sheet.text(middle, ground + 5, number(float(trace.penalties[digit]), ".1f"), 9, **style)
        percent = f"{100 * trace.probabilities[digit]:.1f} %"
        sheet.text(middle, ground + 10, percent, 7.5, ha="center")
    words = ("squared\ndifferences", "their sum: the penalty", "confidence")
    for base, name in zip((lower + 12, ground + 5, ground + 10), words, strict=True):
        sheet.text(FIRST_CODE - 2, base, name, 7.5, ha="right", color=FAINT)
    sheet.legend(RIGHT, 11, scale)
    return sheet.cut(max(ground + 10, top + ROWS * F6_CELL))


def _style(*, wins: bool) -> dict[str, Any]:
    """How a digit's numbers are printed; the answer's stand out."""
    return {"ha": "center"} | ({"color": ACCENT, "weight": "bold"} if wins else {})


def _inner_frame(sheet: Sheet) -> None:
    """Where the 28×28 image lies in the plane."""
    left, top = MARGIN + OFFSET, FIRST + TITLE + OFFSET
    right, bottom = left + DIGIT_SIDE, top + DIGIT_SIDE
    sheet.frame(left, top, right, bottom, linestyle=(0, (4, 4)))


def _answer(sheet: Sheet, trace: ForwardTrace) -> None:
    """The digit read, its confidence and the next best, at the right of the input."""
    left = MARGIN + 32 + 9
    best, second = np.argsort(-trace.probabilities, kind="stable")[:2]
    sure, less = (f"{100 * trace.probabilities[digit]:.1f} %" for digit in (best, second))
    sheet.text(left, FIRST + 29, str(best), 72, color=ACCENT)
    sheet.text(left + 21, FIRST + 17, "is the answer", 11)
    sheet.text(left + 21, FIRST + 23, f"confidence {sure}", 9, color=FAINT)
    sheet.text(left + 21, FIRST + 28, f"then {second}, {less}", 9, color=FAINT)
    for line, words in enumerate(NOTES):
        sheet.text(RIGHT, FIRST + 18.5 + 4 * line, words, ha="right", color=FAINT)


def _penalties(sheet: Sheet, trace: ForwardTrace, base: float) -> float:
    """Ten bars, each standing on what its digit compares F6 with; the lowest is the answer."""
    sheet.title(OUTPUT, base, "output", describe("output", trace.weights.architecture))
    drawings, penalties = trace.targets, trace.penalties
    scale = Scale(-1, 1) if trace.weights.architecture.head == "rbf" else signed_scale(drawings)
    ground = base + TITLE + 4 + BAR
    for digit, (penalty, height) in enumerate(zip(penalties, bars(penalties), strict=True)):
        wins = digit == trace.value
        style = _style(wins=wins)
        left, top = OUTPUT + digit * STEP, ground - BAR * float(height)
        middle, colour = left + BAR_WIDTH / 2, ACCENT if wins else "#9a9a9a"
        sheet.frame(left, top, left + BAR_WIDTH, ground, fill=True, linewidth=0, facecolor=colour)
        sheet.text(middle, top - 1.2, number(penalty, ".1f"), **style)
        sheet.image(drawings[digit], left, ground + 1, CODE, scale)
        sheet.text(middle, ground + 24, str(digit), 10, **style)
    return ground + 24
