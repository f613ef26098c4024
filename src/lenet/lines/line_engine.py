"""Which engine reads lines: compiled kernels where they were built, numpy everywhere else.

The choice falls once, where an engine is made; both give the same results.
"""

from __future__ import annotations

from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import available
from lenet.engine.select import tell_what_is_missing
from lenet.lines.line_weights import LineWeights
from lenet.lines.native_lines import NativeLinePreparation, NativeLineReader
from lenet.lines.numpy_lines import CutLine, LineText, NumpyLinePreparation, NumpyLineReader
from lenet.preprocessing.image import Grey


class LinePreparation(Protocol):
    """See `NumpyLinePreparation`."""

    def cut(self, grey: Grey, *, closer: bool = False) -> CutLine: ...
    def page_parts(
        self, grey: Grey, field: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]: ...


class LineReader(LinePreparation, Protocol):
    """See `NumpyLineReader`."""

    weights: LineWeights

    def read(self, grey: Grey, *, closer: bool = True) -> LineText | None: ...


@cache
def line_preparation() -> LinePreparation:
    """What cuts lines, for training data."""
    return NativeLinePreparation() if available() else NumpyLinePreparation()


def best_line_reader(weights: LineWeights, threads: int = 1) -> LineReader:
    """What reads lines with these weights; `threads` work on one line's candidates."""
    if available():
        return NativeLineReader(weights, threads)
    tell_what_is_missing()
    return NumpyLineReader(weights)
