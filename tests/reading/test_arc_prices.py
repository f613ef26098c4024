"""What arcs cost, from compiled kernels and from numpy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lenet.engine import native_engine
from lenet.engine.select import best_engine
from lenet.lines.arc_scores import Scorer
from lenet.lines.candidates import FEATURES, Candidates
from lenet.lines.line_weights import DIGIT_NETWORK, ContextLayer, load_line_weights, posteriors
from lenet.network.confidence import probabilities

pytestmark = pytest.mark.skipif(
    not native_engine.available(), reason="the kernels are not built here"
)


def drawn_candidates(rng, count: int) -> Candidates:
    """Some of them blank, most with ink here and there, of one to three pieces."""
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    images[rng.random(images.shape) < 0.7] = 0
    images[::4] = 0
    first = np.sort(rng.integers(0, 5, count))
    first, last = np.stack([first, first + rng.integers(1, 4, count)], 1).T  # in no one piece
    places = rng.normal(0, 1, (count, FEATURES)).astype(np.float32).clip(-3, 3)
    return Candidates(first, last, images, np.zeros((count, 4), int), places)


@pytest.mark.parametrize("count", [1, 2, 7, 60])
@pytest.mark.parametrize("hidden", [None, 1, 45])
def test_the_kernels_give_what_numpy_gives(count, hidden, rng):
    weights = load_line_weights()
    if hidden:
        shapes = ((hidden, 11 + FEATURES), (hidden,), (12, hidden), (12,))
        layer = ContextLayer(*(rng.normal(0, 0.7, shape).astype(np.float32) for shape in shapes))
        weights = replace(weights, layer=layer)
    scorer, found = Scorer(weights), drawn_candidates(rng, count)
    graph, wanted = scorer.graph(found, 9), scorer.arcs(found).graph(9)
    assert (graph.first, graph.last, graph.nodes) == (wanted.first, wanted.last, wanted.nodes)
    assert np.allclose(graph.digits, wanted.digits, atol=2e-5)
    assert np.allclose(graph.nothing, wanted.nothing, atol=2e-5)
    assert np.array_equal(np.isinf(graph.nothing), found.last - found.first > 1)


@pytest.mark.parametrize("say", [0.0, 0.3, 1.0])
def test_the_second_network_says_which_digit_and_not_whether_any(say, rng):
    weights = load_line_weights()
    network = replace(weights.network, card=weights.network.card | {"digit_network_weight": say})
    images, rubbish = drawn_candidates(rng, 12).images, weights.rubbish
    own = np.exp(posteriors(best_engine(weights.network, 1).penalties(images), rubbish))
    other = probabilities(
        best_engine(weights.digit_network, 1).penalties(images), weights.digit_network.temperature
    )
    scorer = Scorer(replace(weights, network=network))
    found = np.exp(posteriors(scorer.penalties(images), rubbish))
    for row, first, second in zip(found, own, other, strict=True):
        mean = [a ** (1 - say) * b**say for a, b in zip(first[:10], second, strict=True)]
        wanted = [value / sum(mean) * (1 - first[10]) for value in mean]
        assert row == pytest.approx([*wanted, first[10]], abs=1e-4)


def drawn_layer(rng) -> list[np.ndarray]:
    return [rng.normal(0, 1, shape).astype("f4") for shape in ((5, 13), (5,), (12, 5), (12,))]


CONSTANTS = (1.0, -15.0, 4.0, 0.5, 2.0, 1.0)


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        ({0: np.zeros((5, 10), "f4")}, ValueError),
        ({0: np.zeros((6, 13), "f4")}, ValueError),
        ({1: np.zeros(4, "f4")}, ValueError),
        ({2: np.zeros((12, 6), "f4")}, ValueError),
        ({2: np.zeros((11, 5), "f4")}, ValueError),
        ({3: np.zeros(11, "f4")}, ValueError),
        ({0: np.zeros((5, 13))}, TypeError),
        ({4: CONSTANTS[:5]}, TypeError),
    ],
)
def test_layers_that_do_not_fit_are_refused(harm, error, rng):
    given = dict(enumerate([*drawn_layer(rng), CONSTANTS])) | harm
    with pytest.raises(error, match=r"expected|incompatible"):
        native_engine.kernels().ArcPrices(*given.values())


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        ({0: np.zeros((4, 10), "f4")}, ValueError),
        ({0: np.zeros((3, 11), "f4")}, TypeError),
        ({1: np.zeros((3, 3), "f4")}, ValueError),
        ({1: np.zeros((2, 2), "f4")}, ValueError),
        ({2: np.arange(2)}, ValueError),
        ({3: np.arange(3.0)}, TypeError),
        ({4: np.zeros((2, 10))}, ValueError),
        ({4: np.zeros((3, 9))}, TypeError),
        ({5: np.zeros(4)}, ValueError),
        ({5: np.broadcast_to(0.0, 3)}, TypeError),  # not to be written to
    ],
)
def test_candidates_that_do_not_fit_are_refused(harm, error, rng):
    prices = native_engine.kernels().ArcPrices(*drawn_layer(rng), CONSTANTS)
    places = np.zeros((3, 2), "f4")
    fitting = [np.zeros((3, 10), "f4"), places, np.arange(3), np.arange(1, 4)]
    given = dict(enumerate([*fitting, np.zeros((3, 10)), np.zeros(3)]))
    prices.price(*given.values())
    assert np.isfinite(given[4]).all()
    with pytest.raises(error, match=r"expected|incompatible"):
        prices.price(*(given | harm).values())


def test_the_shipped_lines_were_fitted_beside_the_shipped_second_network():
    weights = load_line_weights()
    second = weights.network.card["digit_network"]
    assert second["weights"] == DIGIT_NETWORK
    assert second["weights_sha256"] == weights.digit_network.card["weights_sha256"]
