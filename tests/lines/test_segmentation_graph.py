"""The segmentation graph against every path written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from decoding_cases import every_path, random_graph

from lenet.lines.segmentation_graph import Graph, logadd


@pytest.fixture(params=range(3))
def graph(request):
    return random_graph(request.param, nodes=3)


def test_the_best_path_is_the_lowest_of_all(graph):
    lowest = min(every_path(graph), key=lambda path: path[0])
    total, path = graph.best()
    assert total == pytest.approx(lowest[0])
    assert [tuple(step) for step in path] == lowest[2]


def test_the_likeliest_texts_and_their_cheapest_paths(graph):
    sums: dict[tuple[int, ...], float] = {}
    cheapest: dict[tuple[int, ...], tuple[float, list]] = {}
    for penalty, values, steps in every_path(graph):
        sums[values] = logadd(sums.get(values, math.inf), penalty)
        cheapest[values] = min(cheapest.get(values, (math.inf, [])), (penalty, steps))
    order = sorted(sums, key=sums.get)
    assert graph.beam_search(40)[:6] == order[:6]
    assert len(graph.beam_search(2)) == 2
    for values in order[:20]:
        assert [tuple(step) for step in graph.path(values)] == cheapest[values][1]
    assert graph.path([1] * 9) == []


def test_sums_over_paths_are_the_sums_of_all(graph):
    paths = list(every_path(graph))
    everything = -math.log(sum(math.exp(-p) for p, _, _ in paths))
    assert graph.forward()[-1] == pytest.approx(everything)
    texts = sorted({values for _, values, _ in paths[::997]})
    assert len(set(map(len, texts))) > 1
    for text, found in zip(texts, graph.text_penalties(texts), strict=True):
        those = -math.log(sum(math.exp(-p) for p, values, _ in paths if values == text))
        assert found == pytest.approx(those)


def test_no_segments():
    nothing = Graph([], [], np.zeros((0, 10)), np.zeros(0), 0)
    assert nothing.best() == (0.0, [])
    assert nothing.forward() == [0.0]
    assert nothing.text_penalties([()]) == 0


def test_logadd_where_e_would_overflow():
    assert logadd(-2000.0, -2000.0) == pytest.approx(-2000 - math.log(2))
    assert logadd(math.inf, 3.0) == 3.0
    assert logadd(math.inf, math.inf) == math.inf
