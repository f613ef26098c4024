"""Which pixels decide: what becomes of the answer when a part is covered, or a pixel changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lenet.network.plane import DIGIT_SIDE, PAPER, PLANE_SIDE, FloatArray, to_planes
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.sheet import ACCENT, FAINT, MARGIN, Scale, Sheet, signed_scale

Penalties = Callable[[FloatArray], FloatArray]  # of planes (n, 1, 32, 32): (n, 10)

COVER = 5  # pixels of the side of the patch that covers, a C1 unit's field
STEP = 0.02  # by which a pixel of the plane is changed, of −0.1 … 1.175
CELL, PLACES = 1.9, (MARGIN, MARGIN + 66, MARGIN + 132)


def margin(penalties: FloatArray, value: int) -> FloatArray:
    """How far the digit `value` is ahead of the next best, (n,); below 0 it no longer wins."""
    others: FloatArray = np.delete(penalties, value, axis=1)
    ahead: FloatArray = others.min(axis=1) - penalties[:, value]
    return ahead


def occlusion_map(trace: ForwardTrace, penalties: Penalties) -> FloatArray:
    """What the margin loses when 5×5 pixels around each pixel become paper, (32, 32)."""
    plane, half = to_planes(trace.image), COVER // 2
    planes = np.repeat(plane, PLANE_SIDE**2, axis=0)
    for place in range(PLANE_SIDE**2):
        row, column = divmod(place, PLANE_SIDE)
        rows = slice(max(0, row - half), row + half + 1)
        planes[place, 0, rows, max(0, column - half) : column + half + 1] = PAPER
    value = int(trace.answer.values[0])
    lost: FloatArray = margin(penalties(plane), value) - margin(penalties(planes), value)
    return lost.reshape(PLANE_SIDE, PLANE_SIDE)


def saliency_map(trace: ForwardTrace, penalties: Penalties) -> FloatArray:
    """What the margin gains by one more unit of ink in each pixel, (32, 32): central differences.

    The next best is the one of the digit as it is, so that the slope is that of one function.
    """
    plane = to_planes(trace.image)
    steps = STEP * np.eye(PLANE_SIDE**2, dtype=np.float32).reshape(-1, 1, PLANE_SIDE, PLANE_SIDE)
    best, second = np.argsort(penalties(plane)[0], kind="stable")[:2]
    up, down = penalties(plane + steps), penalties(plane - steps)
    change = (up - down)[:, second] - (up - down)[:, best]
    return (change / (2 * STEP)).reshape(PLANE_SIDE, PLANE_SIDE).astype(np.float32)


def draw_occlusion(trace: ForwardTrace, penalties: Penalties) -> Figure:
    """The digit, what covering each part costs the answer, and what each pixel would change."""
    sheet, top = Sheet(), 22.0
    value = int(trace.answer.values[0])
    second = int(np.argsort(trace.stages.output[0], kind="stable")[1])
    sheet.title(MARGIN, 11, f"why {value}", f"and not {second}, the next best")
    cover, slope = occlusion_map(trace, penalties), saliency_map(trace, penalties)
    panels = (
        (trace.maps["input"][0], Scale(PAPER, 1.175), "what the network saw"),
        (cover, signed_scale(cover), "covering: the margin that is lost"),
        (slope, signed_scale(slope), "more ink: the margin that is gained"),
    )
    for left, (values, scale, words) in zip(PLACES, panels, strict=True):
        sheet.text(left, top - 2.5, words, 8)
        sheet.image(values, left, top, CELL, scale)
        if scale.colours != "Greys":
            _outline(sheet, trace, left, top)
            sheet.legend(left + PLANE_SIDE * CELL, top + PLANE_SIDE * CELL + 5, scale)
    lower = top + PLANE_SIDE * CELL
    line = f"the margin: penalty of the next best less that of {value}"
    sheet.text(MARGIN, lower + 5, line, 7.5, color=FAINT)
    return sheet.cut(lower + 5)


def _outline(sheet: Sheet, trace: ForwardTrace, left: float, top: float) -> None:
    """The digit's edge over a picture of numbers."""
    ink = np.pad(trace.image / 255, (PLANE_SIDE - DIGIT_SIDE) // 2)
    at = (np.arange(PLANE_SIDE) + 0.5) * CELL
    look: dict[str, Any] = {"levels": [0.5], "colors": [ACCENT], "linewidths": 0.8}
    sheet.axes.contour(left + at, top + at, ink, **look)
