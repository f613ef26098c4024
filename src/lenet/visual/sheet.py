"""A page to draw on. The one file that imports matplotlib, and never through pyplot's globals."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.errors import MissingExtraError, UsageError
from lenet.files import write_atomically

try:
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle
    from matplotlib.style import context
except ModuleNotFoundError as problem:
    raise MissingExtraError("drawing", "matplotlib", "visual") from problem

DPI = 200
UNIT = 0.04  # inches (1.016 mm): 8 dots, so that maps drawn one unit a value have equal cells
WIDTH = 206  # units: A4
MARGIN = 9
RIGHT = WIDTH - MARGIN
SCALE_WIDTH = 12
INK, FAINT, ACCENT = "#1a1a1a", "#6e6e6e", "#d1490c"
VALUES = "Greys"  # what the network sees: high is dark, as ink and as in the paper
DRAWN_AS = ("png", "svg", "pdf")
WEIGHTS = "PuOr"  # what it has learnt: white is 0; tell apart by eyes of every kind


class Sheet:
    """A white page of A4 width; units of about 1 mm, from its upper left corner."""

    def __init__(self, height: float) -> None:
        with context("default"):  # a user's own style would break the layout
            self.figure = Figure(figsize=(WIDTH * UNIT, height * UNIT), dpi=DPI, facecolor="white")
            self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(height, 0), autoscale_on=False)
        self.axes.axis("off")

    def text(self, left: float, top: float, words: str, size: float = 7.5, **style: Any) -> None:
        """Words with their baseline at top; size in points."""
        with context("default"):
            self.axes.text(left, top, words, **{"fontsize": size, "color": INK} | style)

    def image(
        self,
        values: NDArray[Any],
        left: float,
        top: float,
        cell: float | tuple[float, float],
        limits: tuple[float, float],
        colours: str = VALUES,
    ) -> None:
        """Values of shape (rows, columns), each a cell of (width, height), in a thin frame."""
        wide, high = cell if isinstance(cell, tuple) else (cell, cell)
        rows, columns = values.shape[:2]
        right, bottom = left + columns * wide, top + rows * high
        self.axes.imshow(
            values,
            cmap=colours,
            vmin=limits[0],
            vmax=limits[1],
            extent=(left, right, bottom, top),
            aspect="auto",
            interpolation="nearest",
        )
        self.frame(left, top, right, bottom)

    def frame(self, left: float, top: float, right: float, bottom: float, **style: Any) -> None:
        """A rectangle; a thin grey outline unless the style says otherwise."""
        look = {"fill": False, "edgecolor": "#b0b0b0", "linewidth": 0.4} | style
        self.axes.add_patch(Rectangle((left, top), right - left, bottom - top, **look))

    def veil(self, hidden: NDArray[np.bool_], left: float, top: float, cell: Any) -> None:
        """Pale what is hidden, a mask of shape (rows, columns) over an image drawn there."""
        white = np.ones((*hidden.shape, 4), np.float32)
        white[..., 3] = 0.78 * hidden
        self.image(white, left, top, cell, (0, 1))

    def scale(self, right: float, base: float, limits: tuple[float, float], colours: str) -> None:
        """A small legend: the two ends of a colour scale, its text ending at right."""
        low, high = (f"{end:.2f}".replace("-", "−") for end in limits)
        self.text(right, base, high, 7, ha="right", color=FAINT)
        bar = right - 8 - SCALE_WIDTH
        self.image(np.linspace(0, 1, 64)[None], bar, base - 2, (SCALE_WIDTH / 64, 2), (0, 1), colours)
        self.text(bar - 1, base, low, 7, ha="right", color=FAINT)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as the kind its file name says, whole or not at all.

    Raises
    ------
    UsageError
        for a kind of file that is not drawn.
    LenetError
        when the place cannot be written.
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in DRAWN_AS:
        raise UsageError(f"{path}: pictures are drawn as {', '.join(DRAWN_AS)}; name one of these")
    drawn = io.BytesIO()
    with context("default"):
        figure.savefig(drawn, format=kind, dpi=DPI)
    write_atomically(path, drawn.getvalue())
