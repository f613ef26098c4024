"""Learning by SDLM of any network that is given as a list of its connections.

The rule is `sdlm`'s (appendix C), in compiled kernels. Here nothing is known of layers or maps, so
that whatever two networks do differently comes from their connections alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import kernels
from lenet.network.connection_graph import ConnectionGraph
from lenet.network.plane import BYTE_TO_PLANE, ByteArray, FloatArray
from lenet.training.optimisers import Sdlm


@dataclass(frozen=True)
class Samples:
    """What a wired network learns: images, uint8 (n, inputs), and labels, int64 (n,)."""

    images: ByteArray
    labels: NDArray[np.int64]


class ConnectionGraphNetwork:
    """A wiring with its weights, in compiled kernels.

    values : one for each weight, float32, in the wiring's order
    """

    def __init__(self, wiring: ConnectionGraph, values: FloatArray, kernels_for: str = "") -> None:
        self.wiring = wiring
        shared = np.concatenate(
            [np.full(block.fan_in.size, block.shared) for block in wiring.blocks.values()]
        )
        self.kept = np.argsort(~shared, kind="stable")  # the kernels want the shared ones first
        place = np.empty_like(self.kept)
        place[self.kept] = np.arange(len(place))
        runs = np.concatenate([layer.reshape(-1, 3) for layer in wiring.runs])
        runs[:, 1] = place[runs[:, 1]]
        counts = np.concatenate([np.full(len(layer), layer.shape[1]) for layer in wiring.runs])
        biases = np.concatenate(wiring.biases)
        self.core = kernels().WiredLearner(
            np.array(wiring.ends, np.int32),
            np.array(wiring.squashed, np.uint8),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            runs.astype(np.int32),
            np.where(biases < 0, -1, place[biases]).astype(np.int32),
            int(shared.sum()),
            np.ascontiguousarray(wiring.codes, np.float32),
            np.ascontiguousarray(values, np.float32)[self.kept],
            kernels_for,
        )

    @property
    def values(self) -> FloatArray:
        """The weights now, in the wiring's order."""
        return self._in_order(self.core.weights)

    def curvature(self, lesson: Samples, sample: NDArray[np.int64]) -> FloatArray:
        """h_kk of every weight, averaged over these digits of the lesson, in the wiring's order."""
        labels = lesson.labels.astype(np.int32)
        return self._in_order(self.core.curvature(lesson.images, labels, BYTE_TO_PLANE, sample))

    def set_steps(self, steps: FloatArray) -> None:
        """ε of eq. 18 for every weight; what does not learn stays where it is all the same."""
        learning = (steps * self.wiring.flat("trained")).astype(np.float32)
        self.core.steps = learning[self.kept]

    def learn(self, lesson: Samples, order: NDArray[np.int64]) -> int:
        """One update per digit of the order; how many were answered wrongly before theirs."""
        labels = lesson.labels.astype(np.int32)
        errors: int = self.core.learn(lesson.images, labels, BYTE_TO_PLANE, order)
        return errors

    def penalties(self, images: ByteArray) -> FloatArray:
        """(n, 10) for images, uint8 (n, inputs); the lowest wins."""
        found: FloatArray = self.core.penalties(images, BYTE_TO_PLANE)
        return found

    def _in_order(self, numbers: FloatArray) -> FloatArray:
        given = np.empty_like(numbers)
        given[self.kept] = numbers
        return given


def train_connection_graph(
    network: ConnectionGraphNetwork,
    lesson: Samples,
    method: Sdlm,
    count: int,
    seed: int,
    shown: int | None = None,
) -> Iterator[float]:
    """Learn the digits `count` times in one constant random order; the error rate of each pass.

    shown : digits a pass shows, where there are more of them than a pass has time for; the order is
        then gone through from where the last pass stopped, round and round
    """
    n = len(lesson.labels)
    order = np.random.default_rng([seed, 1]).permutation(n)
    sample, each = min(method.curvature_patterns, n), shown or n
    for number in range(1, count + 1):
        drawn = np.random.default_rng([seed, 2, number]).choice(n, sample, replace=False)
        h = network.curvature(lesson, drawn)
        network.set_steps(method.rate(number) / (method.mu + h))  # eq. 21
        due = np.take(order, np.arange((number - 1) * each, number * each), mode="wrap")
        yield network.learn(lesson, due) / each
