"""How far the readings of a line are to be believed, fitted on composed lines of other writers."""

from __future__ import annotations

import numpy as np

from lenet.data.digits import Digits
from lenet.data.segments import cut_line
from lenet.network.strings import StringWeights
from lenet.preparation.candidates import candidates_of
from lenet.preparation.strip import strip_of
from lenet.reading.agreed import Proposals, proposals
from lenet.reading.arcs import Scorer

SAYS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8)  # of the wide-input network beside the graph
TEMPERATURES = tuple(float(t) for t in np.geomspace(0.5, 8.0, 25))
SEED = 1_000_003  # of the lines, apart from those learnt


def fit_belief(weights: StringWeights, digits: Digits, lines: int) -> tuple[float, float]:
    """The wide-input network's say, then the temperature, of least loss on composed lines.

    The loss is minus the log of the share that the right text has; a text that neither way proposes
    is no part of it, for no weighing can find it.
    """
    scorer = Scorer(weights)
    asked: list[tuple[Proposals, int]] = []
    for number in range(lines):
        line, pieces = cut_line(digits, SEED, number)
        if not len(pieces):
            continue
        graph = scorer.arcs(candidates_of(pieces)).graph(len(pieces))
        found = proposals(graph, weights.wide(strip_of(pieces).ink))
        right = tuple(int(value) for value in line.labels)
        if right in found.texts:
            asked.append((found, found.texts.index(right)))

    if not asked:
        return 1.0, 1.0

    def loss(say: float, temperature: float) -> float:
        return float(-np.mean([np.log(p.shares(say, temperature)[k] + 1e-9) for p, k in asked]))

    return min(((s, t) for s in SAYS for t in TEMPERATURES), key=lambda pair: loss(*pair))
