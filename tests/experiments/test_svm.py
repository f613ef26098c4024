"""Support vector machines against scikit-learn's own kernels and pairs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import SVC

from lenet.experiments.methods.svm import (
    COST,
    GAMMA,
    KERNELS,
    machines,
    svm,
    unit_rows,
    weakest_pair,
)

THEIRS = {
    "poly4": {"kernel": "poly", "degree": 4, "gamma": 1.0, "coef0": 0.0},
    "gaussian": {"kernel": "rbf", "gamma": GAMMA},
}


@pytest.mark.parametrize("kernel", THEIRS)
def test_pairs_agree_with_scikit_learn(bars, kernel):
    train = bars.digits.train
    rows, asked = unit_rows(train.images), unit_rows(bars.digits.test.images)
    weights, biases = machines(rows, train.labels, kernel)
    units = KERNELS[kernel](asked @ rows.T) @ weights + biases
    theirs = SVC(C=COST, decision_function_shape="ovo", **THEIRS[kernel]).fit(rows, train.labels)
    np.testing.assert_allclose(units, theirs.decision_function(asked), atol=0.02)


def test_a_class_scores_its_lowest_pair(rng):
    units = rng.normal(size=(5, 45))
    pairs = [(i, j) for i in range(10) for j in range(i + 1, 10)]
    scores = weakest_pair(units)
    for row, of_row in zip(units, scores, strict=True):
        for digit in range(10):
            own = [row[k] for k, (i, _) in enumerate(pairs) if i == digit]
            own += [-row[k] for k, (_, j) in enumerate(pairs) if j == digit]
            assert of_row[digit] == min(own)
            assert len(own) == 9


def test_machines_read(bars, facts_hold):
    found = svm(bars, train_size=300)
    assert facts_hold(found) < 0.3
    assert found["parameters"] > 400


def test_a_blank_image_has_no_length():
    assert not unit_rows(np.zeros((1, 28, 28), np.uint8)).any()
