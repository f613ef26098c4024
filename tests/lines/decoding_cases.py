"""Small graphs and rows of outputs, and everything that they may say, written out."""

from __future__ import annotations

import itertools

import numpy as np

from lenet.lines.segmentation_graph import NOTHING, Graph
from lenet.network.sdnn import NEW


def random_graph(seed: int, nodes: int = 4) -> Graph:
    rng = np.random.default_rng(seed)
    arcs = [(i, j) for i in range(nodes) for j in range(i + 1, min(i + 4, nodes + 1))]
    first, last = zip(*arcs, strict=True)
    digits = rng.uniform(-1, 6, (len(arcs), 10))
    nothing = np.where(np.diff(arcs, axis=1)[:, 0] == 1, rng.uniform(0, 4, len(arcs)), np.inf)
    return Graph(first, last, digits, nothing, nodes)


def every_path(graph: Graph):
    """(penalty, values, steps) of all paths, digits and all."""

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


def text_of(row) -> tuple[int, ...]:
    """Equal neighbours once, then without NEW."""
    return tuple(value for value, _ in itertools.groupby(row) if value != NEW)


def random_row(seed: int, places: int = 5) -> np.ndarray:
    """Log-probabilities of places where only 2, 7 and NEW can be."""
    rng = np.random.default_rng(seed)
    outputs = np.full((places, 11), -40.0, np.float32)
    outputs[:, (2, 7, NEW)] = rng.normal(0, 1.5, (places, 3))
    return outputs - np.logaddexp.reduce(outputs, axis=1, keepdims=True)


def every_row(outputs):
    """Each row over the three classes, with its log-probability."""
    for row in itertools.product((2, 7, NEW), repeat=len(outputs)):
        yield row, float(sum(place[value] for place, value in zip(outputs, row, strict=True)))
