"""Numbers of several digits: lines, pages, and which of them an image is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lenet.errors import UsageError
from lenet.lines.line_weights import load_line_weights
from lenet.reading.reader import Reader


def written(path) -> np.ndarray:
    """The sample digits' ink, each 40 pixels high."""
    from lenet.preprocessing.prepare import prepare_file

    image = prepare_file(path).image
    return np.asarray(Image.fromarray(image).resize((56, 56), Image.Resampling.BICUBIC)) / 255


@pytest.fixture(scope="module")
def ink():
    from pathlib import Path

    examples = Path(__file__).parents[2] / "examples"
    return {int(p.name[0]): written(p) for p in sorted(examples.iterdir()) if p.name[0].isdigit()}


def number(ink, values, pitch=40) -> np.ndarray:
    """A line of digits, (64, w), dark on light."""
    line = np.zeros((64, 40 + pitch * len(values)), np.float32)
    for k, value in enumerate(values):
        place = line[4:60, 10 + k * pitch : 66 + k * pitch]
        np.maximum(place, ink[value][:, : place.shape[1]], out=place)
    return 1 - 0.7 * line


@pytest.mark.parametrize("values", [(3, 7), (2, 0, 3, 5), (6, 0, 5, 4, 3, 2)])
def test_a_number_is_read_with_its_boxes(ink, values):
    grey = number(ink, values)
    for layout in ("line", "auto"):
        reading = Reader(layout=layout).read(grey)
        assert reading.text == "".join(map(str, values))
        lefts = [digit.box.left for digit in reading.digits]
        assert lefts == sorted(lefts)
        for k, digit in enumerate(reading.digits):
            middle = (digit.box.left + digit.box.right) / 2
            assert abs(middle - (38 + 40 * k)) < 8
            assert 0 <= digit.box.top < digit.box.bottom <= 64
            assert 0 < digit.confidence <= 1
            assert len(digit.alternatives) == 2
        assert 0 < reading.confidence <= 1


def test_both_polarities_and_any_size_say_the_same(ink):
    grey, reader = number(ink, (2, 0, 3, 5)), Reader(layout="line")
    high, wide = grey.shape
    large = np.asarray(Image.fromarray(grey).resize((wide * 5, high * 5), Image.Resampling.BICUBIC))
    small = np.asarray(Image.fromarray(grey).resize((wide // 2, high // 2), Image.Resampling.BOX))
    margin = np.full((300, 900), grey.max(), np.float32)
    margin[100 : 100 + high, 300 : 300 + wide] = grey
    for version in (1 - grey, large.clip(0, 1), small, margin):
        assert reader.read(version).text == "2035"


def test_a_page_is_read_row_by_row(ink):
    page = np.full((300, 640), 1.0, np.float32)
    page[20:84, 10:130] = number(ink, (3, 7))
    page[20:84, 350:550] = number(ink, (2, 0, 3, 5))
    page[200:264, 10:170] = number(ink, (5, 4, 3))
    for layout in ("page", "auto"):
        reading = Reader(layout=layout).read(page)
        assert reading.text == "37 2035\n543"
        assert [line.row for line in reading.lines] == [0, 0, 1]
        assert reading.lines[1].box.left >= 350
        assert reading.lines[2].box.top >= 200
        document = reading.to_dict()
        assert [line["text"] for line in document["lines"]] == ["37", "2035", "543"]


def test_nothing_is_read_from_nothing(rng):
    for blank in (np.ones((64, 200)), np.zeros((300, 300)), 0.5 + 0.002 * rng.random((50, 90))):
        for layout in ("auto", "line", "page", "digit"):
            reading = Reader(layout=layout).read(blank)
            assert (reading.text, reading.digits, reading.rejected) == ("", (), False)


def test_what_is_not_sure_enough_is_rejected(ink):
    reading = Reader(layout="line", reject=1.0).read(number(ink, (3, 7)))
    assert reading.rejected
    assert reading.text == ""
    assert reading.best == "37"


def test_an_unknown_layout_is_refused():
    with pytest.raises(UsageError, match="layout"):
        Reader(layout="column")


def test_the_shipped_weights_say_where_they_come_from():
    weights = load_line_weights()
    assert weights.network.card["recipe"]["name"] == "lines"
    assert weights.layer.hidden.shape[1] == 11 + 12
