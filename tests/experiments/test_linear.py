"""Classifiers that are linear in their features, against numpy's least squares and loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lenet.data.digits import Digits
from lenet.experiments.methods.linear import (
    PAIRS,
    UNIT_OUTPUTS,
    WIDTH,
    centres_of,
    linear,
    pairwise,
    polynomial,
    rbf_network,
    ridge,
    squashed_error,
    squashed_linear,
)
from lenet.network.layers import scaled_tanh


@pytest.fixture
def normal(rng):
    """200 digits whose features, of shape (200, 6), are normally distributed."""
    inputs, labels = rng.normal(size=(200, 6)), np.arange(200, dtype=np.int64) % 10
    return inputs, Digits(np.zeros((200, 28, 28), np.uint8), labels)


def test_scores_are_those_of_least_squares(normal):
    inputs, digits = normal
    targets = np.full((200, 10), -1.0)
    targets[np.arange(200), digits.labels] = 1
    with_one = np.column_stack([inputs, np.ones(200)])
    theirs = with_one @ np.linalg.lstsq(with_one, targets, rcond=None)[0]
    found = ridge(lambda images: inputs, digits, "", stored=3, more=5)
    np.testing.assert_allclose(found.scores(digits.images), theirs, atol=1e-4)
    assert (found.parameters, found.multiply_adds) == (73, 78)


def test_a_class_scores_its_units_less_those_against_it(rng):
    units = rng.normal(size=(4, 45))
    pairs = [(i, j) for i in range(10) for j in range(i + 1, 10)]
    for digit in range(10):
        slow = [
            sum(row[k] for k, (i, _) in enumerate(pairs) if i == digit)
            - sum(row[k] for k, (_, j) in enumerate(pairs) if j == digit)
            for row in units
        ]
        np.testing.assert_allclose((units @ PAIRS)[:, digit], slow)


def test_each_unit_is_trained_on_its_two_classes_only(bars):
    """Answers of all pairs, rebuilt pair by pair with numpy's least squares."""
    train, test = bars.digits.train, bars.digits.test
    inputs, asked = (
        np.column_stack([part.images.reshape(len(part), -1) / 255, np.ones(len(part))])
        for part in (train, test)
    )
    scores = np.zeros((len(test), 10))
    for i in range(10):
        for j in range(i + 1, 10):
            of_pair = (train.labels == i) | (train.labels == j)
            targets = np.where(train.labels[of_pair] == i, 1, -1)
            unit = asked @ np.linalg.lstsq(inputs[of_pair], targets, rcond=None)[0]
            scores[:, i] += unit
            scores[:, j] -= unit
    found = pairwise(bars, train_size=300, unit_output="sum")
    same = np.array(list(map(int, found["answers"]))) == scores.argmax(axis=1)
    assert same.mean() >= 0.9  # more pixels than digits: the ridge decides which solution


def test_pairs_read(bars, facts_hold):
    found = pairwise(bars, train_size=300)
    assert facts_hold(found) < 0.3
    assert found["parameters"] == 35_325  # 45 × 785, the 35 thousand of the paper's memory chart


def test_the_output_of_a_unit():
    sums = np.array([[-1.5, -0.5, 2.0]])
    assert UNIT_OUTPUTS["sum"](sums).tolist() == [[-1.5, -0.5, 2]]
    assert UNIT_OUTPUTS["clipped"](sums).tolist() == [[-1, -0.5, 1]]
    assert UNIT_OUTPUTS["sign"](sums).tolist() == [[-1, -1, 1]]


@pytest.mark.parametrize(("deslanted", "parameters"), [(False, 7_850), (True, 4_010)])
def test_the_linear_rows_have_the_papers_parameters(bars, facts_hold, deslanted, parameters):
    found = linear(bars, train_size=300, deslanted=deslanted)
    assert found["parameters"] == parameters
    assert facts_hold(found) < 0.9


def test_the_papers_821_inputs(bars, facts_hold):
    found = polynomial(bars, train_size=300)
    assert found["parameters"] == 784 * 40 + 10 * 821
    facts_hold(found)


def test_the_polynomial_is_that_of_singular_vectors_and_loops(bars):
    train, test = bars.digits.train, bars.digits.test
    inputs, asked = (part.images.reshape(len(part), -1) / 255 for part in (train, test))
    components = np.linalg.svd(inputs - inputs.mean(axis=0))[2][:40]

    def terms(rows):
        projected = rows @ components.T
        pairs = [(i, j) for i in range(40) for j in range(i, 40)]
        return np.stack([projected[:, i] * projected[:, j] for i, j in pairs], axis=1)

    slow = ridge(lambda images: terms(images.reshape(len(images), -1) / 255), train, "")
    found = polynomial(bars, train_size=300)
    answers = slow.scores(test.images).argmax(axis=1)
    assert found["answers"] == "".join(map(str, answers.tolist()))
    assert len(asked) == len(answers)


def test_every_class_has_its_own_centres(bars):
    digits = bars.digits.train
    centres = centres_of(digits, group=30)  # as many as digits of a class: the digits themselves
    for digit in range(10):
        own = digits.images[digits.labels == digit].reshape(30, -1) / 255
        found = centres[30 * digit : 30 * digit + 30]
        assert all(abs(found - image).max(axis=1).min() < 1e-5 for image in own)


def test_units_are_gaussians(bars, monkeypatch):
    from lenet.experiments.methods import linear as room

    monkeypatch.setattr(centres_of, "__defaults__", (3, 0))  # 3 units per class
    seen = []

    def spy(features, *rest, **more):
        seen.append(features)
        return ridge(features, *rest, **more)

    monkeypatch.setattr(
        room,
        "ridge",
        spy,
    )
    rbf_network(bars, train_size=300)
    images = bars.digits.test.images[:2]
    centres = centres_of(bars.digits.train)
    for row, units in zip(images.reshape(2, -1) / 255, seen[0](images), strict=True):
        for centre, unit in zip(centres, units, strict=True):
            assert unit == pytest.approx(math.exp(-((row - centre) ** 2).sum() / WIDTH), abs=1e-4)


def test_units_read(bars, facts_hold, monkeypatch):
    monkeypatch.setattr(centres_of, "__defaults__", (3, 0))
    found = rbf_network(bars, train_size=300)
    assert found["parameters"] == 30 * 784 + 31 * 10
    assert facts_hold(found) < 0.5


def test_the_gradient_is_that_of_differences(rng):
    import torch

    inputs, targets = rng.normal(size=(20, 4)), rng.choice([-1.0, 1.0], (20, 3))
    weights = rng.normal(size=12)
    error, gradient = squashed_error(weights, inputs, targets)
    answers = scaled_tanh(torch.from_numpy(inputs @ weights.reshape(4, 3))).numpy()
    assert error == pytest.approx(((answers - targets) ** 2).sum() / 40, rel=1e-5)
    for k in range(12):
        step = 1e-5 * np.eye(12)[k]
        above, below = (
            squashed_error(weights + sign * step, inputs, targets)[0] for sign in (1, -1)
        )
        assert gradient[k] == pytest.approx((above - below) / 2e-5, rel=1e-3, abs=1e-6)


def test_training_through_the_squashing_function_learns(bars, facts_hold):
    found = squashed_linear(bars, train_size=300)
    assert found["parameters"] == 7_850
    assert facts_hold(found) < 0.3
