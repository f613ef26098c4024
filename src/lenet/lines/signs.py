"""The signs of a line: a network looks at the ink before, between and after the digits.

A LeNet-5 with these classes for its outputs sees each gap in 28×28, the text SEEN_HEIGHT high. What
is as high as a digit is shown pale, so that a small sign beside it stands out.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lenet.engine.select import best_engine
from lenet.lines.line_engine import line_preparation
from lenet.lines.line_weights import SHIPPED
from lenet.lines.numpy_lines import LineText, size_of
from lenet.lines.oversegmentation import INKED
from lenet.network.confidence import probabilities
from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.network.weights import Weights, load_weights
from lenet.preprocessing.image import Box

SIGN_FOLDER = "signs"  # beside the weights for lines
SIGNS = ("", ".", ",", "-", "/", ":")  # the network's classes; "" is bare paper or part of a digit
OUTSIDE = ("", "-")  # what stands before the first digit or after the last
SEEN_HEIGHT = 17.5  # pixels of the 28 that the text is brought to
TALL = 0.55  # of the text height: what is lower may be a sign
PALE = np.float32(0.4)  # the share of its ink with which the rest is shown
BESIDE = 0.4  # of the text height: how far from the outer digits' edges the network looks
BELOW = 0.3  # of the text height: how far a comma reaches below the digits
# Decimals, thousands, dates, times and telephone numbers, amounts without cents.
USUAL = re.compile(
    r"-?\d+([.,]\d+)?|-?\d{1,3}([.,])\d{3}(\2\d{3})*([.,]\d+)?|\d+([-/.:])\d+(\5\d+)*|\d+[.,]-"
)
UNUSUAL = 0.2  # factor on the probability of a text of another form
LIKELY = 0.02  # probability of a sign that is considered
MOST = 4096  # texts that are compared; in more, each gap has its likeliest sign


class FoundSign(NamedTuple):
    """What stands in one gap of a line.

    sign : one of SIGNS
    probability : 0 … 1, that it is this
    box : around it in the image; in an empty gap, around the gap
    """

    sign: str
    probability: float
    box: Box


class SignReader:
    """Reads signs with these weights; their card names the temperature that calibrates them."""

    def __init__(self, weights: Weights, threads: int = 1) -> None:
        self._network = best_engine(weights, threads)
        self._temperature = weights.temperature

    def read(self, line: LineText) -> list[FoundSign]:
        """What stands before each digit and after the last: one more than the line has digits."""
        if not line.boxes:
            return []
        penalties = self._network.penalties(gap_images(line))[:, : len(SIGNS)]
        shares = probabilities(penalties, self._temperature).tolist()
        after = OUTSIDE if len(line.boxes) > 1 else ("",)  # a bar that ends a lone digit is its own
        for outer, possible in ((shares[0], OUTSIDE), (shares[-1], after)):
            outer[:] = [
                own if sign in possible else 0.0 for sign, own in zip(SIGNS, outer, strict=True)
            ]
            outer[:] = [own / sum(outer) for own in outer]
        return [
            FoundSign(sign, own[SIGNS.index(sign)], _sign_box(line, sign, gap))
            for sign, own, gap in zip(likeliest_signs(shares), shares, _gaps(line), strict=True)
        ]


def likeliest_signs(shares: list[list[float]]) -> tuple[str, ...]:
    """The sign in each gap: of the likeliest text, in which usual forms of numbers are preferred.

    shares : for each gap the probabilities of SIGNS. Whether there is a sign counts first, and
        then which: one of several that are equally probable is as probable as all of them
    """
    considered = []
    for none, *own in shares:
        weights = [none, *((1 - none) * share / max(*own, 1e-9) for share in own)]
        options = sorted(zip(weights, SIGNS, strict=True), reverse=True)
        considered.append([option for option in options if option[0] >= LIKELY])
    if math.prod(map(len, considered)) > MOST:
        return tuple(options[0][1] for options in considered)

    def weight(text: tuple[tuple[float, str], ...]) -> float:
        usual = USUAL.fullmatch("0".join(sign for _, sign in text))
        return math.prod(own for own, _ in text) * (1 if usual else UNUSUAL)

    return tuple(sign for _, sign in max(itertools.product(*considered), key=weight))


@lru_cache(maxsize=1)
def sign_weights() -> Weights:
    """The shipped weights."""
    return load_weights(SHIPPED / SIGN_FOLDER)


def gap_images(line: LineText) -> ByteArray:
    """What the network sees of each gap, (digits + 1, 28, 28)."""
    heights = sorted(box.height for box in line.boxes)
    height = line.scale * (heights[len(heights) // 2] + heights[~len(heights) // 2]) / 2
    factor = SEEN_HEIGHT / height
    tops = [line.scale * (box.top - line.corner[0]) for box in line.boxes]
    sides = [
        [line.scale * (side - line.corner[1]) for side in (box.left, box.right)]
        for box in line.boxes
    ]
    middles = [sum(both) / 2 for both in sides]
    beside = BESIDE * height
    columns = [sides[0][0] - beside, *_between(middles), sides[-1][1] + beside]
    rows = [top + height / 2 for top in (tops[0], *_between(tops), tops[-1])]
    high, wide = size_of(line.segments, factor)
    places = [
        (_kept(row * factor, high), _kept(column * factor, wide))
        for row, column in zip(rows, columns, strict=True)
    ]
    tall = line.segments.part_heights >= TALL * height
    shares = np.where(np.concatenate([[False], tall]), PALE, np.float32(1))
    return line_preparation().windows(line.segments, shares, factor, np.array(places))


def _kept(middle: float, side: int) -> int:
    """Where a window around this place begins; it touches the line, at least."""
    return min(max(0, round(middle + DIGIT_SIDE / 2)), side + DIGIT_SIDE) - DIGIT_SIDE


def _between(numbers: list[float]) -> list[float]:
    """The means of neighbours."""
    return [(one + other) / 2 for one, other in itertools.pairwise(numbers)]


def _gaps(line: LineText) -> Iterator[Box]:
    """The gaps, as high as the digits beside them, in the image."""
    first, last = line.boxes[0], line.boxes[-1]
    wide = round(2 * BESIDE * first.height)
    yield Box(first.top, max(0, first.left - wide), first.bottom, max(1, first.left))
    for before, after in zip(line.boxes, line.boxes[1:], strict=False):
        left, right = sorted((before.right, after.left))
        top, bottom = min(before.top, after.top), max(before.bottom, after.bottom)
        yield Box(top, left, bottom, max(left + 1, right))
    yield Box(last.top, last.right, last.bottom, last.right + wide)


def _sign_box(line: LineText, sign: str, gap: Box) -> Box:
    """The box around the ink in a gap; around the gap where that has none.

    Points and commas stand in its lower half.
    """
    if not sign:
        return gap
    top, left, bottom, right = gap
    if sign in ".,":
        top, bottom = top + gap.height // 2, bottom + round(BELOW * gap.height)
    place = line.inner((top, left, bottom, right)).clip(0).round()
    y, x, end_y, end_x = place.astype(int).tolist()
    rows, columns = np.nonzero(line.segments.ink[y:end_y, x:end_x] > INKED)
    if not len(rows):
        return gap
    inner = (y + rows.min(), x + columns.min(), y + rows.max() + 1, x + columns.max() + 1)
    return line.box(inner)
