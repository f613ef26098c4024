"""What the answer depends on: occlusion and saliency of pixels, and perturbations of the digit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lenet.augmentation.transforms import TRANSFORMS
from lenet.network.plane import INK, OFFSET, PAPER, PLANE_SIDE, ByteArray, FloatArray, to_planes
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.language import Language
from lenet.plots.receptive_field import LAYERS
from lenet.plots.rows import scale_of
from lenet.plots.sheet import ACCENT, FAINT, FIRST, LINE, MARGIN, Scale, Sheet, signed_scale
from lenet.plots.sheet import INK as BLACK

Penalties = Callable[[FloatArray], FloatArray]  # of planes (n, 1, 32, 32): (n, 10)

COVER = 5  # pixels of the side of the patch that covers, a C1 unit's field
STEP = 0.02  # by which a pixel of the plane is changed, of −0.1 … 1.175
PANEL, PANEL_CELL = 68.6, 1.9  # units from one panel to the next, and a pixel
# The transform, its amount, and in words.
PERTURBATIONS: tuple[tuple[str, float, str], ...] = (
    ("right", 0, "original"),
    ("right", 1, "shifted right\nby 1 pixel"),
    ("right", 4, "shifted right\nby 4 pixels"),
    ("rotation", 15, "rotated by 15°"),
    ("rotation", 40, "rotated by 40°"),
    ("stroke", 2, "thicker\nby 2 pixels"),
    ("noise", 0.1, "10 % of the\npixels inverted"),
)
# Left edge and cell of each layer's picture; F6 as its 7×12 drawing.
PICTURES = {
    "input": (MARGIN + 33, 0.8),
    "C1": (MARGIN + 63, 0.9),
    "S2": (MARGIN + 93, 1.4),
    "C3": (MARGIN + 117, 1.9),
    "S4": (MARGIN + 141, 3.5),
    "F6": (MARGIN + 164, 1.9),
}
STRIDE = 33.5  # units from one perturbation to the next


def margin(penalties: FloatArray, value: int) -> FloatArray:
    """How far the digit `value` is ahead of the next best, (n,); below 0 it no longer wins."""
    others: FloatArray = np.delete(penalties, value, axis=1)
    ahead: FloatArray = others.min(axis=1) - penalties[:, value]
    return ahead


def occlusion_map(trace: ForwardTrace, penalties: Penalties) -> FloatArray:
    """What the margin loses when 5×5 pixels around each pixel become paper, (32, 32)."""
    plane, half = to_planes(trace.image), COVER // 2
    planes = np.repeat(plane, PLANE_SIDE**2, axis=0)
    for k, (row, column) in enumerate(np.ndindex(PLANE_SIDE, PLANE_SIDE)):
        rows = slice(max(0, row - half), row + half + 1)
        planes[k, 0, rows, max(0, column - half) : column + half + 1] = PAPER
    value = trace.value
    lost: FloatArray = margin(penalties(plane), value) - margin(penalties(planes), value)
    return lost.reshape(PLANE_SIDE, PLANE_SIDE)


def saliency_map(trace: ForwardTrace, penalties: Penalties) -> FloatArray:
    """The margin's slope in each pixel's ink, (32, 32): central differences.

    The next best stays that of the unchanged digit, so that this is the slope of one function.
    """
    plane = to_planes(trace.image)
    steps = STEP * np.eye(PLANE_SIDE**2, dtype=np.float32).reshape(-1, 1, PLANE_SIDE, PLANE_SIDE)
    best, second = np.argsort(penalties(plane)[0], kind="stable")[:2]
    difference = penalties(plane + steps) - penalties(plane - steps)
    change = difference[:, second] - difference[:, best]
    return (change / (2 * STEP)).reshape(PLANE_SIDE, PLANE_SIDE).astype(np.float32)


def draw_occlusion(trace: ForwardTrace, penalties: Penalties, language: Language = "en") -> Figure:
    """The digit, the margin lost by covering each part, and the margin's slope in each pixel."""
    sheet, top, value = Sheet(language), FIRST + 16.0, trace.value
    second = int(np.argsort(trace.penalties, kind="stable")[1])
    words = sheet.words("and not {digit}, the next best", digit=second)
    sheet.title(MARGIN, FIRST, sheet.words("why {digit}", digit=value), words)
    cover, slope = occlusion_map(trace, penalties), saliency_map(trace, penalties)
    lower = top + PLANE_SIDE * PANEL_CELL
    panels = (
        (trace.maps["input"][0], Scale(PAPER, INK), "the input"),
        (cover, signed_scale(cover), "occlusion: margin lost\nby covering 5×5 pixels"),
        (slope, signed_scale(slope), "saliency: margin\ngained by more ink"),
    )
    ink, at = np.pad(trace.image / 255, OFFSET), (np.arange(PLANE_SIDE) + 0.5) * PANEL_CELL
    for k, (values, scale, words) in enumerate(panels):
        left = MARGIN + k * PANEL
        sheet.text(left, top - 2, sheet.words(words))
        sheet.image(values, left, top, PANEL_CELL, scale)
        if k:  # the digit's edge, over a map of numbers
            edge: dict[str, Any] = {"levels": [0.5], "colors": [ACCENT], "linewidths": 0.8}
            sheet.axes.contour(left + at, top + at, ink, **edge)
            sheet.legend(left + PLANE_SIDE * PANEL_CELL, lower + LINE, scale)
    line = sheet.words("margin: the next best penalty minus that of {digit}", digit=value)
    sheet.text(MARGIN, lower + 2.5 * LINE, line, color=FAINT)
    return sheet.cut(lower + 2.5 * LINE)


def traces(image: ByteArray, run: Callable[[ByteArray], ForwardTrace]) -> list[ForwardTrace]:
    """The forward pass of the image under every perturbation."""
    return [
        run(TRANSFORMS[name].apply(image[None], amount)[0]) for name, amount, _ in PERTURBATIONS
    ]


def relative_change(
    original: ForwardTrace, perturbed: ForwardTrace, blank: ForwardTrace
) -> dict[str, float]:
    """Each layer's distance from the original, over that of bare paper: 1 is a wiped-out digit."""

    def distance(layer: str, other: ForwardTrace) -> float:
        maps, others = original.maps[layer].astype(float), other.maps[layer].astype(float)
        return float(np.linalg.norm(maps - others))

    return {layer: distance(layer, perturbed) / distance(layer, blank) for layer in LAYERS}


def draw_perturbations(
    image: ByteArray, run: Callable[[ByteArray], ForwardTrace], language: Language = "en"
) -> Figure:
    """A line a perturbation: one map of every layer, how much the layer changed, the answer."""
    sheet, perturbed, blank = Sheet(language), traces(image, run), run(np.zeros_like(image))
    original, first = perturbed[0], FIRST + 17.0
    chosen = {layer: _most_varied(original.maps[layer]) for layer in PICTURES}
    upper = sheet.words("one map of each layer; below it, its layer's distance")
    lower = sheet.words("from the original, where 100 % is the distance of bare paper")
    sheet.heading(FIRST, sheet.words("perturbations"), upper, lower)
    for layer, (left, _) in PICTURES.items():
        name = sheet.words("{layer} map {map}", layer=layer, map=chosen[layer])
        if layer in ("input", "F6"):
            name = sheet.words(layer) if layer == "input" else layer
        sheet.text(left, first - 2, name, color=FAINT)
    for line, (trace, (_, _, words)) in enumerate(zip(perturbed, PERTURBATIONS, strict=True)):
        top, changed = first + line * STRIDE, relative_change(original, trace, blank)
        sheet.text(MARGIN, top + 10, sheet.words(words), va="top")
        for layer, (left, cell) in PICTURES.items():
            picture = trace.f6_drawing if layer == "F6" else trace.maps[layer][chosen[layer]]
            sheet.image(picture, left, top, cell, scale_of(original, layer))
            if line:
                base = top + len(picture) * cell + 4
                sheet.text(left, base, f"{100 * changed[layer]:.0f} %", color=FAINT)
        colour = BLACK if trace.value == original.value else ACCENT
        sheet.text(MARGIN + 182, top + 12, str(trace.value), 22, color=colour, weight="bold")
        percent = f"{100 * trace.probabilities[trace.value]:.1f} %"
        sheet.text(MARGIN + 182, top + 17.5, percent, color=FAINT)
    return sheet.cut(first + len(perturbed) * STRIDE - 4)


def _most_varied(maps: FloatArray) -> int:
    """The map whose values differ most."""
    return int(maps.reshape(len(maps), -1).std(axis=1).argmax())
