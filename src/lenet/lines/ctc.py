"""Decoding the SDNN's outputs: connectionist temporal classification (Graves et al. 2006).

At each place stands a digit or NEW, CTC's blank. Equal digits side by side are one unless NEW
separates them, so many rows of classes read as the same text; their probabilities add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lenet.network.plane import FloatArray
from lenet.network.sdnn import NEW

Text = tuple[int, ...]

MIN_LOG_PROB = -6.0  # below which a class at a place is not followed
NEVER = -math.inf


def _plus(a: float, b: float) -> float:
    """log(e^a + e^b)."""
    if a < b:
        a, b = b, a
    return a if b == NEVER else a + math.log1p(math.exp(b - a))


def beam_search(outputs: FloatArray, beam: int) -> list[Text]:
    """The most probable texts by beam search along the row, at most `beam`, best first.

    outputs : (places, 11) log-probabilities. Of each text found so far two sums are kept: over rows
    that end in its last digit, and over rows that end in NEW.
    """
    kept: dict[Text, tuple[float, float]] = {(): (NEVER, 0.0)}
    for place in outputs.tolist():
        digits = [v for v in range(NEW) if place[v] > MIN_LOG_PROB]
        grown: dict[Text, tuple[float, float]] = {}
        for text, (ends, new) in kept.items():
            total, last = _plus(ends, new), text[-1] if text else NEW
            stay = ends + place[last] if text else NEVER
            before = grown.get(text, (NEVER, NEVER))
            grown[text] = _plus(before[0], stay), _plus(before[1], total + place[NEW])
            for v in digits:
                longer = (*text, v)
                before = grown.get(longer, (NEVER, NEVER))
                source = new if v == last else total
                grown[longer] = _plus(before[0], source + place[v]), before[1]
        order = sorted(grown, key=lambda text: -_plus(*grown[text]))
        kept = {text: grown[text] for text in order[:beam]}
    return list(kept)


def log_likelihoods(outputs: FloatArray, texts: Sequence[Text]) -> NDArray[np.float64]:
    """For each text the log-probability of all its rows."""
    rows, longest = np.arange(len(texts)), 2 * max(map(len, texts)) + 1
    states = np.full((len(texts), longest), NEW, np.intp)
    skips = np.zeros((len(texts), longest), bool)
    for k, text in enumerate(texts):
        states[k, : 2 * len(text) + 1] = _states(text)
        skips[k] = _skips(states[k])
    skipped = np.where(skips[:, 2:], 0.0, NEVER)
    wanted = outputs.astype(np.float64)[:, states]  # (places, texts, states)
    total = np.full(states.shape, NEVER)
    total[:, :2] = wanted[0, :, :2]
    for place in wanted[1:]:
        came = total.copy()
        came[:, 1:] = np.logaddexp(came[:, 1:], total[:, :-1])
        came[:, 2:] = np.logaddexp(came[:, 2:], total[:, :-2] + skipped)
        total = came + place
    ends = np.array([2 * len(text) for text in texts])
    on_digit = np.where(ends > 0, total[rows, np.maximum(ends - 1, 0)], NEVER)
    found: NDArray[np.float64] = np.logaddexp(total[rows, ends], on_digit)
    return found


def align(outputs: FloatArray, text: Text) -> list[tuple[int, int]]:
    """The places, first and last + 1, of each digit in the text's most probable row."""
    states = _states(text)
    wanted, skips = outputs[:, states].astype(np.float64), _skips(states)
    total = np.full(len(states), NEVER)
    total[:2] = wanted[0, :2]
    came = np.zeros(wanted.shape, np.intp)
    for at, place in enumerate(wanted[1:], 1):
        options = np.full((3, len(states)), NEVER)
        options[0] = total
        options[1, 1:] = total[:-1]
        options[2, 2:] = np.where(skips[2:], total[:-2], NEVER)
        came[at] = options.argmax(0)
        total = options.max(0) + place
    state = len(states) - 1 - int(len(states) > 1 and total[-2] > total[-1])
    row = np.empty(len(wanted), np.intp)
    for at in range(len(wanted) - 1, -1, -1):
        row[at] = state
        state -= int(came[at, state])
    stands = [np.flatnonzero(row == 2 * k + 1) for k in range(len(text))]
    return [(int(s[0]), int(s[-1]) + 1) if len(s) else (0, 0) for s in stands]


def _states(text: Text) -> NDArray[np.intp]:
    """NEW, first digit, NEW, second digit, …, NEW; (2 n + 1,)."""
    states = np.full(2 * len(text) + 1, NEW, np.intp)
    states[1::2] = text
    return states


def _skips(states: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Where a row may come from two states before: a digit that differs from the one before."""
    skips = np.zeros(len(states), bool)
    skips[2:] = (states[2:] != NEW) & (states[2:] != states[:-2])
    return skips
