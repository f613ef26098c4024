"""Radial units against loops."""

from __future__ import annotations

import math

import numpy as np

from lenet.experiments.methods.rbf_network import centres_of, gaussians, rbf_network


def test_units_are_gaussians(rng):
    inputs = rng.uniform(size=(4, 7)).astype(np.float32)
    centres = rng.uniform(size=(3, 7)).astype(np.float32)
    for row, answers in zip(inputs, gaussians(inputs, centres, 2.5), strict=True):
        for centre, answer in zip(centres, answers, strict=True):
            distance = sum((float(a) - float(b)) ** 2 for a, b in zip(row, centre, strict=True))
            assert abs(answer - math.exp(-distance / 2.5)) < 1e-5
    np.testing.assert_allclose(np.diag(gaussians(inputs, inputs)), 1, atol=1e-5)


def test_every_class_has_its_own_centres(bars):
    digits = bars.digits.train
    centres = centres_of(digits, group=30)  # as many as digits of a class: the digits themselves
    for digit in range(10):
        own = digits.images[digits.labels == digit].reshape(30, -1) / 255
        found = centres[30 * digit : 30 * digit + 30]
        assert all(abs(found - image).max(axis=1).min() < 1e-5 for image in own)


def test_units_read(bars, facts_hold, monkeypatch):
    monkeypatch.setattr(centres_of, "__defaults__", (3, 0))  # 3 units a class
    found = rbf_network(bars, train_size=300)
    assert found["parameters"] == 30 * 784 + 31 * 10
    assert facts_hold(found) < 0.5
