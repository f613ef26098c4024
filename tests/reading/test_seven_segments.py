"""Numbers on seven-segment displays, drawn segment by segment, with gaps between them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

import lenet
from lenet.preprocessing.image import Grey, load_image
from lenet.reading.seven_segments import LIT, looks_like_display, read_display

# Ends of the segments in a digit 2 high and 1 wide, x and y, in the order of LIT's names.
ENDS = (
    ((0, 0), (1, 0)), ((0, 0), (0, 1)), ((1, 0), (1, 1)), ((0, 1), (1, 1)),
    ((0, 1), (0, 2)), ((1, 1), (1, 2)), ((0, 2), (1, 2)),
)  # fmt: skip
SEGMENTS = {value: name for name, value in reversed(LIT.items())}
SIDE, THICK, GAP = 32, 8, 0.17


def display(
    number: str, ground: int = 20, lit: int = 230, lean: float = 0.0, frame: int | None = None
) -> Grey:
    """The number on a display, as a grey plane; its frame has another brightness."""
    image = Image.new("L", (40 + 56 * len(number.replace(".", "")), 120), ground)
    draw = ImageDraw.Draw(image)
    left = 30 + lean * 2 * SIDE
    for letter in number:
        if letter == ".":
            draw.rectangle((left - 16, 22 + 2 * SIDE, left - 9, 29 + 2 * SIDE), fill=lit)
            continue
        for (start, end), on in zip(ENDS, SEGMENTS[int(letter)], strict=True):
            if on == "1":
                draw.line(_segment(left, start, end, lean), lit, THICK)
        left += 56
    if frame is not None:
        draw.rectangle((0, 0, image.width, 12), fill=frame)
    return load_image(image)


def _segment(
    left: float, start: tuple[int, int], end: tuple[int, int], lean: float
) -> list[tuple[float, float]]:
    points = np.array([start, end], float)
    points += GAP * (points[::-1] - points)  # segments stand apart
    across = left + SIDE * points[:, 0] - lean * SIDE * points[:, 1]
    return list(zip(across, 24 + SIDE * points[:, 1], strict=True))


@pytest.mark.parametrize("number", ["5647", "1622", "8868", "58.00", "907431", "413"])
@pytest.mark.parametrize(
    "look",
    [
        {},
        {"ground": 150, "lit": 40},
        {"lean": 0.15},
        {"ground": 70, "lit": 35, "frame": 220},
    ],
)
def test_a_display_is_read(number, look):
    plane = display(number, **look)
    assert looks_like_display(plane)
    line = read_display(plane)
    assert line is not None
    assert line.text == number.replace(".", "")
    assert all(15 < digit.box.top < 36 and 50 < digit.box.height < 80 for digit in line.digits)
    for layout in ("auto", "line"):
        reading = lenet.read(plane, layout=layout)
        assert [str(digit.value) for digit in reading.digits] == list(line.text)


@pytest.mark.parametrize(
    "plane",
    [
        np.ones((40, 100), np.float32),
        np.ones((1, 1), np.float32),
        np.eye(64, 200, 20, dtype=np.float32),
        display("8", 20, 230),
        np.tile(np.float32([0.9] * 9 + [0.1] * 4), (60, 12)),
    ],
)
def test_what_shows_no_number_is_no_display(plane):
    assert not looks_like_display(plane) or read_display(plane) is None
