"""The weights of a reader: of single digits, of lines, and of signs."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lenet.lines.line_weights import (
    DIGIT_NETWORK,
    LineWeights,
    load_line_weights,
    save_line_weights,
)
from lenet.lines.signs import SIGN_FOLDER, sign_weights
from lenet.network.weights import Weights, load_weights, save_weights

LINES = "lines"  # the folder with what reads lines, beside the weights for single digits


class ReaderWeights(NamedTuple):
    """What a reader works with.

    digits : the network for single digits
    lines : the networks for lines
    signs : the network for the signs in them
    """

    digits: Weights
    lines: LineWeights
    signs: Weights

    def save(self, folder: Path) -> None:
        """Write weights as `load_reader_weights` finds them."""
        save_weights(folder, self.digits.tensors, self.digits.card)
        save_line_weights(folder / LINES, self.lines)
        save_weights(folder / LINES / SIGN_FOLDER, self.signs.tensors, self.signs.card)


def load_reader_weights(weights: str | Path | Weights | ReaderWeights | None) -> ReaderWeights:
    """Those of an adapted folder; else those for single digits, with the shipped ones for lines.

    weights : shipped name, file or folder; None for the shipped ones throughout
    """
    if isinstance(weights, ReaderWeights):
        return weights
    chosen = DIGIT_NETWORK if weights is None else weights
    digits = chosen if isinstance(chosen, Weights) else load_weights(chosen)
    own = None if isinstance(chosen, Weights) else Path(chosen) / LINES
    if own is None or not own.is_dir():
        return ReaderWeights(digits, load_line_weights(), sign_weights())
    lines = load_line_weights.__wrapped__(own)  # not the cached one: a folder can be made anew
    return ReaderWeights(digits, lines, load_weights(own / SIGN_FOLDER))
