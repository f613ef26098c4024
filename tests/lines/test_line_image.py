"""A line as the wide-input network sees it."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.lines.candidates import LINE_HEIGHT, MARGIN, TEXT_HEIGHT, line_image_of
from lenet.lines.oversegmentation import oversegment


@pytest.mark.parametrize("height", [12, 20, 40, 58])
@pytest.mark.parametrize("top", [0, 3, 6])
def test_text_of_any_size_and_place_comes_to_one(height, top):
    ink = np.zeros((64, 200), np.float32)
    for left in (50, 90, 130):
        ink[top : top + height, left : left + 8] = 1
    image = line_image_of(oversegment(ink))
    assert image.ink.shape[0] == LINE_HEIGHT
    assert image.scale == pytest.approx(TEXT_HEIGHT / height)
    rows = np.flatnonzero((image.ink > 127).any(1))
    assert abs(len(rows) - TEXT_HEIGHT) <= 1
    assert abs((rows[0] + rows[-1]) / 2 - (LINE_HEIGHT - 1) / 2) <= 1
    columns = np.flatnonzero((image.ink > 127).any(0))
    assert abs(columns[0] - MARGIN) <= 1
    assert abs(image.ink.shape[1] - 1 - columns[-1] - MARGIN) <= 1
    assert image.left + columns[0] / image.scale == pytest.approx(50, abs=1.5 / image.scale)


def test_a_speck_does_not_move_the_text():
    ink = np.zeros((64, 200), np.float32)
    ink[10:50, 40:50] = ink[10:50, 80:90] = 1
    plain = line_image_of(oversegment(ink))
    ink[52:58, 62:68] = 1
    specked = line_image_of(oversegment(ink))
    assert specked.scale == plain.scale
    assert specked.top == plain.top


def test_nothing_is_bare_paper():
    image = line_image_of(oversegment(np.zeros((64, 90), np.float32)))
    assert image.ink.shape == (LINE_HEIGHT, 2 * MARGIN)
    assert not image.ink.any()
