"""One line of digits: its ink, its pieces, the best path through their graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.preparation.box import Box
from lenet.preparation.candidates import Candidates, candidates_of
from lenet.preparation.image import Grey
from lenet.preparation.pieces import Pieces, pieces_of
from lenet.preparation.rules import without_rules
from lenet.preparation.writing import at_working_height, find_writing
from lenet.reading.arcs import Scorer
from lenet.reading.graph import NOTHING, Graph
from lenet.reading.result import Digit, Line

SMALL = 16  # pixels at working height: lower text is looked at again, closer
OTHERS = 2  # alternatives that a digit names
MARGIN = 0.6  # of the text height, around text that is looked at closer


@dataclass(frozen=True)
class Prepared:
    """A line cut into pieces.

    scale : pixels here per pixel of the image;  top, left : where the line lies in the image
    """

    pieces: Pieces
    scale: float
    top: int = 0
    left: int = 0

    def box(self, inner: Sequence[int]) -> Box:
        """A box of the line, (top, left, bottom, right), in pixels of the image."""
        top, left, bottom, right = (int(side) / self.scale for side in inner)
        return Box(
            self.top + math.floor(top),
            self.left + math.floor(left),
            self.top + math.ceil(bottom),
            self.left + math.ceil(right),
        )


def prepared_line(grey: Grey) -> Prepared:
    """The pieces of a line of shape (h, w), 0 black … 1 white; small writing is enlarged."""
    line, scale = at_working_height(grey)
    found = Prepared(pieces_of(without_rules(find_writing(line))), scale)
    if not len(found.pieces) or found.pieces.height >= SMALL:
        return found
    boxes = found.pieces.boxes
    tall = boxes[boxes[:, 2] - boxes[:, 0] > 0.6 * found.pieces.height]
    tall = tall if len(tall) else boxes
    inner = (*tall[:, :2].min(0), *tall[:, 2:].max(0))
    margin = math.ceil(MARGIN * found.pieces.height / scale)
    box = found.box(inner)
    top, left = max(0, box.top - margin), max(0, box.left - margin)
    closer = grey[top : box.bottom + margin, left : box.right + margin]
    line, scale = at_working_height(closer)
    return Prepared(pieces_of(without_rules(find_writing(line))), scale, top, left)


def read_line(grey: Grey, scorer: Scorer) -> Line:
    """The digits of a line of shape (h, w), 0 black … 1 white."""
    line = prepared_line(grey)
    if not len(line.pieces):
        return Line((), 1.0)
    return decoded(line, candidates_of(line.pieces), scorer)


def decoded(line: Prepared, found: Candidates, scorer: Scorer) -> Line:
    """The best path, and confidences from sums over all paths."""
    graph = scorer.arcs(found).graph(len(line.pieces), scorer.weights.temperature)
    _, path = graph.best()
    steps = [step for step in path if step.value != NOTHING]
    forward, backward = graph.forward(), graph.backward()
    digits = []
    for k, value in steps:
        shares = _shares(graph, forward, backward, k)
        others = [(int(v), float(shares[v])) for v in np.argsort(-shares) if v != value]
        box, image = line.box(found.boxes[k]), found.images[k]
        digits.append(Digit(value, float(shares[value]), box, image, tuple(others[:OTHERS])))
    said = graph.saying([step.value for step in steps])
    return Line(tuple(digits), _probability(said - forward[-1]))


def _shares(
    graph: Graph, forward: list[float], backward: list[float], arc: int
) -> NDArray[np.float64]:
    """For each digit the share of all paths that go over this arc and say it there, (10,)."""
    through = forward[graph.first[arc]] + graph.digits[arc] + backward[graph.last[arc]]
    shares: NDArray[np.float64] = np.exp(-np.maximum(0, through - forward[-1]))
    return shares


def _probability(penalty: float) -> float:
    return math.exp(-max(0.0, penalty))
