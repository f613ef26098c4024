"""A page to draw on, with matplotlib's objects and none of pyplot's global state."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.style import context
from numpy.typing import NDArray

from lenet.errors import UsageError
from lenet.files import write_atomically
from lenet.plots.language import Language, families, translate

DPI = 300
SCREEN_DPI = 120  # in notebooks
UNIT = 0.03  # inches (0.762 mm): 9 dots, so that maps drawn one unit a value have equal cells
WIDTH, MARGIN = 210, 6  # units: 6.3 inches, the width between the margins of A4
RIGHT = WIDTH - MARGIN
FIRST = 9  # units from the upper edge to the first title's base line
SMALL = 8.0  # points: the smallest letters
LINE = 5  # units from one line of them to the next
TITLE = 3  # from a title's base line to what is below
INK, FAINT, HAIR, ACCENT = "#1a1a1a", "#6e6e6e", "#b0b0b0", "#d1490c"
DRAWN_AS = ("png", "svg", "pdf")


class Scale(NamedTuple):
    """A colour scale: the values at its two ends, and matplotlib's name of the colour map.

    Grey shows values, high is dark, as ink and as in the paper; violet and orange show weights,
    0 is white; the pair is colour-blind safe.
    """

    low: float
    high: float
    colours: str = "Greys"


def signed_scale(values: NDArray[Any], colours: str = "PuOr") -> Scale:
    """A symmetric scale around 0 up to the largest magnitude."""
    most = float(np.abs(values).max())
    return Scale(-most, most, colours)


def number(value: float, form: str = ".2f") -> str:
    """A number for print: a true minus sign, and none before 0.00."""
    printed = float(f"{value:{form}}") + 0.0  # −0 + 0 is 0
    return f"{printed:{form}}".replace("-", "−")


def drawing_style(language: Language) -> list[Any]:
    """matplotlib's default style, as a user's own would break the layout, and the fonts."""
    return ["default", {"font.family": families(language)}]


class Picture(Figure):
    """A figure that notebooks show by itself, without pyplot."""

    def _repr_png_(self) -> bytes:
        drawn = io.BytesIO()
        self.savefig(drawn, format="png", dpi=SCREEN_DPI)
        return drawn.getvalue()


class Sheet:
    """A white page as wide as A4 between its margins; units from its upper left corner.

    The smallest letters are of 8 points, in the figure and on the page that it is placed on.
    """

    def __init__(self, language: Language = "en") -> None:
        self.language = language
        self.style = drawing_style(language)
        with context(self.style):
            self.figure = Picture(dpi=DPI, facecolor="white")
            self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), autoscale_on=False)
        self.axes.axis("off")

    def cut(self, lowest: float) -> Figure:
        """The figure, its page cut a margin below the lowest thing drawn."""
        height = math.ceil(lowest + MARGIN)
        self.axes.set_ylim(height, 0)
        self.figure.set_size_inches(WIDTH * UNIT, height * UNIT)
        return self.figure

    def words(self, words: str, **values: Any) -> str:
        """The words in the sheet's language, with the values filled in."""
        return translate(self.language, words, **values)

    def text(self, left: float, base: float, words: str, size: float = SMALL, **style: Any) -> None:
        """Words on their base line, aligned as `ha`; size in points."""
        look: dict[str, Any] = {"fontsize": size, "color": INK} | style
        with context(self.style):
            self.axes.text(left, base, words, **look)

    def title(self, left: float, base: float, name: str, words: str) -> None:
        """A bold name, and words after it."""
        with context(self.style):
            head = self.axes.text(left, base, name.capitalize(), size=10, weight="bold", color=INK)
            after: dict[str, Any] = {"xycoords": (head, self.axes.transData), "xytext": (6, 0)}
            after |= {"textcoords": "offset points", "fontsize": SMALL, "color": INK}
            self.axes.annotate(words, (1, base), **after)

    def heading(
        self, base: float, name: str, first: str, second: str, scale: Scale | None = None
    ) -> float:
        """A title of two lines at the left margin and a scale at the right; returns what is below.

        first, second : words beside the name, and on the line below it
        """
        self.title(MARGIN, base, name, first)
        self.text(MARGIN, base + LINE, second, color=FAINT)
        if scale is not None:
            self.legend(RIGHT, base, scale)
        return base + LINE + TITLE

    def image(
        self,
        values: NDArray[Any],
        left: float,
        top: float,
        cell: float | tuple[float, float],
        scale: Scale,
    ) -> None:
        """Values of shape (rows, columns), each a cell of (width, height), in a thin frame."""
        wide, high = cell if isinstance(cell, tuple) else (cell, cell)
        rows, columns = values.shape[:2]
        right, bottom = left + columns * wide, top + rows * high
        colours: dict[str, Any] = {"cmap": scale.colours, "vmin": scale.low, "vmax": scale.high}
        colours |= {"aspect": "auto", "interpolation": "nearest"}
        self.axes.imshow(values, extent=(left, right, bottom, top), **colours)
        self.frame(left, top, right, bottom)

    def numbers(
        self,
        values: NDArray[Any],
        left: float,
        top: float,
        cell: tuple[float, float],
        scale: Scale,
    ) -> None:
        """Each value written into its cell of an image drawn with the same arguments."""
        places = (values - scale.low) / (scale.high - scale.low or 1)
        shades = colormaps[scale.colours](places)[..., :3].mean(-1)
        for (row, column), value in np.ndenumerate(values):
            middle, centre = left + (column + 0.5) * cell[0], top + (row + 0.5) * cell[1]
            colour = INK if shades[row, column] > 0.5 else "white"
            self.text(middle, centre, number(value), ha="center", va="center", color=colour)

    def frame(self, left: float, top: float, right: float, bottom: float, **style: Any) -> None:
        """A rectangle; by default a thin grey outline."""
        look: dict[str, Any] = {"fill": False, "edgecolor": HAIR, "linewidth": 0.4} | style
        self.axes.add_patch(Rectangle((left, top), right - left, bottom - top, **look))

    def legend(self, right: float, base: float, scale: Scale) -> None:
        """The two ends of a scale and its colours between them, ending at right."""
        start, width = right - 24, 12
        ramp = np.linspace(scale.low, scale.high, 64)[None]
        self.image(ramp, start, base - 2, (width / 64, 2), scale)
        ends = ((scale.low, start - 1, "right"), (scale.high, start + width + 1, "left"))
        for end, edge, side in ends:
            form = ".2f" if abs(end) < 10 else ".0f"
            self.text(edge, base, number(end, form), ha=side, color=FAINT)


def save(figure: Figure, path: Path) -> None:
    """Write a figure atomically, in the format that the suffix names.

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
