"""The segmentation graph: nodes between pieces, arcs over candidates; its best path and its sums.

Every path from the first node to the last uses each piece once (section V). An arc's penalty is
added along the path; the lowest sum wins (Viterbi, eq. 10). Sums over many paths are taken with
logadd(x) = −log Σ e^−x (eqs. 13, 14), which is what confidences come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import available, kernels

Doubles = NDArray[np.float64]

SPREAD = 6.0  # penalty above the best of an arc from which a digit is not followed
NOTHING = -1  # the value of an arc over ink that is no digit


class Step(NamedTuple):
    """One arc of a path: candidate number, and the digit it is read as, or NOTHING."""

    candidate: int
    value: int


@dataclass(frozen=True)
class Graph:
    """An acyclic graph, its arcs sorted by their first node.

    first, last : (n,) nodes that candidate k leads from and to; first < last
    digits : (n, 10) penalty of each digit on each arc
    nothing : (n,) penalty of being no digit, infinite where an arc may not be that
    nodes : how many pieces there are; node `nodes` is the end
    """

    first: Sequence[int]
    last: Sequence[int]
    digits: Doubles
    nothing: Doubles
    nodes: int

    @cached_property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Doubles, Doubles, int]:
        """The fields in order as the kernels take them."""
        first, last = (np.asarray(nodes, np.int64) for nodes in (self.first, self.last))
        digits, nothing = (np.ascontiguousarray(prices) for prices in (self.digits, self.nothing))
        return first, last, digits, nothing, self.nodes

    def best(self) -> tuple[float, list[Step]]:
        """The lowest sum of penalties and the path that has it; (0, []) for no pieces."""
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

    def beam_search(self, most: int) -> list[tuple[int, ...]]:
        """Texts of low penalty, at most this many, the lowest first.

        At each node the `most` likeliest texts so far are kept, each with the logadd of its paths;
        of an arc only digits within SPREAD of its best are followed.
        """
        kept: list[dict[tuple[int, ...], float]] = [{} for _ in range(self.nodes + 1)]
        kept[0][()] = 0.0
        lowest = np.minimum(self.digits.min(1), self.nothing)
        followed = self.digits <= (lowest + SPREAD)[:, None]
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            if len(kept[i]) > most:
                kept[i] = dict(sorted(kept[i].items(), key=lambda item: item[1])[:most])
            values = [(int(v), float(self.digits[k, v])) for v in np.flatnonzero(followed[k])]
            other, into = float(self.nothing[k]), kept[j]
            for text, price in kept[i].items():
                if other < math.inf:
                    into[text] = logadd(into.get(text, math.inf), price + other)
                for value, penalty in values:
                    longer = (*text, value)
                    into[longer] = logadd(into.get(longer, math.inf), price + penalty)
        return sorted(kept[-1], key=lambda text: kept[-1][text])[:most]

    def forward(self) -> list[float]:
        """For each node the logadd of all paths from the start to it (eq. 14)."""
        arcs = -np.logaddexp(np.logaddexp.reduce(-self.digits, axis=1), -self.nothing)
        total = [0.0] + [math.inf] * self.nodes
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            total[j] = logadd(total[j], total[i] + float(arcs[k]))
        return total

    def text_penalties(self, texts: Sequence[Sequence[int]]) -> Doubles:
        """For each text the logadd of all paths that say exactly it, whatever their cuts."""
        longest = max(map(len, texts))
        wanted = np.zeros((len(texts), longest), np.intp)
        for row, text in zip(wanted, texts, strict=True):
            row[: len(text)] = text
        total = np.full((self.nodes + 1, len(texts), longest + 1), math.inf)
        total[0, :, 0] = 0
        said = np.full((len(texts), longest + 1), math.inf)
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            said[:, 1:] = total[i, :, :-1] + self.digits[k, wanted]
            into = np.logaddexp(-total[j], -said)
            if self.nothing[k] < math.inf:
                into = np.logaddexp(into, -(total[i] + self.nothing[k]))
            total[j] = -into
        found: Doubles = total[-1, np.arange(len(texts)), [len(t) for t in texts]]
        return found

    def path(self, values: Sequence[int]) -> list[Step]:
        """The cheapest path that says exactly these digits; [] if there is none."""
        if not available():
            return self.path_in_python(values)
        return [Step(*step) for step in kernels().path(*self.arrays, list(values))]

    def path_in_python(self, values: Sequence[int]) -> list[Step]:
        """The same, an arc and a digit at a time."""
        n = len(values)
        total = np.full((self.nodes + 1, n + 1), math.inf)
        total[0, 0] = 0
        came: dict[tuple[int, int], Step] = {}
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            for said in range(n + 1):
                options = [(total[i, said] + self.nothing[k], NOTHING)]
                if said:
                    value = int(values[said - 1])
                    options.append((total[i, said - 1] + self.digits[k, value], value))
                price, value = min(options)
                if price < total[j, said]:
                    total[j, said], came[j, said] = price, Step(k, value)
        path: list[Step] = []
        node, said = self.nodes, n
        while (step := came.get((node, said))) is not None:
            path.append(step)
            node, said = self.first[step.candidate], said - (step.value != NOTHING)
        return path[::-1]


def logadd(a: float, b: float) -> float:
    """−log(e^−a + e^−b), the smaller factored out."""
    if a > b:
        a, b = b, a
    return a if math.isinf(b) else a - math.log1p(math.exp(a - b))
