"""What each candidate may be: the network's penalties joined with size, place and neighbours.

The network sees a candidate's shape at a fixed size, so a point is a 0 to it and a cell's border a
1. A small layer beside it sees penalties and places together and knows 12 classes: ten digits,
fragments (parts of digits, several at once), and ink that belongs to no digit. Which of the digits
it is, the network that reads single digits has a say in: it errs differently.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import available, kernels
from lenet.engine.select import best_engine, best_sdnn_engine
from lenet.lines.candidates import Candidates
from lenet.lines.line_weights import (
    LEAST_SHARE,
    SCALE,
    ContextLayer,
    LineWeights,
    features,
    posteriors,
)
from lenet.lines.segmentation_graph import Graph
from lenet.network.plane import ByteArray, FloatArray

PIECES_WEIGH = 0.5  # how much a digit of n pieces weighs more than one of a single piece
NOTHING_COSTS = 2.0  # what calling a piece no digit costs besides
OUTSIDE = 1.0  # how far arcs that a path leaves out must be no digits


@dataclass(frozen=True)
class Arcs:
    """Log-probabilities of the 12 classes for each of n candidates, (n, 12)."""

    found: Candidates
    shares: NDArray[np.float64]

    def graph(self, pieces: int) -> Graph:
        """The segmentation graph over this many pieces, in numpy."""
        shares, found = self.shares, self.found
        span = found.last - found.first
        none = np.logaddexp(shares[:, 10], shares[:, 11])
        weight = 1 + PIECES_WEIGH * (span - 1)
        digits = -shares[:, :10] * weight[:, None] + OUTSIDE * none[:, None]
        digit = np.logaddexp.reduce(shares[:, :10], axis=1)
        some = np.logaddexp(shares[:, 10], digit)
        nothing = np.where(span == 1, -shares[:, 11] + OUTSIDE * some + NOTHING_COSTS, np.inf)
        return Graph(found.first.tolist(), found.last.tolist(), digits, nothing, pieces)


class Scorer:
    """The network for candidates, the layer that knows their places, the wide-input network."""

    def __init__(self, weights: LineWeights, threads: int = 1) -> None:
        self.weights = weights
        self.layer: ContextLayer = weights.layer
        self._network = best_engine(weights.network, threads)
        self._second = best_engine(weights.digit_network, threads)
        self.wide = best_sdnn_engine(weights.sdnn)
        if available():
            constants = (LEAST_SHARE, SCALE, PIECES_WEIGH, NOTHING_COSTS, OUTSIDE)
            tensors = (np.ascontiguousarray(t, np.float32) for t in vars(self.layer).values())
            self._prices = kernels().ArcPrices(*tensors, (weights.rubbish, *constants))

    def graph(self, found: Candidates, pieces: int) -> Graph:
        """The segmentation graph over this many pieces."""
        if not available():
            return self.arcs(found).graph(pieces)
        digits, nothing = np.empty((len(found), 10)), np.empty(len(found))
        penalties = self.penalties(found.images)
        places = np.ascontiguousarray(found.context)
        first, last = (np.ascontiguousarray(ends, np.int64) for ends in (found.first, found.last))
        self._prices.price(penalties, places, first, last, digits, nothing)
        return Graph(first.tolist(), last.tolist(), digits, nothing, pieces)

    def arcs(self, found: Candidates) -> Arcs:
        """What each candidate may be."""
        return Arcs(found, self.layer(self.inputs(found)))

    def inputs(self, found: Candidates) -> FloatArray:
        """The layer's inputs, (n, 11 + FEATURES)."""
        penalties = self.penalties(found.images)
        return features(penalties, self.weights.rubbish, found.context)

    def penalties(self, images: ByteArray) -> FloatArray:
        """Of digit images (n, 28, 28), (n, 10): which digit by both networks, whether any by ours.

        In the shares of eq. 9: the digits' among themselves are a weighted geometric mean, and what
        is left to rubbish stays.
        """
        own, say = self._network.penalties(images), self.weights.digit_network_weight
        other = self._second.penalties(images) / self.weights.digit_network.temperature
        mixed = (1 - say) * own + say * other
        mixed += np.logaddexp.reduce(-mixed, axis=1, keepdims=True)
        mixed -= np.logaddexp.reduce(-own, axis=1, keepdims=True)
        return mixed.astype(np.float32)

    def digitness(self, image: ByteArray) -> float:
        """The belief, 0 … 1, that a digit image (28, 28) shows a digit: eq. 9's classes but j's."""
        shares = posteriors(self._network.penalties(image[None]), self.weights.rubbish)
        return 1 - float(np.exp(shares[0, 10]))
