"""What is no digit, drawn as a writer draws it: letters, symbols, invented ones and scribbles.

Letters and symbols are strokes of the Hershey fonts (extra `train`). None looks like a digit, as
O, I, l, S, Z, B, b, g and q do, and HELD_OUT is left to measure letters that were never drawn.
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from lenet.augmentation.writer_style import AROUND, FINE, WriterStyle, render_ink
from lenet.errors import needs

Strokes = list[NDArray[np.float64]]  # columns and rows (n, 2) of each, within 0 … 1

HELD_OUT = "AEHLPTW"  # with their small letters and those of other scripts that look the same
LATIN = "CDFGJKMNQRUVXYcdfijkmnruvxy"
# By Hershey font, the keys of what may be drawn.
LETTERS = {
    "futural": LATIN,
    "rowmans": LATIN,
    "timesr": LATIN,
    "timesi": LATIN,
    "scripts": "CFKMNRUVXYcdfjkmnruvxy",
    "greeks": "CDKNPRTUWXgklpuvw",
    "cyrilc_1": "DEGIJLPUWXYZdegijlpuwxyz",
    "japanese": "%&')*+-.05AEFGIKMNPUVWXZ\\^_`abcdfhlnoqr",
}
SYMBOLS = {
    "symbolic": "ILMNOWX\\^_`abcdghikmnop~",
    "mathlow": "bhijklno%",
    "futural": "#%&*+?@",
}
DIGITS = ("futural", "rowmans", "scripts", "timesr", "timesi")  # whose digits are as written
KINDS = {"letter": 0.45, "symbol": 0.1, "invented": 0.2, "scribble": 0.25}
SIDE = 28 * FINE + 2 * AROUND  # pixels of the square drawn in
HIGH = 20 * FINE  # of an outlier
PEN = 0.06, 0.18  # of that: the stroke's width
DENSE = 0.45  # stroke's width × length, of HIGH², at most: what is denser is a blot
LONGER = 2.0  # of its longer side: a scribble's length
GRID = 3, 4  # columns and rows of the nodes that the strokes of invented letters join
BLUR = 0.25  # of the stroke's width: its edge


def draw_outlier(style: WriterStyle, rng: np.random.Generator) -> Image.Image:
    """Ink that is no digit, in this writer's size, slant and pen, cropped, mode L."""
    kind = rng.choice(list(KINDS), p=list(KINDS.values()))
    if kind in ("scribble", "invented"):
        return _drawn(_scribble(rng) if kind == "scribble" else _invented(rng), style, rng)
    return draw_glyph(*_any(LETTERS if kind == "letter" else SYMBOLS, rng), style, rng)


def draw_letter(style: WriterStyle, rng: np.random.Generator) -> Image.Image:
    """As `draw_outlier`; letters alone."""
    return draw_glyph(*_any(LETTERS, rng), style, rng)


def draw_digit(value: int, style: WriterStyle, rng: np.random.Generator) -> Image.Image:
    """A digit as it is printed, in this writer's size, slant and pen, cropped, mode L."""
    return draw_glyph(str(rng.choice(DIGITS)), str(value), style, rng)


def draw_glyph(font: str, key: str, style: WriterStyle, rng: np.random.Generator) -> Image.Image:
    """A glyph of a Hershey font, in this writer's size, slant and pen, cropped, mode L."""
    return _drawn(_strokes(font)[key], style, rng)


def _any(keys: dict[str, str], rng: np.random.Generator) -> tuple[str, str]:
    """A font and a key of it."""
    font = str(rng.choice(list(keys)))
    return font, str(rng.choice(list(keys[font])))


def _drawn(strokes: Strokes, style: WriterStyle, rng: np.random.Generator) -> Image.Image:
    fine = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(fine)
    pen = HIGH * max(PEN[0], min(float(rng.uniform(*PEN)), DENSE / _length(strokes)))
    middle = SIDE / 2 + rng.normal(0, 0.02 * HIGH, 2)
    for stroke in strokes:
        places = (stroke - 0.5) * HIGH + middle + rng.normal(0, 0.015 * HIGH, 2)
        draw.line([tuple(place) for place in places], fill=255, width=round(pen), joint="curve")
        for column, row in places[[0, -1]]:
            ends = (column - pen / 2, row - pen / 2, column + pen / 2, row + pen / 2)
            draw.ellipse(ends, fill=255)
    return render_ink(fine.filter(ImageFilter.GaussianBlur(BLUR * pen)), style, rng)


def _invented(rng: np.random.Generator) -> Strokes:
    """A letter of no script: straight and curved strokes that join nodes of a grid."""
    strokes: Strokes = []
    end = rng.integers(0, GRID)
    for _ in range(int(rng.integers(3, 6))):
        start = end if rng.random() < 0.6 else rng.integers(0, GRID)
        end = rng.integers(0, GRID)
        while (start == end).all():
            end = rng.integers(0, GRID)
        chord = (end - start) / GRID
        bow = rng.choice([0.0, rng.uniform(-0.8, 0.8)]) * chord[::-1] * (1, -1)
        along = np.linspace(0, 1, 12)[:, None]
        strokes.append(start / GRID + along * chord + 4 * along * (1 - along) * bow)
    return _within(strokes)


def _scribble(rng: np.random.Generator) -> Strokes:
    """Smooth lines through random places, longer than any digit's."""
    from scipy.ndimage import gaussian_filter1d

    strokes: Strokes = []
    while _length(strokes) < LONGER:
        count, fine = int(rng.integers(4, 12)), 20
        places = rng.uniform(0, 1, (count, 2))
        steps = np.linspace(0, count - 1, fine * count)
        line = np.stack([np.interp(steps, range(count), side) for side in places.T], 1)
        smooth = fine * float(rng.uniform(0.05, 0.5))
        strokes.append(gaussian_filter1d(line, smooth, 0, mode="nearest"))
        strokes = _within(strokes)
    return strokes


def _length(strokes: Strokes) -> float:
    return sum(float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in strokes)


@cache
def _strokes(font: str) -> dict[str, Strokes]:
    """The strokes of each of a font's glyphs, by its key."""
    with needs("train", "drawing letters"):
        from HersheyFonts import HersheyFonts

    fonts = HersheyFonts()
    fonts.load_default_font(font)
    found = {}
    for key, glyph in fonts.all_glyphs.items():
        strokes = [np.array(stroke, np.float64) for stroke in glyph.strokes if len(stroke) > 1]
        if strokes:
            found[key] = _within(strokes)
    return found


def _within(strokes: Strokes) -> Strokes:
    """The strokes in the middle of 0 … 1, which their longer side fills."""
    places = np.array(list(itertools.chain.from_iterable(strokes)))
    low, high = places.min(0), places.max(0)
    scale = max(float((high - low).max()), 1e-9)
    return [(stroke - (low + high) / 2) / scale + 0.5 for stroke in strokes]
