"""Training by SDLM of any network given as a list of its connections, in compiled kernels.

The optimiser is that of appendix C. It knows nothing of layers or maps, so two networks differ in
their connections alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import kernels
from lenet.network.connection_graph import ConnectionGraph
from lenet.network.plane import BYTE_TO_PLANE, ByteArray, FloatArray
from lenet.training.learner import Indices, State
from lenet.training.optimisers import Sdlm


@dataclass(frozen=True)
class Samples:
    """Training digits: images, uint8 (n, inputs), and labels, int64 (n,)."""

    images: ByteArray
    labels: NDArray[np.int64]


class ConnectionGraphNetwork:
    """A connection graph with its weights.

    values : one for each weight, float32, in the graph's order
    """

    def __init__(self, graph: ConnectionGraph, values: FloatArray, kernels_for: str = "") -> None:
        self.graph = graph
        shared = np.concatenate(
            [np.full(block.fan_in.size, block.shared) for block in graph.blocks.values()]
        )
        self.kept = np.argsort(~shared, kind="stable")  # the kernels want the shared ones first
        self.place = place = np.argsort(self.kept)
        runs = np.concatenate([layer.reshape(-1, 3) for layer in graph.runs])
        runs[:, 1] = place[runs[:, 1]]
        counts = np.concatenate([np.full(len(layer), layer.shape[1]) for layer in graph.runs])
        biases = np.concatenate(graph.biases)
        self.core = kernels().ConnectionGraphLearner(
            np.array(graph.ends, np.int32),
            np.array(graph.squashed, np.uint8),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            runs.astype(np.int32),
            np.where(biases < 0, -1, place[biases]).astype(np.int32),
            int(shared.sum()),
            np.ascontiguousarray(graph.codes, np.float32),
            np.ascontiguousarray(values, np.float32)[self.kept],
            kernels_for,
        )

    @property
    def values(self) -> FloatArray:
        """The weights, in the graph's order."""
        found: FloatArray = self.core.weights[self.place]
        return found

    def curvature(self, samples: Samples, sample: NDArray[np.int64]) -> FloatArray:
        """h_kk of every weight, averaged over these samples, in the graph's order."""
        labels = samples.labels.astype(np.int32)
        h: FloatArray = self.core.curvature(samples.images, labels, BYTE_TO_PLANE, sample)
        return h[self.place]

    def set_steps(self, steps: FloatArray) -> None:
        """ε of eq. 18 for every weight; ignored where a weight is fixed."""
        learning = (steps * self.graph.flat("trainable")).astype(np.float32)
        self.core.steps = learning[self.kept]

    def learn(self, samples: Samples, order: NDArray[np.int64]) -> int:
        """One update per digit of the order; the number misread before theirs."""
        labels = samples.labels.astype(np.int32)
        errors: int = self.core.learn(samples.images, labels, BYTE_TO_PLANE, order)
        return errors

    def penalties(self, images: ByteArray) -> FloatArray:
        """(n, 10) for images, uint8 (n, inputs); the lowest wins."""
        found: FloatArray = self.core.penalties(images, BYTE_TO_PLANE)
        return found


class GraphLearner:
    """A connection graph learning these samples by SDLM, as a `Learner` does."""

    chunk = 5_000

    def __init__(self, network: ConnectionGraphNetwork, samples: Samples, optimiser: Sdlm) -> None:
        self.network, self.samples, self.optimiser = network, samples, optimiser

    def start_pass(self, number: int, sample: Indices) -> None:
        h = self.network.curvature(self.samples, sample)
        self.network.set_steps(self.optimiser.rate(number) / (self.optimiser.mu + h))  # eq. 21

    def learn(self, order: Indices) -> int:
        return self.network.learn(self.samples, order)

    def state(self) -> State:
        return {"values": self.network.core.weights, "steps": self.network.core.steps}

    def restore(self, state: State) -> None:
        self.network.core.weights, self.network.core.steps = state["values"], state["steps"]

    def tensors(self) -> dict[str, FloatArray]:
        values, blocks = self.network.values, self.network.graph.blocks
        return {name: values[block.numbers] for name, block in blocks.items()}


def train_connection_graph(
    network: ConnectionGraphNetwork,
    samples: Samples,
    optimiser: Sdlm,
    passes: int,
    seed: int,
    shown: int | None = None,
) -> Iterator[float]:
    """Train in one constant random order; the error rate of each pass, before the updates.

    shown : digits of a pass, if not all; the next pass continues where the last one stopped
    """
    n = len(samples.labels)
    learner = GraphLearner(network, samples, optimiser)
    order = np.random.default_rng([seed, 1]).permutation(n)
    sample, each = min(optimiser.curvature_patterns, n), shown or n
    for number in range(1, passes + 1):
        drawn = np.random.default_rng([seed, 2, number]).choice(n, sample, replace=False)
        learner.start_pass(number, drawn)
        due = np.take(order, np.arange((number - 1) * each, number * each), mode="wrap")
        yield learner.learn(due) / each
