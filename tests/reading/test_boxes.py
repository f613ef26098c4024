"""A box for one number, with a caption that is none of it."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont

from lenet.reading.reader import Reader


def boxed(text: str, caption: str, pen: int, side: int = 150) -> Image.Image:
    image = Image.new("L", (side + 50, side + 70), 250)
    draw = ImageDraw.Draw(image)
    draw.text((25, 10), caption, 30, ImageFont.load_default(28))
    draw.rectangle((25, 45, 25 + side, 45 + side), outline=60, width=pen)
    middle = 25 + side / 2, 45 + side / 2
    draw.text(middle, text, 110, ImageFont.load_default(80), anchor="mm")
    return image


@pytest.mark.parametrize("layout", ["auto", "digit"])
@pytest.mark.parametrize(
    ("digit", "caption"), [("3", "check code"), ("5", "Room no."), ("9", "Sum")]
)
@pytest.mark.parametrize("pen", [2, 4])
def test_a_digit_in_a_box_is_read_and_its_caption_is_not(layout, digit, caption, pen):
    reading = Reader(layout=layout).read(boxed(digit, caption, pen))
    assert reading.text == digit
    assert not reading.tables
    assert 40 < reading.digits[0].box.top < reading.digits[0].box.bottom < 200


def test_a_number_in_a_box_is_read():
    reading = Reader(digits_only=True).read(boxed("47", "Age in years", 3))
    assert reading.text == "47"
    assert not reading.tables
    assert len(Reader(layout="grid").read(boxed("47", "Age in years", 3)).tables) == 1


@pytest.mark.parametrize("layout", ["auto", "line", "page"])
@pytest.mark.parametrize("number", ["4.75", "70-5"])
def test_a_number_in_a_box_keeps_its_signs(layout, number):
    assert Reader(layout=layout).read(boxed(number, "Pages", 3, side=200)).text == number
