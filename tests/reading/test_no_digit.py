"""Images of no digit: a sheet without ink, and ink that the open-set network takes for none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from lenet.preprocessing.image import Box, load_image
from lenet.reading import reader as room
from lenet.reading.reader import Reader
from lenet.reading.result import Digit, Line, Sign

SAMPLE = Path(__file__).parents[2] / "examples" / "3-photo.jpg"


@pytest.mark.parametrize("layout", ["auto", "digit", "line", "page", "grid"])
def test_a_bare_sheet_shows_none(layout):
    reading = Reader(layout=layout).read(np.full((64, 64), 0.8, np.float32))
    assert reading.text == ""
    assert not reading.digits
    assert not reading.rejected


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["auto", "page"])
@pytest.mark.parametrize("grain", [6, 12])
def test_a_bare_but_grainy_sheet_shows_none(layout, grain):
    sheet = 235 + np.random.default_rng(grain).normal(0, grain, (400, 600))
    assert not Reader(layout=layout).read(sheet.round().clip(0, 255).astype(np.uint8)).digits


def open_set(monkeypatch, reader, no_digit: float) -> None:
    """Make the open-set network say so of every image."""
    found = np.append(np.full(10, (1 - no_digit) / 10), no_digit)
    monkeypatch.setattr(
        reader._open_set, "probabilities", lambda images: np.tile(found, (len(images), 1))
    )


def test_what_may_be_no_digit_is_doubted_and_what_surely_is_none_left_out(monkeypatch):
    reader, grey = Reader(layout="digit"), load_image(SAMPLE)
    assert reader.read(grey).digits[0].no_digit < 0.05
    open_set(monkeypatch, reader, 0.0)
    sure = reader.read(grey).confidence
    open_set(monkeypatch, reader, 0.6)
    doubted = reader.read(grey)
    assert (doubted.text, doubted.digits[0].no_digit) == ("3", 0.6)
    assert doubted.confidence == pytest.approx(0.4 * sure)
    open_set(monkeypatch, reader, 0.99)
    none = reader.read(grey)
    assert (none.text, none.digits) == ("", ())
    assert none.confidence == pytest.approx(0.99, abs=0.01)


@pytest.mark.parametrize("layout", ["auto", "digit", "page"])
@pytest.mark.parametrize("letter", "Ww")
def test_a_letter_is_nothing_with_confidence(letter, layout):
    """Failed before: letters were answered as digits."""
    reading = Reader(layout=layout).read(drawn(letter, wide=2))
    assert (reading.text, reading.rejected) == ("", False)
    assert reading.confidence > 0.8


@pytest.mark.parametrize("letter", "FKNRXYkmx")
def test_a_letter_read_as_a_digit_is_not_sure_of_it(letter):
    reading = Reader(layout="digit").read(drawn(letter, wide=2))
    assert not reading.digits or reading.confidence < 0.1


def test_a_word_beside_a_number_is_left_out():
    """Failed before: its letters were digits of numbers of their own."""
    reading = Reader(layout="page").read(drawn("KRAK       482", wide=8))
    assert reading.text == "482"


def digit(value: int, no_digit: float, wide: int = 9) -> Digit:
    return Digit(value, 0.9 * (1 - no_digit), Box(0, 0, 9, wide), no_digit=no_digit)


def test_a_lone_digit_is_left_out_if_it_is_surely_none():
    sign = Sign(".", 0.8, Box(0, 0, 1, 1), 1)
    perhaps = Line((digit(4, 0.9),), 0.6, signs=(sign,))
    assert perhaps.accepted is perhaps
    none = Line((digit(4, 0.99),), 0.6, signs=(sign,)).accepted
    assert (none.digits, none.signs) == ((), ())
    assert none.confidence == pytest.approx(0.99)


def test_several_digits_are_kept_and_less_sure_if_they_may_be_a_word():
    """In faint and blurred numbers every digit is doubted."""
    line = Line((digit(1, 0.8), digit(2, 0.3), digit(3, 0.9)), 0.6)
    assert line.accepted.digits == line.digits
    word = 0.8 * 0.3 * 0.9 / (0.8 * 0.3 * 0.9 + 0.2 * 0.7 * 0.1)
    assert line.accepted.confidence == pytest.approx(0.6 * (1 - word))


def test_an_unlikely_line_is_a_word_if_much_of_it_is_none_but_strokes():
    assert Line((digit(4, 0.9), digit(7, 0.3)), 0.4).is_word
    assert not Line((digit(4, 0.9), digit(7, 0.3)), 0.6).is_word
    assert not Line((digit(4, 0.3), digit(7, 0.3)), 0.4).is_word
    assert not Line((digit(1, 0.9, wide=2), digit(1, 0.9, wide=2)), 0.4).is_word
    assert not Line((), 0.0).is_word


def test_a_row_of_bars_is_doubted_more_than_a_digit():
    """A thing between digits, as barcodes and hatching are."""
    bars = np.full((100, 100), 0.9, np.float32)
    for left in range(20, 80, 12):
        bars[20:80, left : left + 5] = 0.2
    bars[48:52, 20:73] = 0.2  # one part
    reader = Reader(layout="digit")
    reading = reader.read(bars)
    assert not reading.digits or reading.confidence < 0.5 < reader.read(SAMPLE).confidence


def stroke(pen: int) -> np.ndarray:
    sheet = np.full((64, 64), 0.9, np.float32)
    sheet[12:52, 31 : 31 + pen] = 0.2
    return sheet


@pytest.mark.parametrize("layout", ["auto", "digit"])
@pytest.mark.parametrize("pen", [2, 4, 8])
def test_a_bare_stroke_is_a_one(layout, pen):
    """As most people write it, though parts of other digits look the same."""
    reading = Reader(layout=layout).read(stroke(pen))
    assert reading.text == "1"
    assert reading.confidence > 0.8


def test_a_stroke_that_the_edge_cuts_off_may_be_a_border():
    sheet = np.full((64, 64), 0.9, np.float32)
    sheet[:, 58:62] = 0.2
    reading = Reader().read(sheet)
    assert not reading.digits or reading.confidence < 0.5


def test_one_stroke_of_several_is_not_sure_of_itself():
    sheet = np.full((100, 300), 1.0, np.float32)
    sheet[20:80, 80:86] = sheet[20:80, 200:206] = 0
    reading = Reader().read(sheet)
    assert reading.text == "11" or not reading.digits or reading.confidence < 0.5


def test_a_narrow_digit_that_is_hardly_one_does_not_become_a_one(monkeypatch):
    reader = Reader(layout="digit")
    shares = np.full(10, 0.0125)
    shares[[1, 4]] = 0.3, 0.6
    penalties = -np.log(shares[None]) * reader.weights.temperature
    monkeypatch.setattr(reader._network, "penalties", lambda images: penalties)
    open_set(monkeypatch, reader, 0.9)
    assert reader._digit(stroke(4))[0].text == "4"


def test_where_no_digit_is_found_a_doubtful_line_is_the_answer(monkeypatch):
    """In a square image, too, which hardly holds several digits."""
    sheet = np.full((110, 110), 0.9, np.float32)
    sheet[20:90, 25:31] = sheet[20:90, 55:61] = sheet[20:90, 85:91] = 0.2
    reader = Reader()
    line = reader._read_line(sheet)
    assert len(line.digits) > 1
    doubtful = replace(line, confidence=0.3)
    monkeypatch.setattr(reader, "_read_line", lambda grey: doubtful)
    monkeypatch.setattr(reader, "_digit", lambda grey: [])
    reading = reader.read(sheet)
    assert reading.text == line.text
    assert reading.confidence == pytest.approx(
        doubtful.accepted.as_written.confidence * reading.explained
    )


def drawn(text: str, height: int = 110, wide: float = 1.0, at: float = 0.5) -> np.ndarray:
    """Printed digits of a third of the image's height, `at` of its width and height."""
    image = Image.new("L", (round(wide * height), height), 230)
    place = (round(at * wide * height), round(at * height))
    font = ImageFont.load_default(height / 2)
    ImageDraw.Draw(image).text(place, text, 40, font, anchor="mm")
    return np.asarray(image)


def test_several_digits_in_a_square_are_a_number():
    assert Reader().read(drawn("24")).text == "24"


def test_one_digit_of_a_cell_with_a_border():
    cell = drawn("4").copy()
    cell[:, :5] = cell[:5] = cell[:, -5:] = 30
    for layout in ("digit", "auto"):
        reading = Reader(layout=layout).read(cell)
        assert reading.text == "4"
        assert reading.confidence > 0.85


def test_a_note_in_a_corner_is_no_sure_digit():
    note = np.full((128, 128), 230, np.uint8)
    note[8:58, 8:58] = drawn("4", 50)
    for layout in ("digit", "auto"):
        assert (
            Reader(layout=layout).read(note).confidence < 0.9 < Reader().read(drawn("4")).confidence
        )


def test_ink_that_an_answer_leaves_out_costs_confidence(monkeypatch):
    sheet = drawn("4 4", wide=3)
    reader = Reader(digits_only=True)
    whole = reader.read(sheet)
    assert (whole.text, whole.explained) == ("44", pytest.approx(1, abs=0.01))
    part = Line(whole.lines[0].digits[:1], 1.0)
    monkeypatch.setattr(reader, "_read_line", lambda grey: part)
    monkeypatch.setattr(reader, "_alone", lambda grey: [part])
    assert reader.read(sheet).confidence < 0.8


def test_nothing_is_as_sure_as_the_sheet_is_bare():
    shade = np.linspace(0.9, 0.7, 96, dtype=np.float32)[None].repeat(96, 0)
    noise = np.random.default_rng(3).normal(0, 0.01, (96, 96)).astype(np.float32)
    for layout in ("auto", "digit", "line", "page", "grid"):
        bare = Reader(layout=layout).read(shade + noise)
        assert (bare.text, bare.digits) == ("", ())
        assert bare.confidence > 0.9
    missed = Reader(layout="grid", reject=0.5).read(drawn("4"))
    assert (missed.text, missed.digits, missed.rejected) == ("", (), True)
    assert missed.confidence < 0.01


def test_few_lines_of_noise_are_read(monkeypatch):
    """Half of them show no digits, so that those of the first sweep over a page are too few."""
    read, recognise = [], Reader._recognised
    monkeypatch.setattr(Reader, "_recognised", lambda *of: read.append(of) or recognise(*of))
    noise = np.random.default_rng(1).random((900, 1200)).astype(np.float32)
    assert Reader(layout="page").read(noise).text == ""
    assert len(read) < 100  # of 220


def test_no_display_is_sought_where_there_is_surely_no_digit(monkeypatch):
    sought = []
    monkeypatch.setattr(room, "read_display", sought.append)
    monkeypatch.setattr(Reader, "_recognised", lambda *_: Line((), 0.97))
    wide = np.ones((60, 200), np.float32)
    wide[20:24] = wide[:, ::50] = 0.2
    assert Reader(layout="line").read(wide).text == ""
    assert not sought
