"""One answer from two readings of a line: the segmentation graph's and the wide-input network's.

Each proposes its likeliest texts; each says how likely it finds every proposed text. The sum of the
two log-probabilities decides, and how far it stands above the other texts is the confidence: where
both ways, which err differently, say the same, it is high.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import available, kernels
from lenet.lines import ctc
from lenet.lines.ctc import Text
from lenet.lines.segmentation_graph import NOTHING, SPREAD, Graph
from lenet.network.plane import FloatArray

PROPOSED = 6  # texts of each way
LEAST = -25.0  # a log-probability below this says no more than that


@dataclass(frozen=True)
class NBest:
    """Texts, and the log-probability that each way gives them, (n,)."""

    texts: list[Text]
    cut: NDArray[np.float64]
    wide: NDArray[np.float64]

    def shares(self, say: float, temperature: float) -> NDArray[np.float64]:
        """How far each text is believed, (n,), together 1.

        say : how much the wide-input network counts beside the graph
        temperature : divides the sum of both, so that shares mean frequencies
        """
        beliefs = np.maximum(self.cut, LEAST) + say * np.maximum(self.wide, LEAST)
        shares: NDArray[np.float64] = np.exp((beliefs - beliefs.max()) / temperature)
        shares /= shares.sum()
        return shares


@dataclass(frozen=True)
class CombinedText:
    """The text that is believed most, and all texts with their shares."""

    text: Text
    share: float
    texts: list[Text]
    shares: NDArray[np.float64]

    def beliefs(self) -> list[list[float]]:
        """For each place of the answer the belief in each digit there, (len(text), 10)."""
        beliefs = [[0.0] * 10 for _ in self.text]
        for text, share in zip(self.texts, self.shares.tolist(), strict=True):
            if len(text) == len(self.text):
                for place, value in zip(beliefs, text, strict=True):
                    place[value] += share
        return beliefs


def n_best(graph: Graph, places: FloatArray) -> NBest:
    """What both ways propose; places (n, 11) are log-probabilities of the wide-input network."""
    if not available():
        return n_best_in_python(graph, places)
    row = np.ascontiguousarray(places, np.float32)
    texts, *scores = kernels().proposals(*graph.arrays, row, PROPOSED, SPREAD, ctc.LEAST)
    return NBest([tuple(text) for text in texts], *map(np.array, scores))


def n_best_in_python(graph: Graph, places: FloatArray) -> NBest:
    """The same, one search and one sum after another."""
    _, path = graph.best()
    best = tuple(step.value for step in path if step.value != NOTHING)
    proposed = [best, *graph.beam_search(PROPOSED), *ctc.beam_search(places, PROPOSED)]
    texts = list(dict.fromkeys(proposed))
    sum_of_all = graph.forward()[-1]
    return NBest(
        texts, sum_of_all - graph.text_penalties(texts), ctc.log_likelihoods(places, texts)
    )


def combine(graph: Graph, places: FloatArray, say: float, temperature: float) -> CombinedText:
    """What both ways together believe; see `NBest`."""
    found = n_best(graph, places)
    shares = found.shares(say, temperature)
    best = int(shares.argmax())
    return CombinedText(found.texts[best], float(shares[best]), found.texts, shares)
