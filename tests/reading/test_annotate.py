"""The figure: what was found in an image, and the ink that was left over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from ruled_sheets import photographed, ruled_sheet

from lenet.preprocessing.image import load_image
from lenet.reading.annotate import CELL, FRAME, LARGE, draw_found, draw_readings, unexplained_ink
from lenet.reading.reader import Reader
from lenet.reading.result import Reading

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLES = sorted(EXAMPLES.glob("[0-9]*"))
CORNERS = ((0.03, 0.05), (0.96, 0.0), (1.0, 0.95), (0.0, 1.0))


@pytest.fixture(scope="module")
def photo():
    return photographed(ruled_sheet([["3", "5", ""], ["8", "", "2"]], side=80), CORNERS)


@pytest.fixture(scope="module")
def reading(photo):
    found = Reader(layout="grid").read(photo)
    assert found.text == "3\t5\t\n8\t\t2"
    return found


def test_a_table_is_outlined_cell_by_cell_in_perspective(photo, reading):
    """Each pixel of the drawn rules is nearly one of the sheet's: a table drawn straight misses."""
    picture = np.asarray(draw_found(photo, reading, max(photo.shape)))
    drawn = (picture == CELL).all(2)
    assert drawn.sum() > 1000
    rows, columns = np.nonzero(drawn)
    dark = photo < 0.75 * np.median(photo)
    near = [dark[i - 2 : i + 3, k - 2 : k + 3].any() for i, k in zip(rows, columns, strict=True)]
    assert np.mean(near) > 0.95
    assert (picture == FRAME).all(2).sum() > 300


def test_ink_that_was_not_read_is_marked(photo, reading):
    assert not unexplained_ink(photo, reading).any()
    (first, *rest), *others = reading.tables[0].cells
    lost = replace(first, line=None)
    table = replace(reading.tables[0], cells=((lost, *rest), *others))
    partial = replace(reading, lines=table.lines, tables=(table,))
    marked = unexplained_ink(photo, partial)
    top, left, bottom, right = first.line.box
    assert marked[top:bottom, left:right].sum() > 100
    assert marked.sum() == marked[top - 2 : bottom + 2, left - 2 : right + 2].sum()
    hatched = np.asarray(draw_found(photo, partial, max(photo.shape))).astype(int)
    orange = hatched[..., 0] - hatched[..., 2] > 40
    assert orange[top:bottom, left:right].mean() > 0.3


def test_dark_and_light_ink_are_found_in_one_image(rng):
    """A dark phone beside the sheet: the whole image's polarity says nothing of either's ink."""
    page = Image.new("L", (600, 400), 210)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(40)
    draw.rectangle((300, 0, 600, 400), 40)
    draw.text((150, 200), "58", 60, font, anchor="mm")
    draw.text((450, 200), "32", 190, font, anchor="mm")
    grainy = np.asarray(page, np.float32) / 255 + rng.normal(0, 0.01, (400, 600))
    nothing = Reading((), False, (400, 600))
    marked = unexplained_ink(grainy.astype(np.float32), nothing)
    inked = np.zeros_like(marked)
    for left in (120, 420):
        assert marked[170:230, left : left + 60].sum() > 200
        inked[170:230, left : left + 60] = True
    assert not (marked & ~inked).any()


def test_ruled_lines_and_bare_paper_are_no_unexplained_ink(rng):
    page = Image.new("L", (600, 400), 230)
    for row in range(60, 400, 40):
        ImageDraw.Draw(page).line((0, row, 600, row), 120, 2)
    grainy = np.asarray(page, np.float32) / 255 + rng.normal(0, 0.01, (400, 600))
    grey = load_image(grainy.astype(np.float32).clip(0, 1))
    assert not unexplained_ink(grey, Reader(layout="page").read(grey)).any()


def test_a_figure_of_few_tables_is_large_enough_to_read(photo, reading):
    one = draw_readings([("sheet", photo, reading)])
    assert one.width > 2 * LARGE
    many = draw_readings([("sheet", photo, reading)] * 5)
    assert many.width < 2.5 * LARGE


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_nothing_is_left_over_beside_a_lone_digit(path):
    grey = load_image(path)
    assert not unexplained_ink(grey, Reader().read(grey)).any()


def test_the_edge_of_paper_on_a_dark_table_is_no_unexplained_ink():
    sheet = load_image(EXAMPLES / "score-sheet.jpg")
    assert not unexplained_ink(sheet, Reader().read(sheet)).any()
