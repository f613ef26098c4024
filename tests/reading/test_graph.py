"""The segmentation graph against every path written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from lenet.reading.graph import NOTHING, Graph, logadd


def random_graph(seed: int, nodes: int = 4) -> Graph:
    rng = np.random.default_rng(seed)
    arcs = [(i, j) for i in range(nodes) for j in range(i + 1, min(i + 4, nodes + 1))]
    first, last = zip(*arcs, strict=True)
    digits = rng.uniform(-1, 6, (len(arcs), 10))
    nothing = np.where(np.diff(arcs, axis=1)[:, 0] == 1, rng.uniform(0, 4, len(arcs)), np.inf)
    return Graph(first, last, digits, nothing, nodes)


def every_path(graph: Graph):
    """(penalty, values said, steps) of all paths, digits and all."""

    def onwards(node):
        if node == graph.nodes:
            yield []
            return
        for k, (i, j) in enumerate(zip(graph.first, graph.last, strict=True)):
            if i != node:
                continue
            for rest in onwards(j):
                yield [k, *rest]

    for arcs in onwards(0):
        for values in itertools.product([NOTHING, *range(10)], repeat=len(arcs)):
            penalty = sum(
                graph.nothing[k] if v == NOTHING else graph.digits[k, v]
                for k, v in zip(arcs, values, strict=True)
            )
            yield (
                penalty,
                tuple(v for v in values if v != NOTHING),
                list(zip(arcs, values, strict=True)),
            )


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
    assert graph.likeliest(40)[:6] == order[:6]
    assert len(graph.likeliest(2)) == 2
    for values in order[:20]:
        assert [tuple(step) for step in graph.path(values)] == cheapest[values][1]
    assert graph.path([1] * 9) == []


def test_sums_over_paths_are_the_sums_of_all(graph):
    paths = list(every_path(graph))
    everything = -math.log(sum(math.exp(-p) for p, _, _ in paths))
    assert graph.forward()[-1] == pytest.approx(everything)
    texts = sorted({values for _, values, _ in paths[::997]})
    assert len(set(map(len, texts))) > 1
    for said, found in zip(texts, graph.saying(texts), strict=True):
        those = -math.log(sum(math.exp(-p) for p, values, _ in paths if values == said))
        assert found == pytest.approx(those)


def test_no_pieces_say_nothing():
    nothing = Graph([], [], np.zeros((0, 10)), np.zeros(0), 0)
    assert nothing.best() == (0.0, [])
    assert nothing.forward() == [0.0]
    assert nothing.saying([()]) == 0


def test_logadd_where_e_would_overflow():
    assert logadd(-2000.0, -2000.0) == pytest.approx(-2000 - math.log(2))
    assert logadd(math.inf, 3.0) == 3.0
    assert logadd(math.inf, math.inf) == math.inf
