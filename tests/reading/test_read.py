"""`lenet.read` and `lenet.Reader` in Python and in notebooks."""

from __future__ import annotations

import pickle
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import lenet
from lenet.errors import UsageError
from lenet.network.weights import SHIPPED
from lenet.reading import read as module
from lenet.reading.html import SHOWN, for_showing

EXAMPLES = Path(__file__).parents[2] / "examples"
PHOTO, FAX, SHEET = (EXAMPLES / name for name in ("3-photo.jpg", "9-fax.png", "score-sheet.jpg"))


@pytest.fixture(scope="module")
def sheet() -> lenet.Reading:
    return lenet.read(SHEET)


def test_a_list_gives_a_list():
    with FAX.open("rb") as file:
        sources = [str(PHOTO), FAX.read_bytes(), Image.open(PHOTO), file]
        found = lenet.read(sources)
    assert [reading.text for reading in found] == ["3", "9", "3", "9"]
    assert found[0] == lenet.read(PHOTO)
    assert lenet.read((PHOTO,), layout="digit") == [lenet.Reader(layout="digit").read(PHOTO)]
    assert lenet.read([]) == []


def test_an_error_says_which_of_a_list():
    with pytest.raises(lenet.LenetError, match=r"^image 2 of 3: missing.png: no such file"):
        lenet.read([PHOTO, "missing.png", PHOTO])
    with pytest.raises(ValueError, match=r"^image 1 of 1: expected an image array"):
        lenet.read([np.zeros(3)])
    with pytest.raises(ValueError, match="for several images a list of these; got generator"):
        lenet.read(path for path in [PHOTO])


def test_weights_that_are_none():
    with pytest.raises(lenet.LenetError, match=r"expected weights: a shipped name .* got list"):
        lenet.read(PHOTO, weights=["1998"])


@pytest.mark.parametrize(
    "setting", [{"layout": ["line"]}, {"reject": [1]}, {"reject": "much"}, {"colour_dropout": {}}]
)
def test_what_is_no_setting_is_refused(setting, sheet):
    with pytest.raises(UsageError, match=next(iter(setting))):
        lenet.read(sheet, **setting)


def test_the_reader_is_made_once_for_each_setting(monkeypatch, tmp_path):
    made = []

    class Counted(lenet.Reader):
        def __init__(self, *settings, **others):
            made.append(others)
            super().__init__(*settings, **others)

    monkeypatch.setattr(module, "Reader", Counted)
    module._kept_reader.cache_clear()
    for _ in range(3):
        lenet.read(PHOTO)
        lenet.read(PHOTO, layout="digit", weights="1998")
    assert len(made) == 2
    folder = SHIPPED / "1998"
    for _ in range(2):  # a run folder may change between two calls
        lenet.read(PHOTO, weights=folder)
    assert len(made) == 4
    module._kept_reader.cache_clear()


@pytest.mark.slow
def test_a_loop_costs_what_a_reader_costs():
    reader, image = lenet.Reader(), Image.open(FAX).convert("L")
    lenet.read(image)

    def seconds(read) -> float:
        start = time.perf_counter()
        for _ in range(20):
            read(image)
        return time.perf_counter() - start

    assert any(
        min(seconds(lenet.read) for _ in range(5))
        <= 1.15 * min(seconds(reader.read) for _ in range(5))
        for _ in range(5)
    )


def test_eight_threads_share_a_reader(sheet):
    paths = [SHEET, *[PHOTO, FAX, *sorted(EXAMPLES.glob("[0-9]-*.png"))] * 2]
    reader = lenet.Reader()
    expected = [reader.read(path) for path in paths]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(reader.read, paths)) == expected
            module._kept_reader.cache_clear()  # the threads make the kept one, too
            assert list(pool.map(lenet.read, paths)) == expected
    finally:
        sys.setswitchinterval(interval)


def test_readers_and_readings_are_pickled(sheet):
    again = pickle.loads(pickle.dumps(lenet.Reader(layout="line", reject=0.25)))
    assert repr(again) == "Reader(layout='line', reject=0.25)"
    assert again.read(PHOTO) == lenet.read(PHOTO, layout="line", reject=0.25)
    copy = pickle.loads(pickle.dumps(sheet))
    assert copy == sheet
    assert (copy.image == sheet.image).all()


def test_short_words_for_each(sheet):
    for shown in (
        sheet,
        sheet.lines[0],
        sheet.digits[0],
        sheet.tables[0],
        sheet.tables[0].cells[0][0],
    ):
        assert "\n" not in repr(shown)
        assert len(repr(shown)) <= 100
    assert re.fullmatch(r"Reading\('3', confidence=0\.\d+\)", repr(lenet.read(PHOTO)))
    assert repr(lenet.read(PHOTO, reject=1)).startswith("Reading('', ")
    assert repr(lenet.read(PHOTO, reject=1)).endswith(", rejected=True)")


def test_a_reading_carries_its_image_reduced():
    wide = np.full((40, 3 * SHOWN + 7), 0.5, np.float32)
    wide[:, -30:] = 0.0
    shown = for_showing(wide)
    assert shown.shape[1] <= SHOWN
    assert (shown[0, 0], shown[-1, -1]) == (127, 0)
    assert (lenet.read(FAX).image == np.asarray(Image.open(FAX).convert("L"))).all()


def outlines(html: str) -> list[tuple[str, str]]:
    """The colour and the words of each outline; ElementTree takes only what is well formed."""
    found = ElementTree.fromstring(html).iter("polygon")
    return [(each.get("stroke", ""), each.findtext("title", "")) for each in found]


def test_a_notebook_shows_the_image_its_boxes_and_the_text(sheet):
    html = sheet._repr_html_()
    shown = outlines(html)
    assert len(shown) == 20 + len(sheet.digits)
    assert re.search(r"^12, confidence 9\d\.\d %$", shown[20][1])
    assert sheet.text in html
    assert f"confidence {100 * sheet.confidence:.1f} %" in html
    assert set(re.findall(r"(?:href|src)=\"([^,]+,)", html)) == {"data:image/jpeg;base64,"}
    assert "http" not in html
    assert "no digits" in lenet.read(np.full((60, 90), 255, np.uint8))._repr_html_()
    refused = lenet.read(FAX, reject=1)._repr_html_()
    assert "rejected; best '9'" in ElementTree.fromstring(refused).findtext("pre", "")
    outlines(replace(sheet, image=None)._repr_html_())
    assert "max-width:1px" in lenet.read(np.full((3000, 1), 255, np.uint8))._repr_html_()


def test_readings_become_data_frames(sheet):
    pandas = pytest.importorskip("pandas")
    frame = sheet.to_frame()
    assert list(frame.columns) == ["text", "confidence", "row", "top", "left", "bottom", "right"]
    assert frame["text"].tolist() == [line.text for line in sheet.lines]
    assert tuple(frame.loc[0, ["top", "left", "bottom", "right"]]) == sheet.lines[0].box
    assert sheet.tables[0].to_frame().values.tolist() == sheet.tables[0].rows
    several = pandas.concat(
        [reading.to_frame() for reading in lenet.read([PHOTO, FAX])], keys=["photo", "fax"]
    )
    assert several.loc["fax", "text"].tolist() == ["9"]
    assert len(lenet.read(np.full((60, 90), 255, np.uint8)).to_frame()) == 0


def test_without_pandas_the_message_says_what_to_install(sheet, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for found in (sheet, sheet.tables[0]):
        with pytest.raises(
            lenet.LenetError, match=r"needs pandas, .* pip install 'lenet\[pandas\]'"
        ):
            found.to_frame()
