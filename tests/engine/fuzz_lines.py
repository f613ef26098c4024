"""Calls at the kernels that decode lines, for fuzz_binding.py."""

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


class Lines:
    """A graph, rows of outputs and an SDNN under fire."""

    def __init__(self, chance: random.Random, module: Any) -> None:
        self.chance, self.module = chance, module
        drawn = np.random.default_rng(1998)
        prices = drawn.uniform(0, 5, (len(FIRST), 11))
        self.graph = [FIRST, LAST, prices[:, :10].copy(), prices[:, 10].copy()]
        self.row = np.log(drawn.dirichlet(np.ones(11), 6)).astype(np.float32)
        self.image = drawn.integers(0, 256, (32, 70), np.uint8)
        numbers = [drawn.normal(0, 0.1, shape).astype(np.float32) for shape in LAYERS]
        self.layers = [(weights, weights[0, 0, 0]) for weights in numbers]
        self.sdnn = module.Sdnn(self.layers)

    def n_best(self, graph, nodes, row, beam) -> list[np.ndarray]:
        texts, *scores = self.module.n_best(*graph, nodes, row, beam, 6.0, -6.0)
        values = [value for text in texts for value in (*text, -1)]
        return [np.array(numbers) for numbers in (values, *scores)]

    def answers(self) -> list[np.ndarray]:
        """Of calls that are meant."""
        answers = self.n_best(self.graph, 3, self.row, 6)
        steps = self.module.path(*self.graph, 3, [4, 2])
        aligned = self.module.align(self.row, [4, 2])
        outputs = self.sdnn.log_probabilities(self.image)
        return [*answers, np.array(steps), np.array(aligned), outputs]

    def call(self) -> None:
        """One call of a random kind."""
        kinds = [self.call_n_best, self.call_path, self.call_sdnn, self.call_align, self.construct]
        self.chance.choice(kinds)()

    def call_n_best(self) -> None:
        *graph, row = (mutated(self.chance, plain) for plain in (*self.graph, self.row))
        nodes, beam = (
            3 if self.chance.random() < 0.8 else whole(self.chance, 9),
            whole(self.chance, 9),
        )
        same(
            self.n_best(graph, nodes, row, beam),
            lambda: self.n_best([plain_copy(one) for one in graph], nodes, plain_copy(row), beam),
        )

    def text(self):
        text = [whole(self.chance, 9) for _ in range(self.chance.randrange(5))]
        return garbage(self.chance) if self.chance.random() < 0.1 else text

    def call_path(self) -> None:
        graph = [mutated(self.chance, plain) for plain in self.graph]
        nodes = 3 if self.chance.random() < 0.8 else whole(self.chance, 9)
        self.module.path(*graph, nodes, self.text())

    def call_align(self) -> None:
        self.module.align(mutated(self.chance, self.row), self.text())

    def call_sdnn(self) -> None:
        image = mutated(self.chance, self.image)
        same(
            self.sdnn.log_probabilities(image),
            lambda: self.sdnn.log_probabilities(plain_copy(image)),
        )

    def construct(self) -> None:
        layers: list[Any] = list(self.layers)
        for _ in range(self.chance.randrange(3)):
            at = self.chance.randrange(len(layers))
            layers[at] = tuple(mutated(self.chance, plain) for plain in self.layers[at])
        if self.chance.random() < 0.1:
            layers.insert(self.chance.randrange(7), garbage(self.chance))
        self.module.Sdnn(layers, kernels_name(self.chance)).log_probabilities(self.image)
