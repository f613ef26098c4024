"""`lenet.show`: an image, a reading or a network as a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from lenet.errors import UsageError
from lenet.network.architecture import Architecture
from lenet.network.weights import Weights, load_weights
from lenet.plots.architecture import draw_architecture
from lenet.plots.forward_trace import trace_digit
from lenet.plots.language import Language, families
from lenet.plots.sheet import MARGIN, RIGHT, Scale, Sheet
from lenet.plots.stages import draw_stages
from lenet.reading.read import read
from lenet.reading.result import Reading

TALLEST = 240  # units of an image on the page
LINE, SIZE = 6, 9  # units from line to line of the text below it; points of its letters
LINES = 12  # of it, at most


def show(what: Any, *, weights: str | Path | Weights = "1998", language: Language = "en") -> Figure:
    """Draw an image, a reading or a network.

    Parameters
    ----------
    what : an image of one digit, as `lenet.read` takes it, drawn layer by layer as the network
        sees it; an image with several digits, or a Reading of `lenet.read`, drawn with what was
        found in it; or a network or an Architecture, drawn as in the paper's Fig. 2
    weights : the network that sees the digit: "1998", "modern", a weights file or a run folder
    language : "en" or "ko" (Korean), of the words in the figure; Korean needs a font with Hangul

    Returns
    -------
    A matplotlib Figure. Notebooks show it; elsewhere `figure.savefig("digit.png")` writes it.

    Raises
    ------
    MissingExtraError
        if matplotlib is not installed.
    InputError
        if the image cannot be read, or there are no such weights.
    UsageError
        for a list, another language, or a Reading that carries no image.
    LenetError
        if no font with Hangul is installed.

    Examples
    --------
    >>> import lenet
    >>> figure = lenet.show(lenet.read("examples/score-sheet.jpg"))
    >>> figure.savefig("score-sheet.png")  # doctest: +SKIP
    """
    if language not in get_args(Language):
        raise UsageError(f"language {language!r}: figures are drawn in en or ko")
    architecture = getattr(what, "architecture", what)
    if isinstance(architecture, Architecture):
        return draw_architecture(architecture, language)
    if isinstance(what, (list, tuple)):
        raise UsageError(f"lenet.show draws one image, got {len(what)}; show each by itself")
    reading = what if isinstance(what, Reading) else read(what)
    if reading is what or len(reading.digits) != 1:
        return draw_reading(reading, language)
    chosen = weights if isinstance(weights, Weights) else load_weights(weights)
    return draw_stages(trace_digit(reading.digits[0].image, chosen), language)


def draw_reading(reading: Reading, language: Language = "en") -> Figure:
    """The image with frames around what was read, and the text and its confidence below it."""
    if reading.image is None:
        raise UsageError("this Reading carries no image; lenet.read() gives one that does")
    sheet, (height, width) = Sheet(language), reading.size
    scale = min((RIGHT - MARGIN) / width, TALLEST / height)
    cells = reading.image.shape
    cell = (scale * width / cells[1], scale * height / cells[0])
    sheet.image(reading.image, MARGIN, MARGIN, cell, Scale(0, 255, "gray"))
    for corners, colour, _ in reading.outlines:
        places = [(MARGIN + scale * left, MARGIN + scale * top) for left, top in corners]
        sheet.axes.add_patch(Polygon(places, fill=False, edgecolor=colour, linewidth=1))
    text = [row.expandtabs(6) for row in reading.in_words.splitlines()]
    text = [*text[:LINES], *(["…"] if len(text) > LINES else [])]
    base = MARGIN + scale * height + LINE
    text.append(sheet.words("confidence {percent:.1f} %", percent=100 * reading.confidence))
    mono: dict[str, Any] = {"family": ["DejaVu Sans Mono", *families(language)]}
    for number, words in enumerate(text):
        sheet.text(MARGIN, base + LINE * number, words, SIZE, **mono)
    return sheet.cut(base + LINE * (len(text) - 1))
