"""Forms in a printed colour: boxes and guide lines go, ink of another colour stays."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import lenet
from lenet.errors import UsageError
from lenet.preprocessing.colour_dropout import form_colour
from lenet.preprocessing.image import load_image, load_planes
from lenet.reading.reader import Reader

RED, BLUE, GREEN, INK = (200, 30, 30), (120, 170, 250), (90, 180, 100), (20, 20, 60)
DIGITS = "2537"


def boxed(
    digits: str = DIGITS,
    box: tuple[int, int, int] = RED,
    ink: tuple[int, int, int] = INK,
    paper: str | tuple[int, int, int] = "white",
    thick: int = 3,
) -> Image.Image:
    """A form's boxes, 56 × 64 pixels each, with a digit in each."""
    image = Image.new("RGB", (24 + 64 * len(digits), 100), paper)
    draw = ImageDraw.Draw(image)
    for k, digit in enumerate(digits):
        left = 16 + 64 * k
        draw.rectangle((left, 18, left + 56, 82), outline=box, width=thick)
        font = ImageFont.load_default(60)
        draw.text((left + 28, 50), digit, ink, font, anchor="mm")
    return image


def ruled(ink: tuple[int, int, int], rule: tuple[int, int, int] = BLUE) -> Image.Image:
    """A number on guide lines across the paper."""
    image = Image.new("RGB", (300, 120), "white")
    draw = ImageDraw.Draw(image)
    for y in (30, 82):
        draw.line((5, y, 295, y), rule, 2)
    draw.text((150, 56), DIGITS, ink, ImageFont.load_default(60), anchor="mm")
    return image


def as_jpeg(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)  # with a quarter of the colour's pixels
    return Image.open(file)


@pytest.mark.parametrize("layout", ["auto", "line", "page"])
@pytest.mark.parametrize("turn", [0, 3])
def test_the_number_in_coloured_boxes_is_read(layout, turn):
    sheet = as_jpeg(boxed().rotate(turn, Image.Resampling.BICUBIC, fillcolor="white"))
    reading = lenet.read(sheet, layout=layout)
    assert [digit.value for digit in reading.digits] == [int(digit) for digit in DIGITS]


@pytest.mark.parametrize(
    ("image", "channel"),
    [
        (boxed(), 0),
        (boxed(box=(160, 20, 20)), 0),
        (boxed(box=(255, 140, 60), paper=(250, 240, 210)), 0),
        (boxed(box=GREEN), 1),
        (boxed(box=BLUE), 2),
        (ruled(INK), 2),
        (ruled((190, 40, 40)), 2),
        (boxed().convert("RGBA"), 0),
        (boxed().quantize(8), 0),
        (boxed().convert("CMYK"), 0),
        (as_jpeg(boxed()), 0),
        (boxed().resize((2240, 800)), 0),
        (boxed().quantize(8).resize((2240, 800)), 0),
    ],
)
def test_a_forms_colour_is_found_and_dropped_out(image, channel):
    found = form_colour(image, "auto")
    assert found is not None
    assert found.channel == channel
    grey, whole = load_planes(image, 10**7, "auto")
    gone = (grey > 0.8) & (whole < 0.75)
    assert gone.any()  # the form
    assert (grey < 0.4).mean() > 0.03  # the number


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(boxed("    "), id="nothing is written in it"),
        pytest.param(boxed(box=(70, 70, 70), ink=RED), id="red ink in a black form"),
        pytest.param(boxed(ink=RED), id="red ink in a red form"),
        pytest.param(ruled((30, 60, 170)), id="blue ink on blue lines"),
        pytest.param(ruled(RED, (90, 90, 90)), id="red ink on grey lines"),
        pytest.param(boxed(box=(0, 0, 0), ink=(0, 0, 0), paper=(240, 220, 170)), id="tinted"),
        pytest.param(boxed().convert("L"), id="grey"),
        pytest.param(Image.new("RGB", (90, 60), RED), id="all red"),
        pytest.param(Image.new("RGB", (1, 1)), id="one pixel"),
    ],
)
def test_without_a_forms_colour_the_image_stays(image):
    assert form_colour(image, "auto") is None
    grey, whole = load_planes(image, 10**7, "auto")
    assert grey is whole
    np.testing.assert_array_equal(whole, load_image(image))


def test_a_colour_that_is_named_is_dropped_out_unasked():
    image = boxed("    ")
    assert form_colour(image, "none") is None
    for name, low, high in (("red", 0.96, 1.0), ("blue", 0.08, 0.12)):  # white, or left dark
        plane = load_planes(image, 10**7, name).grey
        assert low <= plane.min() <= high
    assert form_colour(Image.new("RGB", (9, 9), "white"), "red") is None
    with pytest.raises(UsageError, match="colour_dropout must be one of auto, none, red"):
        Reader(colour_dropout="purple")


def test_writing_on_an_opaque_patch_of_a_transparent_image_is_read():
    image = Image.new("RGBA", (400, 300))
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 100, 280, 180), (245, 245, 240, 255))
    draw.text((200, 140), "352", (*INK, 255), ImageFont.load_default(50), anchor="mm")
    assert lenet.read(image).text == "352"
