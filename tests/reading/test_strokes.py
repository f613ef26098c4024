"""Crosses, slashes and strokes that strike out a cell are no digits."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from lenet.reading.reader import Reader
from lenet.reading.strokes import is_cross

PAPER, INK = 225, 40
PLUS = ((-10, 0, 10, 0), (0, -11, 0, 10))
CROSS = ((-8, -11, 9, 12), (10, -12, -7, 11))
SLOPPY = ((-12, -3, 10, 2), (-7, 9, 9, -11))
FOUR = ((5, -14, 5, 14), (12, 3, -12, 3), (-12, 3, -3, -14))
SEVEN = ((-9, -14, 10, -14), (10, -14, -4, 14), (-4, 0, 9, 0))


def sheet(width: int = 300, height: int = 80) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), PAPER)
    return image, ImageDraw.Draw(image)


def stroked(strokes, pen: int = 3, scale: float = 1.0) -> np.ndarray:
    image, draw = sheet(60, 60)
    for stroke in strokes:
        draw.line([30 + scale * side for side in stroke], INK, pen)
    return np.asarray(image) < 130


@pytest.mark.parametrize(("pen", "scale"), [(1, 0.8), (3, 0.8), (3, 1.8), (7, 1.8)])
@pytest.mark.parametrize("strokes", [PLUS, CROSS, SLOPPY])
def test_two_strokes_that_meet_in_their_middles_are_a_cross(strokes, pen, scale):
    assert is_cross(stroked(strokes, pen, scale))


@pytest.mark.parametrize("pen", [1, 3, 5])
@pytest.mark.parametrize("strokes", [FOUR, SEVEN, PLUS[:1], ()])
def test_other_strokes_are_none(strokes, pen):
    assert not is_cross(stroked(strokes, pen))


def test_a_printed_digit_is_none():
    for digit in "0123456789":
        image, draw = sheet(60, 60)
        draw.text((30, 30), digit, INK, ImageFont.load_default(40), anchor="mm")
        assert not is_cross(np.asarray(image) < 130)


@pytest.mark.parametrize("strokes", [PLUS, CROSS, SLOPPY])
@pytest.mark.parametrize("layout", ["auto", "line"])
def test_a_cross_beside_digits_is_left_out(layout, strokes):
    image, draw = sheet(260)
    draw.text((150, 40), "83", INK, ImageFont.load_default(48), anchor="lm")
    for stroke in strokes:
        draw.line([x + 1.3 * side for x, side in zip((60, 40) * 2, stroke, strict=True)], INK, 4)
    reading = Reader(layout=layout, digits_only=True).read(image)
    assert reading.text == "83"


@pytest.mark.parametrize("slant", [0.3, 0.45])
def test_a_slash_between_numbers_is_one(slant):
    image, draw = sheet(340, 90)
    for x, text in ((20, "125"), (220, "84")):
        draw.text((x, 42), text, INK, ImageFont.load_default(48), anchor="lm")
    draw.line((160 + 31 * slant, 12, 160 - 31 * slant, 74), INK, 5)
    reading = Reader(layout="line").read(image)
    assert reading.text == "125/84"
    slash = next(sign for sign in reading.signs if sign.sign == "/")
    assert 140 < slash.box.left < slash.box.right < 180


def test_an_upright_1_among_spaced_digits_stays():
    image, draw = sheet(340, 90)
    for x, text in ((40, "7"), (130, "1"), (220, "4")):
        draw.text((x, 45), text, INK, ImageFont.load_default(48), anchor="mm")
    assert Reader(layout="line", digits_only=True).read(image).text == "714"


@pytest.mark.parametrize("layout", ["auto", "digit", "line"])
def test_a_stroke_that_strikes_out_a_cell_is_no_digit(layout):
    image, draw = sheet(88, 44)
    draw.line((20, 34, 68, 8), INK, 4)
    assert Reader(layout=layout).read(image).text == ""
