"""Points, commas, dashes, slashes and colons are reported as written."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

import lenet
from lenet.engine.native_engine import available
from lenet.lines.line_engine import best_line_reader
from lenet.lines.line_weights import load_line_weights
from lenet.lines.native_lines import NativeLineReader
from lenet.lines.numpy_lines import NumpyLineReader
from lenet.lines.signs import (
    SIGNS,
    UNUSUAL,
    USUAL,
    SignReader,
    gap_images,
    likeliest_signs,
    sign_weights,
)

HEIGHT = 42  # pixels of a digit
PEN = 5
STROKES = {  # in a box 1 high: 0 the digits' top, 1 their bottom
    "1": [[(0.1, 0.15), (0.3, 0), (0.25, 1)]],
    "2": [[(0, 0.2), (0.15, 0), (0.45, 0.02), (0.5, 0.3), (0, 1), (0.6, 0.97)]],
    "3": [[(0, 0.05), (0.45, 0), (0.5, 0.3), (0.15, 0.45), (0.5, 0.6), (0.45, 0.95), (0, 1)]],
    "7": [[(0, 0.03), (0.55, 0), (0.2, 1)]],
    ".": [[(0.1, 0.93), (0.14, 0.97)]],
    ",": [[(0.15, 0.92), (0.05, 1.2)]],
    "-": [[(0, 0.52), (0.4, 0.5)]],
    ":": [[(0.1, 0.3), (0.12, 0.32)], [(0.1, 0.8), (0.12, 0.82)]],
}


def written(text: str, apart: float = 0.25) -> Image.Image:
    """A number in one stroke each; `apart`, of the height, lies between digits and signs."""
    image = Image.new("L", (60 + round(len(text) * HEIGHT * 0.8), 2 * HEIGHT), 245)
    draw, left = ImageDraw.Draw(image), 30.0
    for letter in text:
        right = left
        for stroke in STROKES[letter]:
            points = [(left + HEIGHT * a, 20 + HEIGHT * b) for a, b in stroke]
            draw.line(points, fill=40, width=PEN, joint="curve")
            for a, b in points:
                draw.ellipse((a - PEN / 2, b - PEN / 2, a + PEN / 2, b + PEN / 2), fill=40)
            right = max([right, *(a for a, _ in points)])
        left = right + apart * HEIGHT
    return image


@pytest.mark.parametrize("text", ["1,23", "-123", "27.2", "2,7", "13,32", "-23.7", "2371"])
def test_a_number_is_reported_as_written(text):
    reading = lenet.read(written(text), layout="line")
    assert reading.text == text
    assert [sign.sign for sign in reading.signs] == [c for c in text if not c.isdigit()]


@pytest.mark.parametrize("text", ["2.7", "1,23", "27,2"])
def test_a_sign_that_touches_a_digit_is_read(text):
    """Half of the points and commas that were missed on photographs had no ink of their own."""
    assert lenet.read(written(text, apart=0.06), layout="line").text == text


@pytest.mark.parametrize(("text", "read"), [("-3", "-3"), ("3-", "3"), ("23-", "23-")])
def test_a_bar_that_ends_a_lone_digit_is_its_own(text, read):
    """As of a long 4; a minus before it is one."""
    assert lenet.read(written(text), layout="line").text == read


def test_what_is_as_high_as_a_digit_is_pale():
    line = best_line_reader(load_line_weights()).read(
        np.asarray(written("2.7"), np.float32) / np.float32(255)
    )
    shown = gap_images(line)
    left, point = shown[1][4:18, :9], shown[1][16:24, 10:18]
    assert 80 < left.max() < 120
    assert point.max() > 200


@pytest.mark.parametrize("text", ["27.2", "-123"])
def test_digits_only(text):
    image = written(text)
    reading = lenet.read(image, layout="line", digits_only=True)
    assert reading.text == text.strip("-").replace(".", "")
    assert not reading.signs
    assert reading.confidence >= lenet.read(image, layout="line").confidence


def test_a_sign_stands_between_its_digits():
    reading = lenet.read(written("27.2"), layout="line")
    (sign,), digits = reading.signs, reading.digits
    assert digits[1].box.left < sign.box.left < sign.box.right < digits[2].box.right
    assert sign.place == 2
    (line,) = reading.to_dict()["lines"]
    assert line["text"] == "27.2"
    assert line["signs"] == [{"sign": ".", "confidence": sign.confidence, "box": list(sign.box)}]


@pytest.mark.skipif(not available(), reason="kernels are not built")
def test_both_engines_show_the_same_gaps():
    grey = np.asarray(written("12.37"), np.float32) / 255
    weights = load_line_weights()
    one, other = (engine(weights).read(grey) for engine in (NativeLineReader, NumpyLineReader))
    np.testing.assert_array_equal(gap_images(one), gap_images(other))
    found = [SignReader(sign_weights()).read(line) for line in (one, other)]
    assert found[0] == found[1]


def test_the_weights_tell_the_signs_apart_that_are_named():
    assert sign_weights().card["classes"] == list(SIGNS)


@pytest.mark.parametrize(
    "text",
    ["0", "-12", "3.14", "1,234,567.80", "31.12.2026", "23:59", "02-123-4567", "1/2", "20.-"],
)
def test_usual_forms(text):
    assert USUAL.fullmatch(text)


@pytest.mark.parametrize("text", ["12-", "1.234,567,8", "4,0.30", "8,40:0", "-1:2", "12-.", "1--2"])
def test_unusual_forms(text):
    assert not USUAL.fullmatch(text)


def test_a_gap_has_none_if_that_is_as_probable_as_any_sign():
    none, point = [1.0, 0, 0, 0, 0, 0], [0.45, 0.3, 0.25, 0, 0, 0]
    assert likeliest_signs([none, point, none]) == ("", ".", "")
    assert likeliest_signs([none, [0.51, 0.49, 0, 0, 0, 0], none]) == ("", "", "")


def test_of_two_texts_that_are_nearly_as_probable_the_usual_one_is_read():
    """Failed before: a comma, and a dash after the last digit."""
    none, comma = [1.0, 0, 0, 0, 0, 0], [0.1, 0, 0.9, 0, 0, 0]
    assert likeliest_signs([none, comma, [0.4, 0, 0, 0.6, 0, 0]]) == ("", ",", "")
    assert likeliest_signs([none, comma, [0.1, 0, 0, 0.9, 0, 0]]) == ("", ",", "-")
    point, either = [0.1, 0.9, 0, 0, 0, 0], [0.1, 0.4, 0.5, 0, 0, 0]
    assert likeliest_signs([none, point, none, either, none]) == ("", ".", "", ".", "")


def test_signs_are_those_of_all_texts_weighed(rng):
    """The slow oracle weighs every text; the reader, those of likely signs only."""
    for _ in range(20):
        shares = rng.dirichlet([0.4] * 6, 4)
        weights = shares.copy()
        weights[:, 1:] *= (1 - shares[:, :1]) / shares[:, 1:].max(1, keepdims=True)
        best = max(
            itertools.product(range(6), repeat=4),
            key=lambda text: (
                math.prod(weights[range(4), text])
                * (1 if USUAL.fullmatch("0".join(SIGNS[k] for k in text)) else UNUSUAL)
            ),
        )
        assert likeliest_signs(shares.tolist()) == tuple(SIGNS[k] for k in best)


def test_more_texts_than_are_compared_have_the_likeliest_sign_in_each_gap():
    assert likeliest_signs([[0.2, 0.25, 0.15, 0.15, 0.15, 0.1]] * 30) == (".",) * 30
