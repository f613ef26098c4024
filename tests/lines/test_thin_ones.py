"""1s of a thin pen are read; dividers and borders of the same pen are not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lenet.lines.numpy_lines import NumpyLinePreparation
from lenet.reading.reader import Reader

HEIGHT = 42  # pixels of the digits
STROKES = {  # of each digit, in a box 1 high
    "1": [(0.1, 0), (0.05, 1)],
    "2": [(0, 0.2), (0.15, 0), (0.45, 0.02), (0.5, 0.3), (0, 1), (0.6, 0.97)],
    "3": [(0, 0.05), (0.45, 0), (0.5, 0.3), (0.15, 0.45), (0.5, 0.6), (0.45, 0.95), (0, 1)],
    "4": [(0.35, 1), (0.4, 0), (0, 0.62), (0.65, 0.6)],
    "7": [(0, 0.03), (0.55, 0), (0.2, 1)],
}


def written(text: str, pen: int, gap: float = 0.45) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (60 + round(len(text) * HEIGHT), 3 * HEIGHT // 2), 245)
    draw = ImageDraw.Draw(image)
    left = 20.0
    for digit in text:
        points = [(left + HEIGHT * a, 10 + HEIGHT * b) for a, b in STROKES[digit]]
        draw.line(points, fill=40, width=pen, joint="curve")
        left = max(a for a, _ in points) + gap * HEIGHT
    return image, draw


@pytest.mark.parametrize("pen", [1, 2, 3])
@pytest.mark.parametrize("text", ["12", "21", "312", "1173", "4121", "2311", "71"])
def test_ones_of_a_thin_pen(text, pen):
    image, _ = written(text, pen)
    assert Reader(layout="line").read(image).text == text


@pytest.mark.parametrize("pen", [1, 2, 3])
def test_a_divider_is_no_one(pen):
    image, draw = written("2332", pen, gap=1.0)
    for x in (72, 140):
        draw.line((x, 0, x, image.height), fill=40, width=pen)
    assert "1" not in Reader(layout="line").read(image).text


@pytest.mark.parametrize("span", [(0, 50), (4, 30), (30, 60)], ids=["edge", "high", "low"])
def test_what_lies_off_the_text_is_no_one(span):
    image, draw = written("23", 2)
    draw.line((120, span[0], 120, span[1]), fill=40, width=2)
    boxes = NumpyLinePreparation().cut(np.asarray(image, np.float32) / 255).segments.boxes
    assert boxes[:, 3].max() <= 122 or boxes[-1, 3] - boxes[-1, 1] <= 3
