"""Signs drawn as people write them between digits: points, commas, dashes, slashes and colons."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from lenet.augmentation.writer_style import WriterStyle

SHARES = {".": 0.34, ",": 0.34, "-": 0.14, "/": 0.08, ":": 0.1}  # of the signs between digits
FINE = 4  # times the size at which signs are drawn
SIDE, FOOT = 2.4, 1.7  # of the digits' height: of the square drawn in; where the digits stand in it


class DrawnSign(NamedTuple):
    """A sign's ink, cropped, mode L, and how far it reaches below the digits, in pixels."""

    ink: Image.Image
    below: float


def random_signs(count: int, rng: np.random.Generator) -> list[str]:
    """What stands before each of so many digits and after the last; "" for nothing."""
    share = float(rng.choice([0.0, 0.15, 0.4, 0.7]))
    between = list(rng.choice(list(SHARES), count - 1, p=list(SHARES.values())))
    outer = [str(rng.choice(["-", "."], p=[0.85, 0.15])) for _ in range(2)]
    signs = [outer[0] if rng.random() < 0.15 else ""]
    signs += [str(sign) if rng.random() < share else "" for sign in between]
    return [*signs, outer[1] if rng.random() < 0.15 else ""]


def draw_sign(sign: str, style: WriterStyle, rng: np.random.Generator) -> DrawnSign:
    """A sign as high as it is beside this writer's digits."""
    unit = style.height * FINE
    stroke = 0.2 - 0.15 * style.pen  # of a digit's height, as MNIST's strokes come out
    pen = _Pen(unit, unit * stroke * float(rng.uniform(0.5, 1.3)))
    slant = style.slant + float(rng.normal(0, 0.1))  # columns per row up
    DRAW[sign](pen, slant, rng)
    return pen.drawn()


class _Pen:
    """Draws in a square around a sign's middle.

    unit : the digits' height, width : the stroke's, in fine pixels
    middle, foot : column of the sign's middle, row of the digits' feet
    """

    def __init__(self, unit: float, width: float) -> None:
        self.unit, self.width = unit, width
        self._image = Image.new("L", (round(SIDE * unit),) * 2)
        self._draw = ImageDraw.Draw(self._image)
        self.middle, self.foot = self._image.width / 2, FOOT * unit

    def dot(self, x: float, y: float, size: float, rng: np.random.Generator) -> None:
        """A dot of about this diameter."""
        wide, high = (size / 2 * float(rng.uniform(0.8, 1.25)) for _ in range(2))
        self._draw.ellipse((x - wide, y - high, x + wide, y + high), fill=255)

    def stroke(self, *places: tuple[float, float]) -> None:
        """A stroke through these places, round at its ends."""
        self._draw.line(places, fill=255, width=max(1, round(self.width)), joint="curve")
        half = self.width / 2
        for x, y in (places[0], places[-1]):
            self._draw.ellipse((x - half, y - half, x + half, y + half), fill=255)

    def drawn(self) -> DrawnSign:
        """What was drawn, in the size of the digits."""
        box = self._image.getbbox() or (0, 0, FINE, FINE)
        size = [max(1, round((box[k + 2] - box[k]) / FINE) + 2) for k in (0, 1)]
        left, top = box[0] - FINE, box[1] - FINE
        bottom = top + size[1] * FINE
        cropped = self._image.crop((left, top, left + size[0] * FINE, bottom))
        small = cropped.resize((size[0], size[1]), Image.Resampling.BOX)
        return DrawnSign(small, (bottom - self.foot) / FINE)


def _point(pen: _Pen, slant: float, rng: np.random.Generator) -> None:
    y = pen.foot - pen.unit * float(rng.normal(0.06, 0.08))
    if rng.random() < 0.2:  # in the middle between two digits
        y = pen.foot - pen.unit * float(rng.uniform(0.1, 0.5))
    if rng.random() < 0.25:  # a short dash
        reach = pen.width * float(rng.uniform(0.2, 0.9))
        fall = float(rng.normal(0, 0.4)) * reach
        pen.stroke((pen.middle - reach, y - fall), (pen.middle + reach, y + fall))
    else:
        pen.dot(pen.middle, y, pen.width * float(rng.uniform(0.9, 1.9)), rng)


def _comma(pen: _Pen, slant: float, rng: np.random.Generator) -> None:
    top = pen.foot - pen.unit * float(rng.uniform(-0.05, 0.2))
    end = max(pen.foot + pen.unit * float(rng.uniform(0.08, 0.38)), top + 1.2 * pen.width)
    lean = (end - top) * (slant + float(rng.uniform(0.0, 0.7)))
    bow = (end - top) * float(rng.uniform(-0.05, 0.3))
    x = pen.middle
    pen.stroke((x, top), (x - lean / 2 + bow, (top + end) / 2), (x - lean, end))


def _dash(pen: _Pen, slant: float, rng: np.random.Generator) -> None:
    half = pen.unit * float(rng.choice([rng.uniform(0.06, 0.18), rng.uniform(0.1, 0.3)]))
    y = pen.foot - pen.unit * float(rng.normal(0.5, 0.1))
    tilt, bow = (half * float(rng.normal(0, spread)) for spread in (0.15, 0.12))
    x = pen.middle
    pen.stroke((x - half, y + tilt), (x, y + bow), (x + half, y - tilt))


def _slash(pen: _Pen, slant: float, rng: np.random.Generator) -> None:
    top = pen.foot - pen.unit * float(rng.uniform(0.9, 1.3))
    end = pen.foot + pen.unit * float(rng.uniform(-0.1, 0.3))
    half = (end - top) * float(rng.uniform(0.12, 0.4))
    pen.stroke((pen.middle + half, top), (pen.middle - half, end))


def _colon(pen: _Pen, slant: float, rng: np.random.Generator) -> None:
    apart = pen.unit * float(rng.uniform(0.25, 0.55))
    size = pen.width * float(rng.uniform(0.9, 1.7))
    lowest = pen.foot - pen.unit * float(rng.uniform(0.02, 0.25))
    pen.dot(pen.middle, lowest, size, rng)
    pen.dot(pen.middle + apart * slant, lowest - apart, size, rng)


DRAW: dict[str, Callable[[_Pen, float, np.random.Generator], None]] = {
    ".": _point,
    ",": _comma,
    "-": _dash,
    "/": _slash,
    ":": _colon,
}
