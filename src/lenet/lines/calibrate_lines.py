"""How far the readings of a line are to be believed, fitted on composed lines of other writers."""

from __future__ import annotations

import numpy as np

from lenet.data.digits import Digits
from lenet.lines.combine import NBest
from lenet.lines.line_engine import best_line_reader
from lenet.lines.line_weights import LineWeights
from lenet.lines.synthetic import compose

TEMPERATURES = tuple(float(t) for t in np.geomspace(0.5, 8.0, 49))
SEED = 1_000_003  # of the lines, apart from those learnt


def fit_temperature(weights: LineWeights, digits: Digits, lines: int) -> float:
    """The temperature of least loss on composed lines, at the say that the weights' card gives.

    The loss is minus the log of the share that the right text has; a text that neither way proposes
    is no part of it, for no temperature can find it. 1 where nothing is proposed rightly.
    """
    reader = best_line_reader(weights)
    asked: list[tuple[NBest, int]] = []
    for number in range(lines):
        line = compose(digits, np.random.default_rng([SEED, number]))
        text = reader.read(line.grey, closer=False)
        right = tuple(int(value) for value in line.labels)
        if text is not None and right in text.n_best.texts:
            asked.append((text.n_best, text.n_best.texts.index(right)))
    if not asked:
        return 1.0

    def loss(temperature: float) -> float:
        shares = [found.probabilities(weights.sdnn_weight, temperature)[k] for found, k in asked]
        return float(-np.log(np.array(shares) + 1e-9).mean())

    return min(TEMPERATURES, key=loss)
