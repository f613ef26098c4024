"""Training for lines, in miniature."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.data.datasets import load_sklearn_digits
from lenet.engine import native_engine
from lenet.lines.line_weights import features, load_line_weights
from lenet.lines.train import LineRecipe, train_candidate_network, train_context_layer, train_lines


@pytest.mark.slow
@pytest.mark.skipif(not native_engine.available(), reason="the kernels are not built here")
def test_a_run_gives_weights_that_load(tmp_path):
    said = []
    recipe = LineRecipe(lines=12, passes=1)
    folder = train_lines(load_sklearn_digits(), tmp_path / "run", recipe=recipe, tell=said.append)
    weights = load_line_weights(folder)
    assert weights.network.card["recipe"]["lines"] == 12
    assert weights.layer.hidden.shape[1] == 11 + 12
    assert any("pass 1/1" in line for line in said)


@pytest.mark.slow
@pytest.mark.skipif(not native_engine.available(), reason="the kernels are not built here")
def test_rubbish_is_pushed_above_the_rubbish_penalty(rng):
    """Bars are digits, noise is rubbish: after a little learning they are told apart."""
    images = rng.integers(0, 60, (600, 28, 28)).astype(np.uint8)
    labels = np.full(600, 10)
    labels[:300] = np.arange(300) % 2
    images[:300:2, 4:24, 6:9] = 255
    images[1:300:2, 4:24, 19:22] = 255
    recipe = LineRecipe(passes=60, rubbish_share=1.0)
    tensors = train_candidate_network(images, labels, recipe, 0)
    from lenet.engine.select import best_engine
    from lenet.network.weights import Weights

    network = best_engine(Weights(tensors, {"network": recipe.network.to_dict()}))
    penalties = network.penalties(images)
    assert (penalties[:300].min(1) < recipe.rubbish).mean() > 0.95
    assert (penalties[300:].min(1) > recipe.rubbish).mean() > 0.95
    assert (penalties[:300].argmin(1) == labels[:300]).mean() > 0.95


def test_the_layer_learns_what_only_places_tell(rng):
    places = rng.normal(size=(6000, 12)).astype(np.float32)
    labels = np.where(places[:, 0] > 0, 11, 3)
    layer = train_context_layer(features(np.zeros((6000, 10), np.float32), 0.0, places), labels, 0)
    shares = layer(features(np.zeros((6000, 10), np.float32), 0.0, places))
    assert (shares.argmax(1) == labels).mean() > 0.98
    assert np.allclose(np.exp(shares).sum(1), 1)


def test_features_are_the_posteriors_of_eq_9(rng):
    penalties = rng.uniform(0, 4, (5, 10)).astype(np.float32)
    given = features(penalties, 1.5, np.zeros((5, 12), np.float32))
    weights = np.exp(-np.c_[penalties, np.full(5, 1.5)])
    assert np.allclose(np.exp(4 * given[:, :11]), weights / weights.sum(1, keepdims=True))
