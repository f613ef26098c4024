"""How far the readings of a line are to be believed, fitted on composed lines of other writers."""

from __future__ import annotations

import numpy as np

from lenet.data.digits import Digits
from lenet.lines.arc_scores import Scorer
from lenet.lines.candidate_labels import cut_line
from lenet.lines.candidates import candidates_of
from lenet.lines.combine import NBest, n_best
from lenet.lines.line_image import line_image_of
from lenet.lines.line_weights import LineWeights

TEMPERATURES = tuple(float(t) for t in np.geomspace(0.5, 8.0, 49))
SEED = 1_000_003  # of the lines, apart from those learnt


def fit_temperature(weights: LineWeights, digits: Digits, lines: int) -> float:
    """The temperature of least loss on composed lines, at the say that the weights' card gives.

    The loss is minus the log of the share that the right text has; a text that neither way proposes
    is no part of it, for no temperature can find it. 1 where nothing is proposed rightly.
    """
    scorer = Scorer(weights)
    asked: list[tuple[NBest, int]] = []
    for number in range(lines):
        line, pieces = cut_line(digits, SEED, number)
        if not len(pieces):
            continue
        graph = scorer.graph(candidates_of(pieces), len(pieces))
        found = n_best(graph, scorer.wide(line_image_of(pieces).ink))
        right = tuple(int(value) for value in line.labels)
        if right in found.texts:
            asked.append((found, found.texts.index(right)))
    if not asked:
        return 1.0

    def loss(temperature: float) -> float:
        shares = [found.shares(weights.sdnn_weight, temperature)[k] for found, k in asked]
        return float(-np.log(np.array(shares) + 1e-9).mean())

    return min(TEMPERATURES, key=loss)
