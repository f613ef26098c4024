"""What tells one way of reading an image from another: digit, line, page, or nothing written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lenet.lines.oversegmentation import TALL, higher_than
from lenet.preprocessing.box import Box
from lenet.preprocessing.image import Grey
from lenet.reading.line import prepared_line
from lenet.reading.result import Digit, Line

DISPUTED = 0.9  # of its confidence remains to an answer that the other way of reading denies
STROKE = 0.4  # width / height below which ink may be a bare upright stroke
MANY, BELIEVED = 20, 0.45  # lines of a page; their median confidence if they are more than grain
FILLED, SURE = 0.35, 0.5  # of the height; confidence: such a line needs no look for others


def is_bare_stroke(box: Box, grey: Grey) -> bool:
    """Whether this may be an upright stroke, alone, and not cut off by an edge as borders are.

    Parts of digits look the same, so eq. 9's rubbish class says nothing about it.
    """
    height, width = grey.shape
    inside = box.top > 0 and box.left > 0 and box.bottom < height and box.right < width
    if not inside or box.width >= STROKE * box.height:
        return False
    pieces = prepared_line(grey).pieces
    return len(higher_than(pieces.boxes, TALL * pieces.height)) == 1


def are_grain(lines: list[Line]) -> bool:
    """Whether a page's lines are many and hardly believed, as those of grainy bare paper are."""
    read = [line.confidence for line in lines if line.digits]
    return len(read) >= MANY and bool(np.median(read) < BELIEVED)


def fills(line: Line, grey: Grey) -> bool:
    """Whether a line that is sure of itself is as high as its image lets it be.

    Its digits are asked, not the box around them: one may be joined with ink of another row.
    """
    if not line.digits or line.confidence < SURE or stacked([line]):
        return False
    return bool(np.median([d.box.height for d in line.digits]) > FILLED * grey.shape[0])


def disputed(line: Line) -> Line:
    """The same line, less sure of itself: another reading of the image says something else."""
    digits = tuple(replace(d, confidence=DISPUTED * d.confidence) for d in line.digits)
    return Line(digits, DISPUTED * line.confidence, line.row)


def stacked(lines: list[Line]) -> bool:
    """Whether a digit stands wholly below another of the same line: these are several lines."""
    tops = [digit.box.top for line in lines for digit in line.digits]
    bottoms = [digit.box.bottom for line in lines for digit in line.digits]
    return bool(tops) and max(tops) >= min(bottoms)


def certainty(lines: list[Line]) -> float:
    """The mean confidence of the digits."""
    sure = [digit.confidence for line in lines for digit in line.digits]
    return sum(sure) / len(sure) if sure else 0.0


def moved(digit: Digit, by: Box) -> Digit:
    """The digit with its box in the image that `by` is a part of."""
    top, left, bottom, right = digit.box
    box = Box(top + by.top, left + by.left, bottom + by.top, right + by.left)
    return replace(digit, box=box)
