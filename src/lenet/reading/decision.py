"""Which explanation of a whole image is the best: a number, a page, a table, or nothing.

An explanation is a `Reading`. What it leaves unexplained counts as much as what it found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lenet.lines.line_engine import LinePreparation
from lenet.preprocessing.contrast import SIDE, ink_contrast
from lenet.preprocessing.image import Box, Grey
from lenet.preprocessing.morphology import Mask
from lenet.reading.layout import Parts, page_parts
from lenet.reading.result import Line, Reading, Table

SURE = 0.9  # score from which no other explanation is asked for
WIDE, LIKELY = 1.5, 0.5  # width / height; score: such lines are not bare, and contrast costs time
BARE, STEEPNESS = 0.1, 8.0  # contrast that is as likely ink as none; of the odds over its logarithm
PAGE, PAGE_SIDE = 256, 64  # pixels: from this shorter side on, contrast is sought in this many
TOGETHER = 64  # parts compared at once with what is explained beside them: pages have thousands
INSIDE = 0.5  # of the smaller box: a part that has so much in common with an explained one is, too


class Explanations:
    """What an image may show, weighed.

    | explanation              | score                                                         |
    |--------------------------|---------------------------------------------------------------|
    | a number, a page         | the mean confidence of its digits, or that all are none       |
    |                          | × (1 − the share of ink that it leaves unexplained)           |
    | tables                   | the mean confidence of their digits: other ink is a caption   |
    | nothing                  | the probability that the sheet is bare, by its contrast       |
    """

    def __init__(self, grey: Grey, lines: LinePreparation) -> None:
        self._grey, self._lines = grey, lines

    def best(self, found: Iterable[tuple[list[Line], list[Table]]]) -> Reading:
        """The best of these, and of nothing; the first whose score is SURE ends the search."""
        readings: list[tuple[float, Reading]] = []
        for lines, tables in found:
            if tables or any(line.digits for line in lines):
                readings.append(self._weighed(lines, tables))
                if readings[-1][0] >= SURE and readings[-1][1].lines:
                    return readings[-1][1]
        height, width = self._grey.shape
        if width > WIDE * height and any(score >= LIKELY for score, _ in readings):
            return max(readings, key=lambda scored: scored[0])[1]
        bare = self._bare()
        nothing = bare, Reading((), False, self._grey.shape, explained=bare)
        return max([*readings, nothing], key=lambda scored: scored[0])[1]

    def _weighed(self, lines: list[Line], tables: list[Table]) -> tuple[float, Reading]:
        """The score, 0 … 1, of what was found, and the reading that it makes."""
        numbers = lines if tables else [line for line in lines if not line.is_word] or lines
        accepted = [line.accepted for line in numbers if line.digits]
        read = tuple(line if tables else line.as_written for line in accepted if line.digits)
        none = math.prod(line.confidence for line in accepted if not line.digits)
        boxes = [found.box for line in lines for found in line.written]
        left = 0.0 if tables else self._unexplained(boxes)
        digits = [digit for line in read for digit in line.digits]
        mean = sum(digit.confidence for digit in digits) / len(digits) if digits else none
        explained = none * (1 - left**2)
        return mean * (1 - left), Reading(read, False, self._grey.shape, tuple(tables), explained)

    def _unexplained(self, explained: list[Box]) -> float:
        """The share, 0 … 1, of the ink outside these boxes; borders, at the edge, are no ink."""
        parts, factor = self.parts, self.parts.factor
        if not len(parts.boxes):
            return 0.0
        boxes, places = parts.boxes * factor, np.array(explained)
        inside = np.zeros(len(boxes), bool)
        for first in range(0, len(boxes), TOGETHER):  # from top to bottom
            some = boxes[first : first + TOGETHER]
            beside = (places[:, 0] < some[:, 2].max()) & (places[:, 2] > some[0, 0])
            inside[first : first + TOGETHER] = _inside(some, places[beside])
        inner = (boxes[:, :2] > factor).all(1) & (
            boxes[:, 2:] < np.array(parts.shape) - factor
        ).all(1)
        left = float(parts.mass[inner & ~inside].sum())
        return left / (left + float(parts.mass[inside].sum())) if left else 0.0

    @cached_property
    def parts(self) -> Parts:
        """The image's ink, found once for all explanations."""
        return page_parts(self._grey, self._lines)

    def _bare(self) -> float:
        """The probability, 0 … 1, that there is no ink."""
        shorter = min(self._grey.shape)
        light, dark = self._grey, 1 - self._grey
        if shorter < SIDE:  # drawn rather than photographed: faint strokes count
            contrast = max(ink_contrast(light), ink_contrast(dark))
        else:
            upright = light if light.mean() >= 0.5 else dark
            contrast = ink_contrast(upright, PAGE_SIDE if shorter >= PAGE else SIDE)
        return float(1 / (1 + (contrast / BARE) ** STEEPNESS))


def _inside(boxes: NDArray[np.intp], places: NDArray[np.intp]) -> Mask:
    """Which of the boxes (n, 4) have much in common with any of the places (m, 4)."""
    low = [np.maximum.outer(boxes[:, side], places[:, side]) for side in (0, 1)]
    high = [np.minimum.outer(boxes[:, side], places[:, side]) for side in (2, 3)]
    common = np.maximum(high[0] - low[0], 0) * np.maximum(high[1] - low[1], 0)
    smaller = np.minimum.outer(_areas(boxes), _areas(places))
    inside: Mask = (common >= INSIDE * smaller).any(1)
    return inside


def _areas(boxes: NDArray[np.intp]) -> NDArray[np.intp]:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
