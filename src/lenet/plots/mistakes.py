"""What goes wrong: the confusion matrix, and the misread digits."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.plots.sheet import ACCENT, FAINT, MARGIN, Scale, Sheet

A_LINE, CELL = 10, 0.6  # digits a line, and units a pixel
STEP, HIGH = 18.9, 26  # units from one digit to the next, and to the next line
MOST = 80  # digits on a page


def draw_confusion(confusion: NDArray[np.int64], axes: Axes) -> Axes:
    """The confusion matrix: lines are digits, columns answers; only errors are coloured.

    confusion : counts of shape (10, 10)
    """
    wrong = confusion * (1 - np.eye(len(confusion), dtype=np.int64))
    axes.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(1, int(wrong.max())))
    for (label, answer), count in np.ndenumerate(confusion):
        strong = label != answer and count > 0.6 * wrong.max()
        colour = FAINT if label == answer else "white" if strong else "#1a1a1a"
        if count:
            look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8, "color": colour}
            axes.text(answer, label, f"{count:,}", **look)
    axes.set(xlabel="answer", ylabel="digit", xticks=range(10), yticks=range(10))
    total, missed = int(confusion.sum()), int(wrong.sum())
    rate = 100 * missed / max(1, total)
    axes.set_title(f"{missed:,} of {total:,} digits wrong, {rate:.2f} %", fontsize=10)
    axes.tick_params(length=0)
    return axes


def confusion_figure(confusion: NDArray[np.int64]) -> Figure:
    """The confusion matrix as a figure."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    draw_confusion(confusion, figure.subplots())
    return figure


def draw_mistakes(
    images: ByteArray,
    labels: NDArray[np.int64],
    answers: NDArray[np.int64],
    confidences: NDArray[np.float64],
) -> Figure:
    """The misread digits, the most confident first, with digit → answer.

    images : uint8 (n, 28, 28), only the misread ones; 80 at most are drawn
    """
    sheet, order = Sheet(), np.argsort(-confidences, kind="stable")
    more = f", the {MOST} most confident" if len(order) > MOST else ""
    sheet.title(MARGIN, 11, "mistakes", f"{len(order):,} digits{more}: digit → answer, confidence")
    lower = 14.0
    for place, k in enumerate(order[:MOST]):
        line, column = divmod(place, A_LINE)
        left, top = MARGIN + column * STEP, 15.0 + line * HIGH
        sheet.image(images[k], left, top, CELL, Scale(0, 255))
        lower = top + DIGIT_SIDE * CELL + 4
        sheet.text(left, lower, f"{labels[k]} → {answers[k]}", 8, color=ACCENT)
        right = left + DIGIT_SIDE * CELL
        sheet.text(right, lower, f"{100 * confidences[k]:.0f} %", 7, ha="right", color=FAINT)
    return sheet.cut(lower)
