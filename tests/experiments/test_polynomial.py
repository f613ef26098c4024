"""Components and second-degree terms against definitions and loops."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.experiments.methods.polynomial import polynomial, principal_components, second_degree


def test_components_are_the_right_singular_vectors(rng):
    inputs = rng.normal(size=(80, 12)) * np.arange(1, 13) + 5
    mean, components = principal_components(inputs.astype(np.float32), 4)
    theirs = np.linalg.svd(inputs - inputs.mean(axis=0))[2][:4].T
    np.testing.assert_allclose(mean, inputs.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(abs((components * theirs).sum(axis=0)), 1, atol=1e-4)


def test_terms_are_those_of_the_loops(rng):
    features = rng.normal(size=(3, 5))
    row = features[1].tolist()
    squares_too = [row[i] * row[j] for i in range(5) for j in range(i, 5)]
    distinct = [row[i] * row[j] for i in range(5) for j in range(i + 1, 5)]
    np.testing.assert_allclose(second_degree(features, "products")[1], squares_too)
    np.testing.assert_allclose(second_degree(features, "distinct")[1], distinct + row)
    np.testing.assert_allclose(second_degree(features, "all")[1], squares_too + row)


@pytest.mark.parametrize(("terms", "inputs"), [("products", 821), ("distinct", 821), ("all", 861)])
def test_the_papers_821_inputs(bars, facts_hold, terms, inputs):
    found = polynomial(bars, train_size=300, terms=terms, centred=terms == "all")
    mean = 784 if terms == "all" else 0
    assert found["parameters"] == 784 * 40 + 10 * inputs + mean
    facts_hold(found)
