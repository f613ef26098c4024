"""Curves of a classifier whose limits are known."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.augmentation.transforms import TRANSFORMS
from lenet.data.digits import Digits
from lenet.experiments.robustness import error_curves, ink_lost, rate_at, spread, tolerated


def dots(count):
    """Digit k is a dot in column 4 + 2k of the middle row."""
    labels = np.arange(count, dtype=np.int64) % 10
    images = np.zeros((count, 28, 28), np.uint8)
    images[np.arange(count), 14, 4 + 2 * labels] = 255
    return Digits(images, labels)


def by_column(images):
    """Bears with one pixel to the right, with none to the left, and with any shift up or down."""
    columns = images.sum(1).argmax(1)
    return np.where(images.any((1, 2)), (columns - 4) // 2, -1)


def test_errors_are_counted_at_every_amount():
    curves = error_curves(by_column, dots(40), [TRANSFORMS["right"], TRANSFORMS["down"]], 40)
    assert set(curves) == {"right", "down"}
    assert [errors for _, errors, _ in curves["right"]] == [40] * 10 + [0, 0] + [40] * 9
    assert curves["down"] == [(amount, 0, 40) for amount in range(-10, 11)]
    assert tolerated(curves["right"], 0, 0.1) == (pytest.approx(-0.1), pytest.approx(1.1))
    assert tolerated(curves["down"], 0, 0.1) == (-10, 10)


def test_some_errors_are_not_all():
    digits = dots(30)
    wrong = Digits(
        digits.images, np.where(np.arange(30) < 3, (digits.labels + 1) % 10, digits.labels)
    )
    curves = error_curves(by_column, wrong, [TRANSFORMS["down"]], 30)
    assert {tuple(point[1:]) for point in curves["down"]} == {(3, 30)}
    assert rate_at(curves["down"], -10) == 0.1


@pytest.mark.parametrize("count", [1, 3, 10, 19, 20, 99])
def test_the_digits_tried_are_spread(count):
    digits = Digits(np.zeros((20, 28, 28), np.uint8), np.arange(20, dtype=np.int64) // 2)
    tried = spread(digits, count)
    assert len(tried) == min(count, 20)
    assert (np.diff(tried.labels) >= 0).all()
    if count == 10:
        assert tried.labels.tolist() == list(range(10))
    if count >= 20:
        assert tried.labels.tolist() == digits.labels.tolist()


POINTS = [(-2, 90, 100), (-1, 30, 100), (0, 2, 100), (1, 6, 100), (2, 14, 100), (3, 5, 100)]


@pytest.mark.parametrize(
    ("limit", "low", "high"),
    [
        (0.10, -8 / 28, 1.5),  # not 3: what comes back beyond the first failure does not count
        (0.50, -1 - 20 / 60, 3),
        (0.95, -2, 3),
        (0.01, 0, 0),
        (0.06, -4 / 28, 1),
    ],
)
def test_how_far_the_rate_stays_within(limit, low, high):
    assert tolerated(POINTS, 0, limit) == (pytest.approx(low), pytest.approx(high))


def test_at_the_limit_is_within_it():
    assert tolerated([(0, 0, 100), (1, 5, 100), (2, 5, 100), (3, 10, 100)], 0, 0.05) == (0, 2)


def test_a_one_sided_curve():
    assert tolerated([(0, 0, 10), (0.1, 2, 10)], 0, 0.1) == (0, pytest.approx(0.05))


def test_ink_that_leaves_the_image():
    block = np.zeros((1, 28, 28), np.uint8)
    block[0, 20:28, 10:18] = 200
    digits = Digits(block, np.zeros(1, np.int64))
    assert ink_lost(digits, TRANSFORMS["down"], 2) == pytest.approx(2 / 8)
    assert ink_lost(digits, TRANSFORMS["right"], 2) == 0
    block = np.zeros((1, 28, 28), np.uint8)
    block[0, 12:17, 12:17] = 200  # about the centre: all of it stays
    digits = Digits(block, np.zeros(1, np.int64))
    assert ink_lost(digits, TRANSFORMS["scale"], 2) == pytest.approx(0, abs=0.01)
    assert ink_lost(digits, TRANSFORMS["scale"], 0.5) == pytest.approx(0, abs=0.02)
