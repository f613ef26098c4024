"""What stands in a grid's cells: numbers, nothing, and print that shines through."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from ruled_sheets import INK, PAPER, photographed, ruled_sheet

import lenet
from lenet.preprocessing import contrast
from lenet.preprocessing.contrast import ink_contrast
from lenet.reading.reader import Reader

TILTED = ((0.06, 0.02), (0.98, 0.07), (0.93, 0.98), (0.02, 0.9))
SCORES = [["12", "7", "", "30"], ["4", "", "258", "6"], ["", "90", "3", "41"]]


@pytest.fixture(scope="module")
def scores():
    return photographed(ruled_sheet(SCORES, side=70, wide=1.5), TILTED)


@pytest.mark.parametrize("layout", ["grid", "auto"])
def test_a_table(scores, layout):
    reading = lenet.read(scores, layout=layout)
    (table,) = reading.tables
    assert table.rows == SCORES
    assert reading.text == "\n".join("\t".join(row) for row in SCORES)
    assert [line.text for line in reading.lines] == [text for row in SCORES for text in row if text]
    assert 0.5 < reading.confidence <= 1


def test_all_cells_are_cut_out_of_one_copy_of_the_image(scores, monkeypatch):
    copied, make = [], Image.fromarray
    monkeypatch.setattr(Image, "fromarray", lambda plane: copied.append(plane.shape) or make(plane))
    lenet.read(scores, layout="grid")
    assert copied.count(scores.shape) < 5  # not one for each of 12 cells


def test_boxes_lie_in_their_cells(scores):
    (table,) = lenet.read(scores, layout="grid").tables
    for row in table.cells:
        for cell in row:
            for digit in cell.line.digits if cell.line else ():
                assert cell.box.top <= digit.box.top < digit.box.bottom <= cell.box.bottom
                assert cell.box.left <= digit.box.left < digit.box.right <= cell.box.right


def test_a_table_as_json(scores):
    table = json.loads(json.dumps(lenet.read(scores, layout="grid").to_dict()))["tables"][0]
    assert (table["rows"], table["columns"], len(table["box"])) == (3, 4, 4)
    cell = table["cells"][1][2]
    assert cell["text"] == "258"
    assert 0 <= cell["confidence"] <= 1
    assert table["cells"][0][2]["text"] == ""


def test_no_grid_gives_nothing():
    plane = np.full((200, 300), 0.8, np.float32)
    reading = lenet.read(plane, layout="grid")
    assert (reading.tables, reading.lines, reading.text) == ((), (), "")


def test_print_that_shines_through_is_no_ink():
    sheet = ruled_sheet([["5", ""], ["", "8"]], side=80)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(44)
    for place in ((2, 1), (1, 2)):
        middle = (place[0] + 0.5) * 80, (place[1] + 0.5) * 80
        draw.text(middle, "9", PAPER - 14, font, anchor="mm")
    reading = lenet.read(photographed(sheet, TILTED), layout="grid")
    assert reading.tables[0].rows == [["5", ""], ["", "8"]]


def test_rejecting_a_table(scores):
    reading = Reader(layout="grid", reject=1.0).read(scores)
    assert reading.rejected
    assert reading.text == ""
    assert "258" in reading.best


def cell(text: str = "", ink: int = INK, border: int = 0) -> np.ndarray:
    image = Image.new("L", (100, 100), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((50, 50), text, ink, ImageFont.load_default(60), anchor="mm")
    if border:
        draw.rectangle((0, 0, 99, 99), outline=INK, width=border)
    return (np.asarray(image) / 255).astype(np.float32)


@pytest.mark.parametrize("border", [0, 3, 9])
def test_contrast_of_ink_and_of_none(border):
    assert ink_contrast(cell("4", border=border)) > 0.6
    assert ink_contrast(cell("4", ink=PAPER - 60, border=border)) == pytest.approx(
        60 / PAPER, abs=0.05
    )
    assert ink_contrast(cell(border=border)) < 0.05


def test_contrast_of_a_wide_cell_is_that_of_its_writing():
    wide = np.concatenate([cell(), cell(), cell("1"), cell(), cell()], 1)
    assert ink_contrast(wide) > 0.6


def test_the_parts_of_a_wide_plane_and_a_row_of_cells_are_judged_at_once(monkeypatch):
    wide = np.concatenate([cell(), cell("1"), cell("4", ink=PAPER - 60)], 1)
    row = [cell(), cell("4", border=3), wide, cell("1")]
    each = [ink_contrast(plane) for plane in row]
    closings, close = [], contrast.closing
    monkeypatch.setattr(contrast, "closing", lambda *of: closings.append(of) or close(*of))
    assert contrast.ink_contrasts(row) == each
    assert contrast.ink_contrast(wide) == each[2]
    assert len(closings) == 2


def test_a_comb_field_is_a_line_and_a_table_is_a_page(scores):
    comb = photographed(ruled_sheet([["2", "5", "8", "4"]], side=50), TILTED)
    reading = Reader(layout="line").read(comb)
    assert (reading.text, reading.tables, len(reading.lines)) == ("2584", (), 1)
    text = "\n".join(" ".join(filter(None, row)) for row in SCORES)
    assert Reader(layout="page").read(scores).text == text
    assert len(Reader(layout="line").read(scores).lines) <= 1


def test_the_command_writes_a_table_by_itself(scores, tmp_path, run_lenet):
    photo, sheet = tmp_path / "scores.png", tmp_path / "scores.csv"
    Image.fromarray((scores * 255).astype(np.uint8)).save(photo)
    done = run_lenet("read", photo, "--layout", "grid", "--out", sheet, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    with sheet.open(newline="") as file:
        assert list(csv.reader(file)) == SCORES
    again = tmp_path / "again.png"
    again.write_bytes(photo.read_bytes())
    both = tmp_path / "both.csv"
    run_lenet("read", photo, again, "--layout", "grid", "--out", both, "--quiet")
    with both.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == ["\n".join("\t".join(row) for row in SCORES)] * 2


@pytest.fixture(scope="module")
def two_tables():
    """Two ruled sheets, one above the other."""
    sheet = ruled_sheet(SCORES, side=70, wide=1.5)
    return np.concatenate([sheet, sheet])


def test_two_tables_by_layout_page_are_their_rows(two_tables):
    reading = lenet.read(two_tables, layout="page")
    rows = [" ".join(filter(None, row)) for row in SCORES]
    assert reading.text.splitlines() == [*rows, *rows]
    assert not reading.tables


def test_a_table_of_several_rows_is_no_surely_empty_line(two_tables):
    reading = lenet.read(two_tables[: len(two_tables) // 2], layout="line")
    assert reading.text or reading.confidence < 0.5
