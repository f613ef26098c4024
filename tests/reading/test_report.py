"""The page of wrong answers: whole in itself, and safe whatever files are called."""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser

from PIL import Image
from ruled_sheets import ruled_sheet

from lenet.reading.batch import Answer, Settings, answer, reader_for
from lenet.reading.judged import Judged
from lenet.reading.labelled import LabelledImage
from lenet.reading.report import SIDE, SMALL, report_card, report_page

NAME = '<script>alert("1")</script>&\udcff.png'


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


def wrong(file: str, found: Answer, label: str) -> Judged:
    return Judged(LabelledImage(file, file, label, {}), found, False)


def test_each_wrong_image_is_shown_beside_what_was_read(tmp_path):
    path = tmp_path / "sheet.png"
    ruled_sheet([["3", "2"], ["5", "8"]], side=400).save(path)
    found = answer(str(path), reader_for(Settings(layout="grid")), keep=True)
    unread = Answer(NAME, None, f"{NAME}: cannot be read")
    cards = [report_card(wrong(NAME, found, "3 2|5 9")), report_card(wrong(NAME, unread, "7"))]
    text = report_page(NAME, "0 of 2 right", ["--reject"], [["0"]], cards)
    page = Page(text)
    assert "<script" not in text
    assert page.words.count('<script>alert("1")</script>&\\udcff.png') == 5  # title, h1, files
    assert text.encode()
    (picture,) = [attributes for tag, attributes in page.tags if tag == "img"]
    kind, content = picture["src"].split(",", 1)
    assert kind == "data:image/jpeg;base64"
    image = Image.open(io.BytesIO(base64.b64decode(content)))
    assert max(image.size) == SIDE
    assert len(content) < 60_000
    assert "labelled" in picture["alt"]
    for shown in ("3 2\n5 9", "3\t2\n5\t8", "cannot be read", "0 of 2 right"):
        assert shown in page.words
    assert not any("href" in attributes for _, attributes in page.tags)
    assert "http" not in text


def test_small_images_are_enlarged(tmp_path):
    ruled_sheet([["5"]], side=20).save(tmp_path / "7.png")
    found = answer(str(tmp_path / "7.png"), reader_for(Settings()), keep=True)
    card = report_card(wrong("7.png", found, "1"))
    assert f'width="{SMALL}"' in card
    assert '<dd class="text">1</dd>' in card


def test_without_errors_it_says_so():
    assert "rightly" in report_page("labels.csv", "2 of 2 right", [], [], [])
