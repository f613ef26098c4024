"""Photos on the page: the reading of `lenet read`, its rows and boxes; errors in words."""

from __future__ import annotations

import numpy as np
import pytest
from page_cases import DIGIT, ROOT, strokes_of
from PIL import Image, ImageDraw
from playwright.sync_api import expect

import lenet

TURN = np.linspace(0, 2 * np.pi, 100)
HEART = [
    (150 + 112 * np.sin(t) ** 3, 145 - 90 * np.cos(t) + 35 * np.cos(2 * t) + 14 * np.cos(3 * t))
    for t in TURN
]
SHAPES = {
    "A": [[(60, 250), (150, 50), (240, 250)], [(95, 175), (205, 175)]],
    "heart": [HEART],
    "dot": [[(150, 150), (151, 151)]],
}
# What a person may drop: its first bytes, and words of what the page says of it.
REFUSED = {
    "empty.png": (b"", "empty"),
    "form.pdf": (b"%PDF-1.7 \n", "PDF"),
    "photo.heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
    "notes.txt": (b"four", "not an image"),
    "damaged.png": (b"\x89PNG\r\n\x1a\n and no more", "cannot be decoded"),
}


def number_on(pen, text: str, left: int, top: int) -> None:
    """Draw a number of digits 66 pixels high."""
    for column, digit in enumerate(text):
        for stroke in strokes_of(int(digit)):
            points = [(left + 80 * column + 43 * x, top + 66 * y) for x, y in stroke]
            pen.line(points, fill=30, width=6, joint="curve")


def picture(kind: str) -> Image.Image:
    if kind in SHAPES:
        image = Image.new("L", (300, 300), 240)
        for stroke in SHAPES[kind]:
            ImageDraw.Draw(image).line(stroke, fill=20, width=16, joint="curve")
        return image
    image = Image.new("L", (480, 380), 240)
    pen = ImageDraw.Draw(image)
    if kind == "rows":
        number_on(pen, "31", 60, 60)
        number_on(pen, "4159", 60, 220)
        return image
    for k in range(4):
        pen.line([(30 + k * 140, 30), (30 + k * 140, 330)], fill=40, width=3)
        pen.line([(30, 30 + k * 100), (450, 30 + k * 100)], fill=40, width=3)
    for k in range(9):
        number_on(pen, str(k + 1), 80 + k % 3 * 140, 46 + k // 3 * 100)
    return image


def shown_rows(page) -> list[str]:
    """The text that the page shows, its cells separated by tabs."""
    return [
        "\t".join(cell.strip() for cell in row.locator("td").locator("b").all_inner_texts())
        for row in page.locator("#photo-text tr").all()
    ]


def test_a_photo_gives_what_lenet_read_gives(visit, served, tmp_path):
    page = visit(served)
    for kind in ("rows", "table", *SHAPES):
        path = tmp_path / f"{kind}.png"
        picture(kind).save(path)
        reading = lenet.read(path)
        page.set_input_files("#file", path)
        boxes = page.locator("#photo-boxes button")
        expect(page.locator("#photo-whole")).to_contain_text(f"{100 * reading.confidence:.1f} %")
        assert shown_rows(page) == [row for row in reading.text.split("\n") if row], kind
        expect(boxes).to_have_count(len(reading.digits))
        view = page.locator("#photo-view").bounding_box()
        scale = view["width"] / reading.size[1]
        for digit, box in zip(reading.digits, boxes.all(), strict=True):
            found = box.bounding_box()
            assert abs(found["x"] - view["x"] - scale * digit.box.left) <= 1.5
            assert abs(found["height"] - scale * (digit.box.bottom - digit.box.top)) <= 1.5
            low = "low" in (box.get_attribute("class") or "")
            assert low == (digit.confidence < 0.5), (kind, digit)
    page.click("#photo-close")
    expect(page.locator(DIGIT)).to_have_text("4")  # the drawing is still there


def test_a_digit_of_a_photo_goes_through_the_network(visit, served, tmp_path):
    page = visit(served)
    picture("rows").save(tmp_path / "rows.png")
    page.set_input_files("#file", tmp_path / "rows.png")
    for k, digit in enumerate("314159"):
        page.locator("#photo-boxes button").nth(k).click()
        expect(page.locator("#photo-digit")).to_contain_text(f"Digit {k + 1} was read as {digit}")
        expect(page.locator(DIGIT)).to_have_text(digit)
    assert shown_rows(page) == ["31", "4159"]
    expect(page.locator("#photo-digit")).to_contain_text("Click a box to choose another.")
    expect(page.locator("#answer-of")).to_have_text("Photo, digit 6:")  # the pad shows a 4
    page.click("#photo-close")
    expect(page.locator("#answer-of")).to_have_text("")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_a_table_keeps_its_lines_and_its_buttons(width, height, visit, served):
    page = visit(served, width=width, height=height)
    page.set_input_files("#file", ROOT / "examples" / "score-sheet.jpg")
    rows = page.locator("#photo-text tr")
    expect(rows).to_have_count(5)
    for row in rows.all():
        assert row.bounding_box()["height"] < 40, row.inner_text()  # one line, not two
    answer = page.locator("#photo-answer").bounding_box()
    for button in page.locator("#photo-answer button").all():
        box = button.bounding_box()
        assert box["y"] + box["height"] <= answer["y"] + answer["height"]


@pytest.mark.parametrize("where", ["served", "exported"])
def test_what_cannot_be_read_is_refused_in_words(where, visit, request):
    page = visit(request.getfixturevalue(where))
    status = page.locator("#status")
    for name, (content, words) in REFUSED.items():
        kind = "application/octet-stream"
        page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": content})
        expect(status).to_contain_text(words)
        assert "bytes" not in status.inner_text()
    page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.setData("text/plain", "four");
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
        }"""
    )
    expect(status).to_contain_text("not an image file")
    page.click("#korean")
    expect(status).to_contain_text("이미지 파일이 아닙니다")
    expect(page.locator(DIGIT)).to_have_text("4")


def test_a_folder_is_refused_in_words(visit, exported):
    page = visit(f"{exported}?lang=constructor")  # no language: English
    page.evaluate(
        """() => {
          Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException());
        }"""
    )
    page.set_input_files("#file", {"name": "photos", "mimeType": "", "buffer": b"four"})
    expect(page.locator("#status")).to_contain_text("not an image")


def test_a_server_that_is_away_is_reported(visit, served, tmp_path):
    page = visit(served)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no')); }")
    picture("rows").save(tmp_path / "rows.png")
    page.set_input_files("#file", tmp_path / "rows.png")
    expect(page.locator("#status")).to_contain_text("cannot be reached")
