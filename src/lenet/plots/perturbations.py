"""A digit shifted, turned, thickened and soiled, and how much of it each layer notices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from lenet.augmentation.transforms import TRANSFORMS
from lenet.network.confidence import classified
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.rbf_codes import COLUMNS, ROWS
from lenet.plots.forward_trace import LAYERS, ForwardTrace
from lenet.plots.rows import scale_of
from lenet.plots.sheet import ACCENT, FAINT, MARGIN, Sheet

# The kind of change, its amount, and in words.
PERTURBATIONS: tuple[tuple[str, float, str], ...] = (
    ("right", 0, "as it was"),
    ("right", 1, "1 pixel to the right"),
    ("right", 4, "4 pixels to the right"),
    ("rotation", 15, "turned by 15°"),
    ("rotation", 40, "turned by 40°"),
    ("stroke", 2, "2 pixels thicker"),
    ("noise", 0.1, "a tenth of the pixels inverted"),
)
SHOWN = ("input", "C1", "S2", "C3", "S4", "F6")
# Left edge and cell of each layer's picture; F6 as its 7×12 drawing.
PLACES = {
    "input": (MARGIN + 26, 0.8),
    "C1": (MARGIN + 56, 0.9),
    "S2": (MARGIN + 86, 1.4),
    "C3": (MARGIN + 110, 1.9),
    "S4": (MARGIN + 134, 3.5),
    "F6": (MARGIN + 157, 1.9),
}
LINE = 33.5  # units from one change to the next


def traces(image: ByteArray, run: Callable[[ByteArray], ForwardTrace]) -> list[ForwardTrace]:
    """The image under every change, each taken through the network."""
    return [
        run(TRANSFORMS[name].apply(image[None], amount)[0]) for name, amount, _ in PERTURBATIONS
    ]


def relative_change(
    still: ForwardTrace, moved: ForwardTrace, blank: ForwardTrace
) -> dict[str, float]:
    """How far each layer is from where it was, in distances between the digit and bare paper.

    0 is no change; 1 is as far as if the digit had been wiped out.
    """

    def distance(one: FloatArray, other: FloatArray) -> float:
        return float(np.linalg.norm(one.astype(float) - other.astype(float)))

    return {
        layer: distance(still.maps[layer], moved.maps[layer])
        / distance(still.maps[layer], blank.maps[layer])
        for layer in LAYERS
    }


def draw_perturbations(image: ByteArray, run: Callable[[ByteArray], ForwardTrace]) -> Figure:
    """A line for each change: one map of every layer, how much changed there, and the answer."""
    sheet, taken, blank = Sheet(), traces(image, run), run(np.zeros_like(image))
    still = taken[0]
    chosen = {layer: _liveliest(still.maps[layer]) for layer in SHOWN}
    words = "one map of each layer; below, its layer's distance from the first line,"
    sheet.title(MARGIN, 11, "what survives", words)
    sheet.text(MARGIN, 15.5, "where 100 % is as far as bare paper would be", 7.5)
    for layer, (left, _) in PLACES.items():
        name = layer if layer in ("input", "F6") else f"{layer} map {chosen[layer]}"
        sheet.text(left, 22, name, 8, color=FAINT)
    for line, (moved, (_, _, said)) in enumerate(zip(taken, PERTURBATIONS, strict=True)):
        top = 25 + line * LINE
        answer, share = (found[0] for found in classified(moved.stages.output, _heat(moved)))
        right = answer == still.answer.values[0]
        sheet.text(MARGIN, top + 10, _broken(said), 8, va="top")
        changed = relative_change(still, moved, blank)
        for layer, (left, cell) in PLACES.items():
            picture = moved.maps[layer][chosen[layer]] if layer != "F6" else moved.maps["F6"]
            picture = picture.reshape(ROWS, COLUMNS) if layer == "F6" else picture
            sheet.image(picture, left, top, cell, scale_of(still, layer))
            if line:
                base = top + len(picture) * cell + 3.4
                sheet.text(left, base, f"{100 * changed[layer]:.0f} %", 7, color=FAINT)
        style = {"color": "#1a1a1a" if right else ACCENT, "weight": "bold"}
        sheet.text(MARGIN + 176, top + 12, str(answer), 22, **style)
        sheet.text(MARGIN + 176, top + 17, f"{100 * share:.1f} %", 7.5, color=FAINT)
    return sheet.cut(25 + len(taken) * LINE - 4)


def _heat(trace: ForwardTrace) -> float:
    return trace.weights.temperature


def _liveliest(maps: FloatArray) -> int:
    """The map whose values differ most."""
    return int(maps.reshape(len(maps), -1).std(axis=1).argmax())


def _broken(words: str, most: int = 16) -> str:
    """The words in lines of at most so many letters."""
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
