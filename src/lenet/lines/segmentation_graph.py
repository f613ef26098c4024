"""The segmentation graph: nodes between segments, arcs over candidates; its best path and its sums.

Every path from the first node to the last uses each segment once (section V). An arc's penalty is
added along the path; the lowest sum wins (Viterbi, eq. 10). Sums over many paths are taken with
logadd(x) = −log Σ e^−x (eqs. 13, 14), which is what confidences come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.lines.candidates import Candidates

Doubles = NDArray[np.float64]

SPREAD = 6.0  # penalty above the best of an arc beyond which a digit is not followed
NOTHING = -1  # the value of an arc over ink that is no digit
SEGMENT_WEIGHT = 0.5  # how much a digit of n segments weighs more than one of a single segment
NOTHING_COST = 2.0  # what calling a segment no digit costs besides
OUTSIDE = 1.0  # the weight of the arcs that a path leaves out, which must be no digits


class Step(NamedTuple):
    """One arc of a path: candidate number, and the digit it is read as, or NOTHING."""

    candidate: int
    value: int


class Graph(NamedTuple):
    """An acyclic graph, its arcs sorted by their first node.

    first, last : (n,) nodes that candidate k leads from and to; first < last
    digits : (n, 10) penalty of each digit on each arc
    nothing : (n,) penalty of being no digit, infinite where an arc may not be that
    nodes : how many segments there are; node `nodes` is the end
    """

    first: Sequence[int]
    last: Sequence[int]
    digits: Doubles
    nothing: Doubles
    nodes: int

    def best(self) -> tuple[float, list[Step]]:
        """The lowest sum of penalties and the path that has it; (0, []) for no segments."""
        values = self.digits.argmin(1)
        lowest = self.digits.min(1)
        total = [0.0] + [math.inf] * self.nodes
        came: list[Step | None] = [None] * (self.nodes + 1)
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            digit, other = float(lowest[k]), float(self.nothing[k])
            step = Step(k, int(values[k])) if digit <= other else Step(k, NOTHING)
            price = total[i] + min(digit, other)
            if price < total[j]:
                total[j], came[j] = price, step
        path: list[Step] = []
        node = self.nodes
        while (step_to := came[node]) is not None:
            path.append(step_to)
            node = self.first[step_to.candidate]
        return total[-1], path[::-1]

    def beam_search(self, beam: int) -> list[tuple[int, ...]]:
        """Texts of low penalty, at most `beam`, the lowest first.

        At each node the `beam` best texts so far are kept, each with the logadd of its paths;
        of an arc only digits within SPREAD of its best are followed.
        """
        kept: list[dict[tuple[int, ...], float]] = [{} for _ in range(self.nodes + 1)]
        kept[0][()] = 0.0
        lowest = np.minimum(self.digits.min(1), self.nothing)
        followed = self.digits <= (lowest + SPREAD)[:, None]
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            if len(kept[i]) > beam:
                kept[i] = dict(sorted(kept[i].items(), key=lambda item: item[1])[:beam])
            values = [(int(v), float(self.digits[k, v])) for v in np.flatnonzero(followed[k])]
            other, into = float(self.nothing[k]), kept[j]
            for text, price in kept[i].items():
                if other < math.inf:
                    into[text] = logadd(into.get(text, math.inf), price + other)
                for value, penalty in values:
                    longer = (*text, value)
                    into[longer] = logadd(into.get(longer, math.inf), price + penalty)
        return sorted(kept[-1], key=lambda text: kept[-1][text])[:beam]

    def forward(self) -> list[float]:
        """For each node the logadd of all paths from the start to it (eq. 14)."""
        arcs = -np.logaddexp(np.logaddexp.reduce(-self.digits, axis=1), -self.nothing)
        total = [0.0] + [math.inf] * self.nodes
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            total[j] = logadd(total[j], total[i] + float(arcs[k]))
        return total

    def text_penalties(self, texts: Sequence[Sequence[int]]) -> Doubles:
        """For each text the logadd of all its paths, whatever their cuts."""
        longest = max(map(len, texts))
        wanted = np.zeros((len(texts), longest), np.intp)
        for row, text in zip(wanted, texts, strict=True):
            row[: len(text)] = text
        total = np.full((self.nodes + 1, len(texts), longest + 1), math.inf)
        total[0, :, 0] = 0
        one_more = np.full((len(texts), longest + 1), math.inf)
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            one_more[:, 1:] = total[i, :, :-1] + self.digits[k, wanted]
            into = np.logaddexp(-total[j], -one_more)
            if self.nothing[k] < math.inf:
                into = np.logaddexp(into, -(total[i] + self.nothing[k]))
            total[j] = -into
        found: Doubles = total[-1, np.arange(len(texts)), [len(t) for t in texts]]
        return found

    def path(self, values: Sequence[int]) -> list[Step]:
        """The cheapest path that reads exactly these digits; [] if there is none."""
        n = len(values)
        total = np.full((self.nodes + 1, n + 1), math.inf)
        total[0, 0] = 0
        came: dict[tuple[int, int], Step] = {}
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            for read in range(n + 1):
                options = [(total[i, read] + self.nothing[k], NOTHING)]
                if read:
                    value = int(values[read - 1])
                    options.append((total[i, read - 1] + self.digits[k, value], value))
                price, value = min(options)
                if price < total[j, read]:
                    total[j, read], came[j, read] = price, Step(k, value)
        path: list[Step] = []
        node, read = self.nodes, n
        while (step := came.get((node, read))) is not None:
            path.append(step)
            node, read = self.first[step.candidate], read - (step.value != NOTHING)
        return path[::-1]


def logadd(a: float, b: float) -> float:
    """−log(e^−a + e^−b), the smaller factored out."""
    if a > b:
        a, b = b, a
    return a if math.isinf(b) else a - math.log1p(math.exp(a - b))


def graph_of(candidates: Candidates, log_probs: Doubles, segments: int) -> Graph:
    """The segmentation graph over this many segments.

    log_probs : (n, 12) of each candidate's classes: ten digits, fragment, no digit
    """
    span = candidates.last - candidates.first
    none = np.logaddexp(log_probs[:, 10], log_probs[:, 11])
    weight = 1 + SEGMENT_WEIGHT * (span - 1)
    digits = -log_probs[:, :10] * weight[:, None] + OUTSIDE * none[:, None]
    digit = np.logaddexp.reduce(log_probs[:, :10], axis=1)
    some = np.logaddexp(log_probs[:, 10], digit)
    nothing = np.where(span == 1, -log_probs[:, 11] + OUTSIDE * some + NOTHING_COST, np.inf)
    return Graph(candidates.first.tolist(), candidates.last.tolist(), digits, nothing, segments)
