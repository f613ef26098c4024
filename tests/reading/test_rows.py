"""Rows of a page: slightly rising and falling ones, and their lone digits."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import lenet
from lenet.lines.line_engine import line_preparation
from lenet.reading.layout import Parts, find_lines, page_parts
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
    found = find_lines(page_parts(grey, line_preparation()))
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


# Strokes on a field 60 wide and 105 high: x and y of their corners.
PEN = {
    "0": [[30, 0, 55, 30, 55, 70, 30, 100, 5, 70, 5, 30, 30, 0]],
    "1": [[30, 0, 28, 100]],
    "2": [[5, 25, 20, 3, 45, 10, 50, 35, 0, 100, 58, 100]],
    "3": [[5, 8, 30, 0, 52, 20, 28, 45, 57, 75, 30, 100, 2, 90]],
    "4": [[40, 0, 5, 70, 60, 70], [40, 35, 40, 100]],
    "5": [[52, 0, 12, 4, 8, 50, 38, 40, 56, 72, 30, 100, 4, 92]],
    "6": [[40, 0, 12, 35, 4, 75, 25, 103, 50, 82, 36, 58, 4, 75]],
    "7": [[0, 0, 55, 4, 25, 105]],
    "8": [[28, 50, 5, 22, 30, 2, 52, 20, 5, 75, 30, 100, 55, 75, 28, 50]],
    "9": [[50, 30, 25, 50, 8, 28, 28, 2, 50, 30, 47, 100]],
}


def test_rows_below_each_other_are_not_one_line():
    """As one line, the digits of three rows pass for two tall ones, read with confidence 0.93."""
    rows = ["4021", "35", "98706"]
    sheet = Image.new("L", (900, 600), 255)
    draw = ImageDraw.Draw(sheet)
    for row, text in enumerate(rows):
        for column, value in enumerate(text):
            left, top = 80 + 80 * column, 60 + 178 * row
            for stroke in PEN[value]:
                corners = zip(stroke[::2], stroke[1::2], strict=True)
                draw.line([(left + x, top + y) for x, y in corners], 20, 11, joint="curve")
    assert lenet.read(np.asarray(sheet)).text.split("\n") == rows


def test_a_page_of_nothing_but_dashes_has_no_lines():
    """Dashes are long for their height; what else there is is low beside them."""
    dashes = [(40 * k, 0, 40 * k + 30, 700) for k in range(3)]
    specks = [(300, 30 * k, 308, 30 * k + 8) for k in range(2)]
    boxes = np.array(dashes + specks, np.intp)
    assert find_lines(Parts(boxes, np.ones(len(boxes)), 1, (800, 800))) == []


def table_with_broken_rules(seed: int) -> Image.Image:
    """Four numbers between rules of which only pieces are left."""
    rng = np.random.default_rng(seed)
    image = Image.new("L", (330, 400), 215)
    draw = ImageDraw.Draw(image)
    for row, text in enumerate(("275", "043", "608", "901")):
        draw.text((60, 52 + 96 * row), text, 45, ImageFont.load_default(76), anchor="lm")
    for top in range(4, 400, 96):
        for left in range(0, 300, 17):
            draw.line((left, top, left + int(rng.integers(4, 12)), top), 70, 3)
    for top in range(0, 400, 13):
        draw.line((250, top, 250, top + 8), 70, 3)
    return image


@pytest.mark.parametrize("seed", range(3))
def test_pieces_of_rules_do_not_chain_rows(seed):
    grey = np.asarray(table_with_broken_rules(seed), np.float32) / 255
    rows = find_lines(page_parts(grey, line_preparation()))
    assert [len(row) for row in rows] == [1, 1, 1, 1]
    assert all(row[0].height < 96 for row in rows)


def test_a_word_above_a_number_is_a_line_of_its_own():
    image = Image.new("L", (400, 230), 225)
    draw = ImageDraw.Draw(image)
    draw.text((30, 66), "Debrecen", 40, ImageFont.load_default(46), anchor="ls")
    draw.text((30, 160), "4028", 40, ImageFont.load_default(118), anchor="ls")
    rows = find_lines(page_parts(np.asarray(image, np.float32) / 255, line_preparation()))
    assert [len(row) for row in rows] == [1]
    assert rows[0][0].top > 40


@pytest.mark.parametrize(("seed", "grain"), [(0, 8), (1, 12), (2, 14)])
def test_a_number_on_grainy_paper_is_read(seed, grain):
    image = Image.new("L", (1000, 480), 165)
    font = ImageFont.load_default(72)
    ImageDraw.Draw(image).text((90, 120), "17 62 89", 80, font, anchor="lm")
    noise = np.random.default_rng(seed).normal(0, grain, (480, 1000))
    grainy = (np.asarray(image) + noise).clip(0, 255).round().astype(np.uint8)
    assert Reader(layout="page", digits_only=True).read(grainy).text == "176289"
