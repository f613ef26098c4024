"""The segmentation graph: nodes between pieces, arcs over candidates; its best path and its sums.

Every path from the first node to the last uses each piece once (section V). An arc's penalty is
added along the path; the lowest sum wins (Viterbi, eq. 10). Sums over many paths are taken with
logadd(x) = −log Σ e^−x (eqs. 13, 14), which is what confidences come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    digits: NDArray[np.float64]
    nothing: NDArray[np.float64]
    nodes: int

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

    def forward(self) -> list[float]:
        """For each node the logadd of all paths from the start to it (eq. 14)."""
        arcs = -np.logaddexp(np.logaddexp.reduce(-self.digits, axis=1), -self.nothing)
        total = [0.0] + [math.inf] * self.nodes
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            total[j] = logadd(total[j], total[i] + float(arcs[k]))
        return total

    def backward(self) -> list[float]:
        """For each node the logadd of all paths from it to the end."""
        arcs = -np.logaddexp(np.logaddexp.reduce(-self.digits, axis=1), -self.nothing)
        total = [math.inf] * self.nodes + [0.0]
        for k in range(len(arcs) - 1, -1, -1):
            i, j = self.first[k], self.last[k]
            total[i] = logadd(total[i], float(arcs[k]) + total[j])
        return total

    def saying(self, values: Sequence[int]) -> float:
        """The logadd of all paths that say exactly these digits, whatever their cuts."""
        n = len(values)
        total = np.full((self.nodes + 1, n + 1), math.inf)
        total[0, 0] = 0
        wanted = np.array(values, np.intp)
        for k, (i, j) in enumerate(zip(self.first, self.last, strict=True)):
            skipped = total[i] + self.nothing[k]
            said = np.full(n + 1, math.inf)
            said[1:] = total[i, :-1] + self.digits[k, wanted]
            total[j] = -np.logaddexp(-total[j], np.logaddexp(-skipped, -said))
        return float(total[-1, n])


def logadd(a: float, b: float) -> float:
    """−log(e^−a + e^−b), the smaller factored out."""
    if a > b:
        a, b = b, a
    return a if math.isinf(b) else a - math.log1p(math.exp(a - b))
