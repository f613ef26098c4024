"""Composed lines and the labels of their segments."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.data import segments as cutting
from lenet.data.digits import Digits
from lenet.data.segments import NOISE, RUBBISH, UNSURE, labels_of, segments
from lenet.data.small import load_digits
from lenet.data.strings import HEIGHT, Line, compose
from lenet.preparation.candidates import candidates_of
from lenet.preparation.pieces import pieces_of


@pytest.fixture(scope="module")
def digits() -> Digits:
    return load_digits().train


@pytest.mark.parametrize("seed", range(12))
def test_a_composed_line_is_what_it_says(digits, seed):
    line = compose(digits, np.random.default_rng(seed))
    layers, height, width = line.ink.shape
    assert line.grey.shape == (height, width) == (HEIGHT, line.grey.shape[1])
    assert layers == len(line.labels) + 1
    assert 1 <= len(line.labels) <= 7
    assert 0 <= line.grey.min() <= line.grey.max() <= 1
    assert 0 <= line.ink.min() <= line.ink.max() <= 1
    middles = [np.nonzero(ink)[1].mean() for ink in line.ink[:-1] if ink.any()]
    assert middles == sorted(middles)
    again = compose(digits, np.random.default_rng(seed))
    assert np.array_equal(again.grey, line.grey)


def drawn_line() -> Line:
    """A bar, a box of two halves, and a speck that is no digit."""
    ink = np.zeros((3, HEIGHT, 160), np.float32)
    ink[0, 10:54, 20:28] = 1
    ink[1, 10:54, 60:66] = ink[1, 10:54, 76:82] = 1
    ink[2, 44:54, 110:120] = 1
    return Line(1 - ink.max(0), ink, np.array([1, 0]))


def test_segments_are_labelled_by_whose_ink_they_hold():
    line = drawn_line()
    pieces = pieces_of(line.ink.max(0))
    found = candidates_of(pieces)
    named = dict(
        zip(zip(found.first, found.last, strict=True), labels_of(found, pieces, line), strict=True)
    )
    assert len(pieces) == 4
    assert named[0, 1] == 1  # the bar
    assert named[1, 2] == named[2, 3] == RUBBISH  # halves of the box
    assert named[1, 3] == 0  # both
    assert named[3, 4] == NOISE
    assert named[0, 2] == RUBBISH  # the bar and half of the box


def test_segments_come_from_the_seed(digits, monkeypatch):
    monkeypatch.setattr(cutting, "TOLD", 2)
    told: list[str] = []
    segments(digits, 5, 1, told.append)
    assert told == ["2 of 5 lines composed", "4 of 5 lines composed"]
    one, two, other = segments(digits, 3, 1), segments(digits, 3, 1), segments(digits, 3, 2)
    assert np.array_equal(one.images, two.images)
    assert len(one.labels) != len(other.labels) or not np.array_equal(one.images, other.images)
    assert set(one.labels) <= {*range(10), RUBBISH, NOISE}
    assert UNSURE not in one.labels
    assert len(one.images) == len(one.labels) == len(one.places) == len(one.lines)
