"""One text from two readings of a line."""

from __future__ import annotations

import numpy as np

from lenet.lines.combine import NBest, combine, n_best
from lenet.lines.segmentation_graph import Graph
from lenet.network.sdnn import NEW


def doubtful_graph() -> Graph:
    """Two pieces: 4 or 9, then surely 1; together they might be a 0."""
    digits = np.full((3, 10), 9.0)
    digits[0, 4], digits[0, 9] = 0.7, 0.6
    digits[1, 0] = 4.0
    digits[2, 1] = 0.1
    return Graph([0, 0, 1], [1, 2, 2], digits, np.full(3, np.inf), 2)


def row_of(*values: int) -> np.ndarray:
    """Outputs that read as these digits, with NEW after each."""
    shares = np.full((2 * len(values), 11), -8.0, np.float32)
    shares[0::2][np.arange(len(values)), list(values)] = 0
    shares[1::2, NEW] = 0
    return shares - np.logaddexp.reduce(shares, axis=1, keepdims=True)


def test_the_other_reading_settles_a_doubt():
    graph = doubtful_graph()
    alone = combine(n_best(graph, row_of(4, 1)), 0.0, 1.0)
    assert alone.text == (9, 1)
    assert alone.probability < 0.6
    together = combine(n_best(graph, row_of(4, 1)), 1.0, 1.0)
    assert together.text == (4, 1)
    assert together.probability > 0.9
    first, second = together.digit_probabilities()
    assert first.index(max(first)) == 4
    assert second[1] >= together.probability
    assert combine(n_best(graph, row_of(4, 1)), 1.0, 5.0).probability < together.probability


def test_disagreement_leaves_doubt():
    combined = combine(n_best(doubtful_graph(), row_of(4, 7)), 1.0, 1.0)
    assert combined.probability < 0.9
    assert np.isclose(combined.probabilities.sum(), 1)
    assert (4, 7) in combined.texts
    assert (9, 1) in combined.texts


def test_each_text_is_weighed_by_both():
    graph, row = doubtful_graph(), row_of(4, 1)
    found = n_best(graph, row)
    assert len(set(found.texts)) == len(found.texts)
    k = found.texts.index((4, 1))
    assert np.isclose(found.graph[k], graph.forward()[-1] - graph.text_penalties([(4, 1)])[0])
    texts = NBest([(1,), (2,)], np.array([-1.0, -2.0]), np.array([-40.0, -3.0]))
    scores = np.array([-1 - 0.5 * 25, -2 - 0.5 * 3])  # −40 counts as −25
    weights = np.exp(scores / 2)
    assert np.allclose(combine(texts, 0.5, 2.0).probabilities, weights / weights.sum())
