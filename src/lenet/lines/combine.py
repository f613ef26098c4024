"""One text from two readings of a line: the segmentation graph's and the SDNN's.

Each proposes its most probable texts and scores those of both. The weighted sum of the two
log-probabilities decides; its margin over the other texts gives the confidence, which is high where
both readings, whose errors differ, agree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.lines import ctc
from lenet.lines.ctc import Text
from lenet.lines.segmentation_graph import NOTHING, Graph
from lenet.network.plane import FloatArray

BEAM = 6  # texts of each reading
MIN_LOG_PROB = -25.0  # a text's log-probability counts for no less


class NBest(NamedTuple):
    """Texts and their log-probabilities by the graph and by the SDNN, (n,)."""

    texts: list[Text]
    graph: NDArray[np.float64]
    sdnn: NDArray[np.float64]

    def scores(self, sdnn_weight: float) -> NDArray[np.float64]:
        """The weighted sum of both log-probabilities, (n,)."""
        least = MIN_LOG_PROB
        total: NDArray[np.float64]
        total = np.maximum(self.graph, least) + sdnn_weight * np.maximum(self.sdnn, least)
        return total

    def best(self, sdnn_weight: float) -> Text:
        """The text of the highest score."""
        return self.texts[int(self.scores(sdnn_weight).argmax())]


class CombinedText(NamedTuple):
    """The most probable text, and all texts with their probabilities."""

    text: Text
    probability: float
    texts: list[Text]
    probabilities: NDArray[np.float64]

    def digit_probabilities(self) -> list[list[float]]:
        """For each position of the text the probability of each digit, (len(text), 10)."""
        found = [[0.0] * 10 for _ in self.text]
        for text, probability in zip(self.texts, self.probabilities.tolist(), strict=True):
            if len(text) == len(self.text):
                for position, value in zip(found, text, strict=True):
                    position[value] += probability
        return found


def n_best(graph: Graph, outputs: FloatArray) -> NBest:
    """What both readings propose; outputs (places, 11) are the SDNN's log-probabilities."""
    _, path = graph.best()
    best = tuple(step.value for step in path if step.value != NOTHING)
    proposed = [best, *graph.beam_search(BEAM), *ctc.beam_search(outputs, BEAM)]
    texts = list(dict.fromkeys(proposed))
    graph_scores = graph.forward()[-1] - graph.text_penalties(texts)
    return NBest(texts, graph_scores, ctc.log_likelihoods(outputs, texts))


def combine(found: NBest, sdnn_weight: float, temperature: float) -> CombinedText:
    """The text that both readings together find most probable; the temperature calibrates."""
    scores = found.scores(sdnn_weight)
    best = int(scores.argmax())
    probabilities = np.exp((scores - scores[best]) / temperature)
    probabilities /= probabilities.sum()
    return CombinedText(found.texts[best], float(probabilities[best]), found.texts, probabilities)
