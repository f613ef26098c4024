"""All of MNIST through the kernels and through PyTorch, with the shipped weights."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import BUILT

from lenet.data.datasets import load_set
from lenet.engine.native_engine import NativeEngine
from lenet.network.lenet5 import from_weights
from lenet.network.weights import load_weights


@pytest.mark.slow
@BUILT
def test_torchs_answers_on_all_70_000_digits(lenet_data):
    digits, weights = load_set("mnist", lenet_data), load_weights("1998")
    images = np.concatenate([digits.train.images, digits.test.images])
    assert len(images) == 70_000
    found = NativeEngine(weights, 1).penalties(images)
    assert np.array_equal(found, NativeEngine(weights, 2).penalties(images))
    wanted = from_weights(weights).penalties(images)
    assert np.array_equal(found.argmin(1), wanted.argmin(1))
    assert np.abs(found / wanted - 1).max() < 1e-3
