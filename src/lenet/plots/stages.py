"""One sheet with every stage of the network for one digit; one with F6 and the ten codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lenet.errors import UsageError
from lenet.network.plane import DIGIT_SIDE, OFFSET, PLANE_SIDE, FloatArray
from lenet.network.rbf_codes import COLUMNS, ROWS
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.language import Language
from lenet.plots.receptive_field import INPUT
from lenet.plots.rows import GAP, describe, draw_row, scale_of
from lenet.plots.sheet import (
    ACCENT,
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

NOTES = (
    "Each square is a unit, drawn at\none size in every row: maps shrink\nas units see larger "
    "parts. Dark is\nhigh, light is low, on the row's scale."
)
OUTPUT, STEP = 58, 15  # left edge of the ten outputs, and from one to the next
BAR, BAR_WIDTH = 20, 10.5  # the highest bar, as wide as the drawing it stands on
DRAWING, CODE = 4, 1.5  # units a cell of F6, and of what it is compared with
CODE_CELL, F6_CELL = 1.9, 2.6  # the same on the sheet of the ten codes
NOTES_WIDTH = 82  # units
FIRST_CODE, CODE_STEP = MARGIN + 46, 15.3  # left edge of the first code, and from one to the next


def draw_stages(trace: ForwardTrace, language: Language = "en") -> Figure:
    """Input, C1, S2, C3, S4, C5, F6 and the ten penalties of one digit, on one page."""
    sheet = Sheet(language)
    lower = draw_row(sheet, trace, INPUT, FIRST)
    _inner_frame(sheet, lower - PLANE_SIDE)
    _answer(sheet, trace)
    for layer in ("C1", "S2", "C3", "S4", "C5"):
        lower = draw_row(sheet, trace, layer, lower + GAP)
    base = lower + GAP
    size, _ = describe("F6", trace.weights.architecture, language)
    first, _, second = size.partition(", ")
    top = sheet.heading(base, "F6", first, second)
    sheet.text(MARGIN, base + 2 * LINE, sheet.words("drawn as 7×12"), color=FAINT)
    sheet.image(trace.f6_drawing, MARGIN, top + LINE, DRAWING, scale_of(trace, "F6"))
    return sheet.cut(max(_penalties(sheet, trace, base), top + LINE + ROWS * DRAWING))


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


def draw_rbf_output(trace: ForwardTrace, language: Language = "en") -> Figure:
    """F6 at the left; for each digit its code, the squared differences, and their sum."""
    sheet, squares, top = Sheet(language), squared_differences(trace), 22.0
    scale = Scale(0, float(squares.max()))
    sheet.title(
        MARGIN, FIRST, "F6", sheet.words("its 84 values as a 7×12 drawing, and the ten codes")
    )
    sheet.legend(RIGHT, FIRST, scale)
    sheet.image(trace.f6_drawing, MARGIN, top, F6_CELL, scale_of(trace, "F6"))
    lower = top + ROWS * CODE_CELL + 4
    ground = lower + ROWS * CODE_CELL
    for digit, (code, square) in enumerate(zip(trace.targets, squares, strict=True)):
        left = FIRST_CODE + digit * CODE_STEP
        middle, style = left + COLUMNS * CODE_CELL / 2, _style(wins=digit == trace.value)
        sheet.text(middle, top - 3, str(digit), 11, **style)
        sheet.image(code, left, top, CODE_CELL, Scale(-1, 1))
        sheet.image(square, left, lower, CODE_CELL, scale)
        sheet.text(middle, ground + 5, number(float(trace.penalties[digit]), ".1f"), **style)
        percent = f"{100 * trace.probabilities[digit]:.1f} %"
        sheet.text(middle, ground + 10.5, percent, ha="center")
    words = ("squared\ndifferences", "penalty: sum", "confidence")
    for base, name in zip((lower + 12, ground + 5, ground + 10.5), words, strict=True):
        sheet.text(FIRST_CODE - 2, base, sheet.words(name), ha="right", color=FAINT)
    return sheet.cut(ground + 10.5)


def _style(*, wins: bool) -> dict[str, Any]:
    """How a digit's numbers are printed; the answer's stand out."""
    return {"ha": "center"} | ({"color": ACCENT, "weight": "bold"} if wins else {})


def _inner_frame(sheet: Sheet, top: float) -> None:
    """Where the 28×28 image lies in the plane."""
    left, top = MARGIN + OFFSET, top + OFFSET
    right, bottom = left + DIGIT_SIDE, top + DIGIT_SIDE
    sheet.frame(left, top, right, bottom, linestyle=(0, (4, 4)))


def _answer(sheet: Sheet, trace: ForwardTrace) -> None:
    """The digit read, its confidence and the next best, at the right of the input."""
    left, top = MARGIN + PLANE_SIDE + 8, FIRST + LINE + TITLE
    best, second = (int(digit) for digit in np.argsort(-trace.probabilities, kind="stable")[:2])
    sure, less = (float(100 * trace.probabilities[digit]) for digit in (best, second))
    sheet.text(left, top + 26, str(best), 60, color=ACCENT)
    sheet.text(left + 21, top + 11, sheet.words("is the answer"), 11)
    sheet.text(left + 21, top + 18, sheet.words("confidence {percent:.1f} %", percent=sure))
    then = sheet.words("then {digit}, {percent:.1f} %", digit=second, percent=less)
    sheet.text(left + 21, top + 23.5, then, color=FAINT)
    look: dict[str, Any] = {"color": FAINT, "va": "top", "linespacing": 1.4}
    sheet.text(RIGHT - NOTES_WIDTH, top + 5, sheet.words(NOTES), **look)


def _penalties(sheet: Sheet, trace: ForwardTrace, base: float) -> float:
    """Ten bars, each standing on what its digit compares F6 with; the lowest is the answer."""
    size, reads = describe("output", trace.weights.architecture, sheet.language)
    sheet.title(OUTPUT, base, sheet.words("output"), size)
    sheet.text(OUTPUT, base + LINE, reads, color=FAINT)
    drawings, penalties = trace.targets, trace.penalties
    scale = Scale(-1, 1) if trace.weights.architecture.head == "rbf" else signed_scale(drawings)
    ground = base + LINE + TITLE + 4 + BAR
    for digit, (penalty, height) in enumerate(zip(penalties, bars(penalties), strict=True)):
        wins = digit == trace.value
        style = _style(wins=wins)
        left, top = OUTPUT + digit * STEP, ground - BAR * float(height)
        middle, colour = left + BAR_WIDTH / 2, ACCENT if wins else "#9a9a9a"
        sheet.frame(left, top, left + BAR_WIDTH, ground, fill=True, linewidth=0, facecolor=colour)
        sheet.text(middle, top - 1.2, number(penalty, ".1f"), **style)
        sheet.image(drawings[digit], left, ground + 1, CODE, scale)
        sheet.text(middle, ground + 25, str(digit), 10, **style)
    return ground + 25
