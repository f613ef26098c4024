"""Which engine reads lines: compiled kernels where they were built, numpy everywhere else.

The choice falls once, where an engine is made; both give the same results.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

from lenet.engine.native_engine import available
from lenet.engine.select import tell_what_is_missing
from lenet.lines.line_weights import LineWeights
from lenet.lines.native_lines import NativeLinePreparation, NativeLineReader
from lenet.lines.numpy_lines import NumpyLinePreparation, NumpyLineReader

LinePreparation: TypeAlias = NativeLinePreparation | NumpyLinePreparation
LineReader: TypeAlias = NativeLineReader | NumpyLineReader


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
