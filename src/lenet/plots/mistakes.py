"""What goes wrong: the confusion matrix, and the misread digits."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.style import context
from numpy.typing import NDArray

from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.plots.language import Language, translate
from lenet.plots.sheet import (
    ACCENT,
    FAINT,
    FIRST,
    LINE,
    MARGIN,
    TITLE,
    Scale,
    Sheet,
    drawing_style,
)

A_LINE, CELL = 10, 0.6  # digits a line, and units a pixel
STEP, HIGH = 20.1, 32  # units from one digit to the next, and to the next line
MOST = 80  # digits on a page


def draw_confusion(confusion: NDArray[np.int64], axes: Axes, language: Language = "en") -> Axes:
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
    along, up = (translate(language, words) for words in ("answer", "digit"))
    axes.set(xlabel=along, ylabel=up, xticks=range(10), yticks=range(10))
    total, missed = int(confusion.sum()), int(wrong.sum())
    words, rate = "{missed:,} of {total:,} digits wrong, {rate:.2f} %", 100 * missed / max(1, total)
    title = translate(language, words, missed=missed, total=total, rate=rate)
    axes.set_title(title, fontsize=10)
    axes.tick_params(length=0)
    return axes


def confusion_figure(confusion: NDArray[np.int64], language: Language = "en") -> Figure:
    """The confusion matrix as a figure."""
    with context(drawing_style(language)):
        figure = Figure(figsize=(5, 5), layout="constrained")
        draw_confusion(confusion, figure.subplots(), language)
    return figure


def draw_mistakes(
    images: ByteArray,
    labels: NDArray[np.int64],
    answers: NDArray[np.int64],
    confidences: NDArray[np.float64],
    language: Language = "en",
) -> Figure:
    """The misread digits, the most confident first, with digit → answer.

    images : uint8 (n, 28, 28), only the misread ones; 80 at most are drawn
    """
    sheet, order = Sheet(language), np.argsort(-confidences, kind="stable")
    more = ", the {most} most confident" if len(order) > MOST else ""
    words = sheet.words(
        f"{{count:,}} digits{more}: digit → answer, confidence", count=len(order), most=MOST
    )
    sheet.title(MARGIN, FIRST, sheet.words("mistakes"), words)
    lower = float(FIRST)
    for place, k in enumerate(order[:MOST]):
        line, column = divmod(place, A_LINE)
        left, top = MARGIN + column * STEP, FIRST + TITLE + 1.0 + line * HIGH
        sheet.image(images[k], left, top, CELL, Scale(0, 255))
        lower = top + DIGIT_SIDE * CELL + 2 * LINE
        sheet.text(left, lower - LINE, f"{labels[k]} → {answers[k]}", color=ACCENT)
        sheet.text(left, lower, f"{100 * confidences[k]:.0f} %", color=FAINT)
    return sheet.cut(lower)
