"""Calls at the kernels that read lines, for fuzz_binding.py."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from fuzz_values import garbage, kernels_name, mutated, plain_copy, same, whole

FIRST, LAST = np.array([[0, 0, 1, 1, 2], [1, 2, 2, 3, 3]])
LAYERS = (
    (5, 5, 1, 8),
    (5, 5, 8, 24),
    (5, 5, 24, 32),
    (1, 5, 32, 16),
    (1, 3, 16, 16),
    (1, 1, 16, 11),
)
LAYER = (7, 14), (7,), (12, 7), (12,)


class Lines:
    """A graph, rows of outputs and a wide-input network under fire."""

    def __init__(self, chance: random.Random, module: Any) -> None:
        self.chance, self.module = chance, module
        drawn = np.random.default_rng(1998)
        prices = drawn.uniform(0, 5, (len(FIRST), 11))
        self.graph = [FIRST, LAST, prices[:, :10].copy(), prices[:, 10].copy()]
        self.row = np.log(drawn.dirichlet(np.ones(11), 6)).astype(np.float32)
        self.strip = drawn.integers(0, 256, (32, 70), np.uint8)
        numbers = [drawn.normal(0, 0.1, shape).astype(np.float32) for shape in LAYERS]
        self.layers = [(weights, weights[0, 0, 0]) for weights in numbers]
        self.wide = module.Sdnn(self.layers)
        layer = [drawn.normal(0, 1, shape).astype(np.float32) for shape in LAYER]
        self.priced = [self.row[:5, :10].copy(), self.row[:5, :3].copy(), FIRST, LAST]
        self.layer = [*layer, (1.0, -15.0, 4.0, 0.5, 2.0, 1.0)]
        self.prices = module.ArcPrices(*self.layer)

    def proposed(self, graph, nodes, row, most) -> list[np.ndarray]:
        texts, *scores = self.module.n_best(*graph, nodes, row, most, 6.0, -6.0)
        said = [value for text in texts for value in (*text, -1)]
        return [np.array(numbers) for numbers in (said, *scores)]

    def arcs(self, given, rows=5) -> list[np.ndarray]:
        digits, nothing = np.zeros((rows, 10)), np.zeros(rows)
        self.prices.price(*given, digits, nothing)
        return [digits, nothing]

    def answers(self) -> list[np.ndarray]:
        """Of calls that are meant."""
        answers = self.proposed(self.graph, 3, self.row, 6)
        steps = self.module.path(*self.graph, 3, [4, 2])
        return [*answers, np.array(steps), self.wide.shares(self.strip), *self.arcs(self.priced)]

    def call(self) -> None:
        """One call of a random kind."""
        kinds = [self.call_proposals, self.call_path, self.call_wide, self.call_arcs]
        self.chance.choice([*kinds, self.construct, self.construct_arcs])()

    def call_proposals(self) -> None:
        *graph, row = (mutated(self.chance, plain) for plain in (*self.graph, self.row))
        nodes, most = (
            3 if self.chance.random() < 0.8 else whole(self.chance, 9),
            whole(self.chance, 9),
        )
        same(
            self.proposed(graph, nodes, row, most),
            lambda: self.proposed([plain_copy(one) for one in graph], nodes, plain_copy(row), most),
        )

    def call_path(self) -> None:
        graph = [mutated(self.chance, plain) for plain in self.graph]
        text = [whole(self.chance, 9) for _ in range(self.chance.randrange(5))]
        given = garbage(self.chance) if self.chance.random() < 0.1 else text
        self.module.path(*graph, 3 if self.chance.random() < 0.8 else whole(self.chance, 9), given)

    def call_wide(self) -> None:
        strip = mutated(self.chance, self.strip)
        same(self.wide.shares(strip), lambda: self.wide.shares(plain_copy(strip)))

    def call_arcs(self) -> None:
        given, rows = (
            [mutated(self.chance, plain) for plain in self.priced],
            self.chance.choice((5, 5, 4)),
        )
        same(self.arcs(given, rows), lambda: self.arcs(map(plain_copy, given), rows))

    def construct_arcs(self) -> None:
        *layer, constants = self.layer
        given = [mutated(self.chance, plain) for plain in layer]
        last = garbage(self.chance) if self.chance.random() < 0.2 else constants
        made = self.module.ArcPrices(*given, last)
        made.price(*self.priced, np.zeros((5, 10)), np.zeros(5))

    def construct(self) -> None:
        layers: list[Any] = list(self.layers)
        for _ in range(self.chance.randrange(3)):
            at = self.chance.randrange(len(layers))
            layers[at] = tuple(mutated(self.chance, plain) for plain in self.layers[at])
        if self.chance.random() < 0.1:
            layers.insert(self.chance.randrange(7), garbage(self.chance))
        self.module.Sdnn(layers, kernels_name(self.chance)).shares(self.strip)
