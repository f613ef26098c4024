"""The answer as F6 draws it: its 7×12 picture beside the ten codes, and how penalties add up."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lenet.errors import UsageError
from lenet.network.confidence import confidences
from lenet.network.plane import FloatArray
from lenet.network.rbf_codes import COLUMNS, ROWS
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.rows import scale_of
from lenet.plots.sheet import ACCENT, FAINT, MARGIN, RIGHT, Scale, Sheet, number
from lenet.plots.stages import targets

CELL = 1.9  # units a cell of a code
F6_CELL = 3.3
FIRST, STEP = MARGIN + 42, 14.9  # left edge of the first code, and from one to the next


def squared_differences(trace: ForwardTrace) -> FloatArray:
    """Squared difference of F6 and each code, (10, 12, 7); a digit's sum is its penalty (eq. 7).

    Raises
    ------
    UsageError
        for a network whose head compares F6 with nothing.
    """
    if trace.weights.architecture.head != "rbf":
        raise UsageError("only a network with an RBF head compares F6 with drawings")
    drawing = trace.maps["F6"].reshape(1, ROWS, COLUMNS)
    found: FloatArray = np.square(drawing - targets(trace))
    return found


def draw_rbf_output(trace: ForwardTrace) -> Figure:
    """F6 at the left; for each digit its code, where F6 differs from it, and by how much."""
    sheet, squares, top = Sheet(), squared_differences(trace), 22.0
    penalties, shares = (
        trace.stages.output[0],
        confidences(trace.stages.output, trace.weights.temperature)[0],
    )
    sheet.title(MARGIN, 11, "F6", "the drawing it made, beside the ten it is compared with")
    sheet.image(
        trace.maps["F6"].reshape(ROWS, COLUMNS), MARGIN, top, F6_CELL, scale_of(trace, "F6")
    )
    lower = top + ROWS * CELL + 4
    scale = Scale(0, float(squares.max()))
    for digit, (code, square) in enumerate(zip(targets(trace), squares, strict=True)):
        left, wins = FIRST + digit * STEP, digit == penalties.argmin()
        middle = left + COLUMNS * CELL / 2
        style = {"ha": "center", "color": ACCENT, "weight": "bold"} if wins else {"ha": "center"}
        sheet.text(middle, top - 3, str(digit), 11, **style)
        sheet.image(code, left, top, CELL, Scale(-1, 1))
        sheet.image(square, left, lower, CELL, scale)
        ground = lower + ROWS * CELL
        sheet.text(middle, ground + 5, number(float(penalties[digit]), ".1f"), 9, **style)
        sheet.text(middle, ground + 10, f"{100 * shares[digit]:.1f} %", 7.5, ha="center")
    words = ("squared\ndifferences", "their sum: the penalty", "confidence")
    for base, name in zip((lower + 12, ground + 5, ground + 10), words, strict=True):
        sheet.text(FIRST - 2, base, name, 7.5, ha="right", color=FAINT)
    sheet.legend(RIGHT, 11, scale)
    return sheet.cut(max(ground + 10, top + ROWS * F6_CELL))
