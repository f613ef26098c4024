"""What arcs cost, from compiled kernels and from numpy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lenet.engine import native_engine
from lenet.engine.select import best_engine
from lenet.lines.candidates import FEATURES, Candidates
from lenet.lines.line_weights import DIGIT_NETWORK, ContextLayer, load_line_weights, posteriors
from lenet.lines.native_lines import NativeLineReader
from lenet.lines.numpy_lines import NumpyLineReader
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
    context = rng.normal(0, 1, (count, FEATURES)).astype(np.float32).clip(-3, 3)
    return Candidates(first, last, images, np.zeros((count, 4), int), context)


@pytest.mark.parametrize("count", [1, 2, 7, 60])
@pytest.mark.parametrize("hidden", [None, 1, 45])
def test_the_kernels_give_what_numpy_gives(count, hidden, rng):
    weights = load_line_weights()
    if hidden:
        shapes = ((hidden, 11 + FEATURES), (hidden,), (12, hidden), (12,))
        layer = ContextLayer(*(rng.normal(0, 0.7, shape).astype(np.float32) for shape in shapes))
        weights = replace(weights, layer=layer)
    found = drawn_candidates(rng, count)
    graph, wanted = (each(weights).graph(found, 9) for each in (NativeLineReader, NumpyLineReader))
    assert (graph.first, graph.last, graph.nodes) == (wanted.first, wanted.last, wanted.nodes)
    assert np.allclose(graph.digits, wanted.digits, atol=2e-5)
    assert np.allclose(graph.nothing, wanted.nothing, atol=2e-5)
    assert np.array_equal(np.isinf(graph.nothing), found.last - found.first > 1)


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_the_second_network_classifies_but_does_not_reject(weight, rng):
    weights = load_line_weights()
    network = replace(weights.network, card=weights.network.card | {"digit_network_weight": weight})
    images, rubbish = drawn_candidates(rng, 12).images, weights.rubbish
    own = np.exp(posteriors(best_engine(weights.network, 1).penalties(images), rubbish))
    other = probabilities(
        best_engine(weights.digit_network, 1).penalties(images), weights.digit_network.temperature
    )
    reader = NumpyLineReader(replace(weights, network=network))
    found = np.exp(posteriors(reader.penalties(images), rubbish))
    for row, first, second in zip(found, own, other, strict=True):
        mean = [a ** (1 - weight) * b**weight for a, b in zip(first[:10], second, strict=True)]
        wanted = [value / sum(mean) * (1 - first[10]) for value in mean]
        assert row == pytest.approx([*wanted, first[10]], abs=1e-4)


def changed(layer: ContextLayer, name: str, shape: tuple[int, ...]) -> ContextLayer:
    return replace(layer, **{name: np.zeros(shape, np.float32)})


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("hidden", (32, 10)),
        ("hidden", (31, 23)),
        ("hidden_bias", (31,)),
        ("output", (12, 33)),
        ("output", (11, 32)),
        ("output_bias", (11,)),
    ],
)
def test_layers_that_do_not_fit_are_refused(name, shape):
    weights = load_line_weights()
    with pytest.raises(ValueError, match="expected"):
        NativeLineReader(replace(weights, layer=changed(weights.layer, name, shape)))


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        ({0: np.zeros((4, 28, 28), "u1")}, ValueError),
        ({0: np.zeros((3, 28, 27), "u1")}, TypeError),
        ({1: np.zeros((3, 11), "f4")}, ValueError),
        ({1: np.zeros((2, FEATURES), "f4")}, ValueError),
        ({1: np.zeros((3, FEATURES))}, TypeError),
        ({2: np.arange(2)}, ValueError),
        ({3: np.arange(3.0)}, TypeError),
    ],
)
def test_candidates_that_do_not_fit_are_refused(harm, error):
    reader = NativeLineReader(load_line_weights())._reader
    context = np.zeros((3, FEATURES), "f4")
    fitting = [np.zeros((3, 28, 28), "u1"), context, np.arange(3), np.arange(1, 4)]
    digits, nothing = reader.penalties(*fitting)
    assert digits.shape == (3, 10)
    assert np.isfinite(nothing).all()
    with pytest.raises(error, match=r"expected|incompatible"):
        reader.penalties(*(dict(enumerate(fitting)) | harm).values())


def test_the_shipped_lines_were_fitted_beside_the_shipped_second_network():
    weights = load_line_weights()
    second = weights.network.card["digit_network"]
    assert second["weights"] == DIGIT_NETWORK
    assert second["weights_sha256"] == weights.digit_network.card["weights_sha256"]
