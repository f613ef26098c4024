"""Linear and pairwise classifiers against numpy's own least squares, one unit at a time."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.experiments.methods.least_squares import (
    SAID,
    linear,
    pair_weights,
    pairwise,
    solve,
    summed_pairs,
    targets,
    with_one,
)


def test_weights_are_those_of_least_squares(rng):
    inputs, labels = with_one(rng.normal(size=(200, 6))), rng.integers(0, 10, 200)
    wanted = np.full((200, 10), -1.0)
    wanted[np.arange(200), labels] = 1
    assert (targets(labels) == wanted).all()
    theirs = np.linalg.lstsq(inputs, wanted, rcond=None)[0]
    np.testing.assert_allclose(solve(inputs, wanted), theirs, atol=1e-4)


def test_each_unit_learns_from_its_two_classes_only(rng):
    labels = np.arange(300) % 10
    inputs = with_one(rng.normal(size=(300, 5)) + labels[:, None] % 3)
    weights = pair_weights(inputs, labels)
    unit = 0
    for i in range(10):
        for j in range(i + 1, 10):
            of_pair = (labels == i) | (labels == j)
            wanted = np.where(labels[of_pair] == i, 1, -1)
            theirs = np.linalg.lstsq(inputs[of_pair], wanted, rcond=None)[0]
            np.testing.assert_allclose(weights[:, unit], theirs, atol=1e-3)
            unit += 1
    assert unit == weights.shape[1] == 45


def test_a_class_scores_its_units_less_those_against_it(rng):
    units = rng.normal(size=(4, 45))
    pairs = [(i, j) for i in range(10) for j in range(i + 1, 10)]
    for digit in range(10):
        slow = [
            sum(row[k] for k, (i, _) in enumerate(pairs) if i == digit)
            - sum(row[k] for k, (_, j) in enumerate(pairs) if j == digit)
            for row in units
        ]
        np.testing.assert_allclose(summed_pairs(units)[:, digit], slow)


def test_pairs_read(bars, facts_hold):
    found = pairwise(bars, train_size=300)
    assert facts_hold(found) < 0.3
    assert found["parameters"] == 35_325  # 45 × 785, the 35 thousand of the paper's memory chart


def test_what_a_unit_says():
    sums = np.array([[-1.5, -0.5, 2.0]])
    assert SAID["sum"](sums).tolist() == [[-1.5, -0.5, 2]]
    assert SAID["clipped"](sums).tolist() == [[-1, -0.5, 1]]
    assert SAID["sign"](sums).tolist() == [[-1, -1, 1]]


@pytest.mark.parametrize(("deslanted", "parameters"), [(False, 7_850), (True, 4_010)])
def test_the_linear_rows_have_the_papers_parameters(bars, facts_hold, deslanted, parameters):
    found = linear(bars, train_size=300, deslanted=deslanted)
    assert found["parameters"] == parameters
    assert facts_hold(found) < 0.9
