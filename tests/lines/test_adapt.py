"""Learning from lines of known text: forced alignment, more training, and what is chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lenet.data.datasets import load_sklearn_digits
from lenet.engine import native_engine
from lenet.lines.candidate_labels import RUBBISH, UNSURE, cut_line, labels_of
from lenet.lines.line_engine import best_line_reader
from lenet.lines.line_weights import load_line_weights
from lenet.lines.signs import sign_weights

pytest.importorskip("torch")

import torch

from lenet.lines.adapt import (
    CANDIDATES,
    AdaptRecipe,
    adapt_weights,
    aligned,
    digits_of,
    mixed,
)
from lenet.lines.adapt_sdnn import FoldedSdnn, SdnnTuning, tune_sdnn

TINY = AdaptRecipe(
    composed=8,
    sdnn=SdnnTuning(updates=2),
    candidates=replace(CANDIDATES, updates=3),
    signs=replace(CANDIDATES, updates=3),
)


@pytest.fixture(scope="module")
def digits():
    pytest.importorskip("sklearn")
    return load_sklearn_digits().train


@pytest.fixture(scope="module")
def reader():
    return best_line_reader(load_line_weights())


def test_alignment_finds_the_digits_that_composing_knows(digits, reader):
    agreed, known = 0, 0
    for number in range(30):
        line, cut = cut_line(digits, 3, number)
        true = labels_of(cut.candidates, cut.segments, line)
        found = aligned(cut, tuple(line.labels.tolist()), reader)
        both = (true != UNSURE) & (found != UNSURE)
        whole = both & ((true < RUBBISH) | (found < RUBBISH))
        agreed += int((true == found)[whole].sum())
        known += int(whole.sum())
    assert known > 60
    assert agreed > 0.85 * known


def test_a_text_that_the_line_hardly_shows_teaches_nothing(digits, reader):
    _, cut = cut_line(digits, 3, 0)
    assert (aligned(cut, (1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2), reader) == UNSURE).all()


def test_the_sdnn_that_learns_is_the_one_that_reads(rng):
    sdnn = load_line_weights().sdnn
    image = rng.integers(0, 256, (32, 120)).astype(np.uint8)
    model = FoldedSdnn(sdnn.tensors, 0.1).eval()
    with torch.no_grad():
        found = model(torch.from_numpy(image / np.float32(255))[None, None])[0].T.numpy()
    assert np.allclose(found, sdnn(image), atol=2e-4)


def test_the_order_of_the_tensors_decides_nothing(digits):
    """safetensors gives them in another order at each start."""
    tensors = load_line_weights().sdnn.tensors
    composed = [cut_line(digits, 6, number) for number in range(8)]
    lines = [cut.image.ink for _, cut in composed], [line.labels for line, _ in composed]
    tuning = SdnnTuning(updates=5, dropout=0.0, max_gradient_norm=0.01)
    one, other = (
        tune_sdnn(dict(order), lines, lines, tuning, 0.5, 0)
        for order in (sorted(tensors.items()), sorted(tensors.items(), reverse=True))
    )
    assert all(np.array_equal(one[name], other[name]) for name in tensors)


def test_few_numbers_change_little_of_what_was_chosen(digits):
    """The loss on a few numbers is weighed against what the weights came with."""
    weights = load_line_weights()
    assert mixed(weights, []).sdnn_weight == weights.sdnn_weight
    line, _ = cut_line(digits, 4, 0)
    found = mixed(weights, [([line.grey], "".join(map(str, line.labels)))])
    assert 0.5 < found.sdnn_weight / weights.sdnn_weight < 2
    assert 0.5 < found.temperature / weights.temperature < 2


def test_digits_of_a_text():
    assert digits_of("-1.250,-") == (1, 2, 5, 0)


@pytest.mark.skipif(not native_engine.available(), reason="the kernels are not built here")
def test_all_networks_learn_but_what_was_chosen_for_digits_stays(digits):
    lines, signs = load_line_weights(), sign_weights()
    numbers = []
    for number in range(12):
        line, _ = cut_line(digits, 5, number)
        numbers.append(([line.grey], "".join(map(str, line.labels))))
    found, same_signs = adapt_weights(lines, signs, numbers, numbers[:4], digits, recipe=TINY)
    assert same_signs is signs  # there are none to learn
    assert found.layer is lines.layer
    for one, other in (
        (found.network.tensors, lines.network.tensors),
        (found.sdnn.tensors, lines.sdnn.tensors),
    ):
        assert {k: v.shape for k, v in one.items()} == {k: v.shape for k, v in other.items()}
        assert any(not np.array_equal(one[key], other[key]) for key in one)
        assert all(np.abs(one[key] - other[key]).max() < 0.1 for key in one)
