"""The squashed error's gradient against differences."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.experiments.methods.mlp import squashed_error, squashed_linear
from lenet.network.layers import scaled_tanh


def test_the_gradient_is_that_of_differences(rng):
    inputs, wanted = rng.normal(size=(20, 4)), rng.choice([-1.0, 1.0], (20, 3))
    weights = rng.normal(size=12)
    error, gradient = squashed_error(weights, inputs, wanted)
    import torch

    answers = scaled_tanh(torch.from_numpy(inputs @ weights.reshape(4, 3))).numpy()
    assert error == pytest.approx(((answers - wanted) ** 2).sum() / 40, rel=1e-5)
    for k in range(12):
        step = 1e-5 * np.eye(12)[k]
        above, below = (
            squashed_error(weights + sign * step, inputs, wanted)[0] for sign in (1, -1)
        )
        assert gradient[k] == pytest.approx((above - below) / 2e-5, rel=1e-3, abs=1e-6)


def test_it_learns(bars, facts_hold):
    found = squashed_linear(bars, train_size=300)
    assert found["parameters"] == 7_850
    assert facts_hold(found) < 0.3
