"""Rows of a page: slightly rising and falling ones, and their lone digits."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from lenet.lines.line_engine import line_preparation
from lenet.reading.layout import find_lines
from lenet.reading.reader import Reader

ROWS = ["2938405", "34567", "8392"]


def page_of(rows: list[str], slope: float, pitch: int = 70) -> Image.Image:
    """Digits far apart in rows that fall by `slope` pixels in one."""
    image = Image.new("L", (60 + pitch * max(map(len, rows)), 130 + 110 * len(rows)), 235)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(52)
    for number, row in enumerate(rows):
        for k, digit in enumerate(row):
            top = 50 + 110 * number + slope * pitch * (k - len(row) / 2)
            draw.text((30 + pitch * k, top), digit, 40, font)
    return image


@pytest.mark.parametrize("slope", [-0.15, -0.08, 0.0, 0.08, 0.15])
@pytest.mark.parametrize("rows", [ROWS[:1], ROWS, ROWS[::-1]], ids=["one", "longest", "shortest"])
def test_rows_that_rise_or_fall_keep_their_order(rows, slope):
    grey = np.asarray(page_of(rows, slope), np.float32) / 255
    found = find_lines(grey, line_preparation())
    assert [len(row) for row in found] == [len(row) for row in rows]
    assert all(a.left < b.left for row in found for a, b in pairwise(row))


@pytest.mark.parametrize("slope", [-0.08, 0.08])
def test_a_falling_page_is_read(slope):
    text = Reader(layout="page").read(page_of(ROWS, slope)).text
    assert text == "\n".join(" ".join(row) for row in ROWS)


def test_a_lone_digit_of_a_page_is_read_as_single_digits_are(monkeypatch):
    asked = []
    reader = Reader(layout="page")
    digit = reader._digit
    monkeypatch.setattr(reader, "_digit", lambda grey: asked.append(grey.shape) or digit(grey))
    assert reader.read(page_of(["29", "384"], 0.0)).text == "2 9\n3 8 4"
    assert len(asked) == 5
