"""Composed lines and the labels of their segments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lenet.augmentation.writer_style import random_style, render_digit
from lenet.data.datasets import load_sklearn_digits
from lenet.data.digits import Digits
from lenet.lines import candidate_labels as cutting
from lenet.lines import synthetic as composing
from lenet.lines.candidate_labels import NOISE, RUBBISH, UNSURE, labelled_candidates, labels_of
from lenet.lines.candidates import candidates_of
from lenet.lines.oversegmentation import oversegment
from lenet.lines.synthetic import HEIGHT, Line, compose


@pytest.fixture(scope="module")
def digits() -> Digits:
    pytest.importorskip("sklearn")
    return load_sklearn_digits().train


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


def at_an_edge(digits: Digits, monkeypatch, share: float, falls: float) -> float:
    """The share of digits that reach the upper or lower edge, in lines that fall so steeply."""
    monkeypatch.setattr(composing, "CUT_OFF", share)
    styles = composing.random_style
    monkeypatch.setattr(composing, "random_style", lambda rng: replace(styles(rng), falls=falls))
    found = []
    for seed in range(40):
        for ink in compose(digits, np.random.default_rng(seed)).ink[:-1]:
            rows = np.flatnonzero((ink > 0.5).any(1))
            found.append(not len(rows) or rows[0] == 0 or rows[-1] == HEIGHT - 1)
    return float(np.mean(found))


def test_turned_lines_stay_on_their_paper(digits, monkeypatch):
    assert at_an_edge(digits, monkeypatch, 0.0, 0.15) < 0.2


def test_lines_that_are_cut_off_lose_ink(digits, monkeypatch):
    assert at_an_edge(digits, monkeypatch, 1.0, 0.0) > 0.7


def test_a_turned_line_falls(digits):
    """By as much as its writer says, in the mean of many."""
    falls = []
    for seed in range(60):
        style = replace(random_style(np.random.default_rng(seed)), falls=0.15)
        same = render_digit(
            digits.images[3], int(digits.labels[3]), style, np.random.default_rng(seed)
        )
        line = composing._set([same] * 5, np.zeros(5, int), style, np.random.default_rng(seed))
        places = [np.argwhere(ink > 0.5).mean(0) for ink in line.ink[:-1] if (ink > 0.5).any()]
        (top, left), (bottom, right) = places[0], places[-1]
        falls.append((bottom - top) / (right - left))
    assert np.mean(falls) == pytest.approx(0.15, abs=0.02)


def drawn_line() -> Line:
    """A bar, a box of two halves, and a speck that is no digit."""
    ink = np.zeros((3, HEIGHT, 160), np.float32)
    ink[0, 10:54, 20:28] = 1
    ink[1, 10:54, 60:66] = ink[1, 10:54, 76:82] = 1
    ink[2, 44:54, 110:120] = 1
    return Line(1 - ink.max(0), ink, np.array([1, 0]))


def test_segments_are_labelled_by_whose_ink_they_hold():
    line = drawn_line()
    pieces = oversegment(line.ink.max(0))
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
    monkeypatch.setattr(cutting, "REPORT_EVERY", 2)
    told: list[str] = []
    labelled_candidates(digits, 5, 1, told.append)
    assert told == ["2 of 5 lines composed", "4 of 5 lines composed"]
    one, two, other = (labelled_candidates(digits, 3, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.images, two.images)
    assert len(one.labels) != len(other.labels) or not np.array_equal(one.images, other.images)
    assert set(one.labels) <= {*range(10), RUBBISH, NOISE}
    assert UNSURE not in one.labels
    assert len(one.images) == len(one.labels) == len(one.context)
