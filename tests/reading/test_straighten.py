"""Turned lines are read, and their boxes lie where the digits do."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from lenet.preprocessing.image import Box
from lenet.reading.reader import Reader
from lenet.reading.result import Digit, Line, Sign
from lenet.reading.straighten import read_level, slope_of

TEXT = "4081394725"
PITCH, SIDE = 25, 48


def turned(angle: float) -> Image.Image:
    image = Image.new("L", (60 + PITCH * len(TEXT), 110), 230)
    draw = ImageDraw.Draw(image)
    for k, digit in enumerate(TEXT):
        draw.text((30 + PITCH * k, 55), digit, 30, ImageFont.load_default(SIDE), anchor="lm")
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=230)


@pytest.mark.parametrize("angle", [-10, -8, -6, -4, 0, 4, 6, 8, 10])
def test_a_turned_line_is_read_with_its_boxes(angle):
    image = turned(angle)
    reading = Reader(layout="line", digits_only=True).read(image)
    assert reading.text == TEXT
    dark = np.asarray(image) < 130
    for k, digit in enumerate(reading.digits):
        box = digit.box
        assert 0 <= box.top < box.bottom <= image.height
        assert 0 <= box.left < box.right <= image.width
        assert dark[box.inside].sum() > 60
        across = (30 + PITCH * (k + 0.3) - (60 + PITCH * len(TEXT)) / 2) * np.cos(np.radians(angle))
        assert abs((box.left + box.right) / 2 - image.width / 2 - across) < 12


def line(*places: tuple[int, int]) -> Line:
    return Line(
        tuple(Digit(1, 1.0, Box(top, left, top + 20, left + 14)) for top, left in places), 1.0
    )


def test_the_slope_of_digits():
    falling = [(10 + 2 * k, 20 * k) for k in range(7)]
    assert slope_of(line(*falling)) == pytest.approx(0.1)
    assert slope_of(line(*falling[:3], (40, 60), *falling[4:])) == pytest.approx(0.1)
    assert slope_of(line(*falling[:3])) == 0  # as well read as it lies
    assert slope_of(line((10, 0), (30, 90))) == 0
    assert slope_of(line((10, 0), (14, 4), (18, 8))) == 0


def test_signs_are_turned_back_with_the_digits():
    places = [Box(40 + 4 * k, 30 * k, 60 + 4 * k, 30 * k + 15) for k in range(4)]
    sloping = Line(tuple(Digit(1, 0.5, box) for box in places), 0.1)
    level = Box(52, 60, 60, 64)
    surer = Line((Digit(1, 0.9, level),) * 3, 0.9, signs=(Sign(".", 0.9, level, 1),))
    answers = iter([sloping, surer])
    found = read_level(np.ones((120, 200), np.float32), lambda _: next(answers))
    assert found.signs[0].box == found.digits[0].box != level


@pytest.mark.parametrize("slope", [-0.08, -0.05, 0.05, 0.08])
def test_a_line_on_a_slanting_rule_is_read_with_its_boxes(slope):
    """The rule joins the feet of the digits that it crosses."""
    image = Image.new("L", (500, 110), 230)
    draw = ImageDraw.Draw(image)
    draw.text((120, 52), "45 53 31", 30, ImageFont.load_default(64), anchor="lm")
    draw.line((0, 74 - 250 * slope, 500, 74 + 250 * slope), 60, 4)
    reading = Reader(layout="line", digits_only=True).read(image)
    assert reading.text == "455331"
    for digit in reading.digits:
        assert 20 <= digit.box.top < 45 < 65 < digit.box.bottom <= 90


def test_a_level_line_without_digits_is_no_answer():
    answers = iter([Line((Digit(1, 0.4, Box(0, 0, 20, 9)),), 0.4), Line((), 1.0)])
    grey = np.full((60, 300), 0.9, np.float32)
    grey[[np.arange(300) // 20 + 30, np.arange(300) // 20 + 31], np.arange(300)] = 0.2
    assert read_level(grey, lambda _: next(answers)).digits
    assert next(answers, None) is None
