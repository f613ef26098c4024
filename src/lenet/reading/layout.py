"""Whether ink may be a digit, a line or a table; and where a page's lines lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.lines.line_engine import LinePreparation
from lenet.preprocessing.image import Box, Grey
from lenet.preprocessing.morphology import smallest_connected
from lenet.reading.result import Line, Table

DISCOUNT = 0.9  # confidence factor of a single digit that is doubted
STROKE = 0.4  # width / height below which ink may be a bare upright stroke
MANY, DOUBTFUL = 20, 0.45  # lines of a page that are grain: at least so many, of median confidence

BOX = 0.25  # of the image's area that a box for one number takes up, at least
TABLE, TABLE_SURE = 0.1, 0.8  # of the image's area; median confidence of a table that explains it

LONGEST = 1200  # pixels of the longer side at which a page is searched
FIELD = 31  # pixels; strokes narrower than this are no background
MIN_SIDE = 7  # pixels: smaller components are specks
MAX_PARTS = 1500  # components that are grouped, the largest first
COARSER = (2, 3, 4)  # times that a page of more, but low ones is shrunk: grain averages out, and
CLEAR = 300  # components are left at most, strokes
GAP = 0.9  # of the text height: wider gaps separate two numbers
BASELINES = 0.4  # of the lower part's height: the overlap of two parts of one line
PIECE, LOW = 0.25, 0.5  # of the text height: lower parts are no letters; and make no line …
WORD = 3  # … unless so many letters stand side by side
MIN_LINE_HEIGHT = 0.5  # of the text height: a line without anything higher is not text
MARGIN = 0.25  # of a line's height, around it


def is_bare_stroke(box: Box, grey: Grey, lines: LinePreparation) -> bool:
    """Whether this may be an upright stroke, alone, and not cut off by an edge as borders are.

    Parts of digits look the same, so eq. 9's rubbish class cannot tell.
    """
    if at_edge(box, grey) or box.width >= STROKE * box.height:
        return False
    return len(lines.cut(grey, closer=True).segments.tall) == 1


def are_grain(lines: list[Line]) -> bool:
    """Whether a page's lines are many and doubtful, as those of grainy bare paper are."""
    read = [line.confidence for line in lines if line.digits]
    return len(read) >= MANY and median(read) < DOUBTFUL


def are_plausible(tables: list[Table], grey: Grey) -> bool:
    """Whether tables may explain an image: the first takes up much of it, and holds numbers."""
    if not tables or not tables[0].lines:
        return False
    box, (height, width) = tables[0].box, grey.shape
    share = box.height * box.width / (height * width)
    return (
        share >= (BOX if is_a_box(tables) else TABLE)
        and median([d.confidence for d in tables[0].lines]) >= TABLE_SURE
    )


def is_a_box(tables: Sequence[Table]) -> bool:
    """Whether there is one table of one cell: a box for a digit or a number."""
    return len(tables) == 1 and len(tables[0].cells) == len(tables[0].cells[0]) == 1


def median(values: list[float] | list[int]) -> float:
    """Of at least one value. (np.median imports numpy.ma at first: a tenth of a cold start.)"""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def scaled(line: Line, factor: float, no_digit: float | None = None) -> Line:
    """The line with this factor on its confidences.

    no_digit : if given, the probability that each of its digits is none
    """
    digits = tuple(
        replace(
            digit,
            confidence=factor * digit.confidence,
            no_digit=digit.no_digit if no_digit is None else no_digit,
        )
        for digit in line.digits
    )
    return replace(line, digits=digits, confidence=factor * line.confidence)


def is_central(box: Box, grey: Grey) -> bool:
    """Whether it holds the image's middle, unlike a note in a corner."""
    height, width = grey.shape
    return bool(2 * box.top <= height < 2 * box.bottom and 2 * box.left <= width < 2 * box.right)


def at_edge(box: Box, grey: Grey) -> bool:
    """Whether it reaches an edge of the image, as borders do."""
    height, width = grey.shape
    return bool(min(box.top, box.left) == 0 or box.bottom >= height or box.right >= width)


def translated(line: Line, by: Box) -> Line:
    """The line with its boxes in the image that `by` is a part of."""
    return line.moved(
        lambda box: Box(
            box.top + by.top, box.left + by.left, box.bottom + by.top, box.right + by.left
        )
    )


class Parts(NamedTuple):
    """Connected ink of an image of this shape, shrunk: boxes (k, 4) and mass (k,) in its pixels."""

    boxes: NDArray[np.intp]
    mass: NDArray[np.float64]
    factor: int
    shape: tuple[int, ...]


def page_parts(grey: Grey, lines: LinePreparation) -> Parts:
    """The ink of an image of shape (h, w), shrunk to LONGEST, and further if that clears grain."""
    factor = max(1, -(-max(grey.shape) // LONGEST))
    parts = _parts(grey, lines, factor)
    if len(parts.boxes) <= MAX_PARTS or np.median(np.diff(parts.boxes[:, ::2])) >= MIN_SIDE:
        return parts
    for times in COARSER:
        coarser = _parts(grey, lines, times * factor)
        if len(coarser.boxes) <= CLEAR:
            return coarser
    return parts


def _parts(grey: Grey, lines: LinePreparation, factor: int) -> Parts:
    small = np.asarray(Image.fromarray(grey).reduce(factor)) if factor > 1 else grey
    return Parts(*lines.page_parts(small, FIELD), factor, grey.shape)


def find_lines(parts: Parts) -> list[list[Box]]:
    """The numbers on a page, by its ink: rows from top to bottom, each from left to right."""
    boxes, mass, factor, shape = parts
    high, wide = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    sizable = (np.maximum(high, wide) >= MIN_SIDE) & (high < 0.6 * -(-shape[0] // factor))
    order = np.flatnonzero(sizable)[np.argsort(-mass[sizable], kind="stable")[:MAX_PARTS]]
    boxes = boxes[order]
    if not len(boxes):
        return []
    text = _text_height(boxes)
    boxes = boxes[(boxes[:, 2] - boxes[:, 0] < 3 * text) & (boxes[:, 3] - boxes[:, 1] < 12 * text)]
    if not len(boxes):
        return []
    groups = _grouped(boxes, text)
    groups = groups[(groups[:, 2] - groups[:, 0]) >= MIN_LINE_HEIGHT * text]
    return [[_with_margin(box, factor, shape) for box in row] for row in _rows(groups)]


def _text_height(boxes: NDArray[np.intp]) -> float:
    """The median height of the parts that are no specks beside the tallest common ones."""
    heights = boxes[:, 2] - boxes[:, 0]
    return float(np.median(heights[heights >= 0.4 * np.quantile(heights, 0.9)]))


def _grouped(boxes: NDArray[np.intp], text: float) -> NDArray[np.intp]:
    """Boxes (k, 4) around parts that stand beside each other.

    What is low, a dash, a 5's bar or a piece of a rule, joins one part of a line at most, so that
    it does not chain lines together.
    """
    top, left, bottom, right = boxes.T
    high = bottom - top
    overlap = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    apart = np.maximum(left[:, None], left) - np.minimum(right[:, None], right)
    beside = (overlap >= BASELINES * np.minimum(high[:, None], high)) & (apart <= GAP * text)
    letter = high >= PIECE * text
    near = beside & letter & letter[:, None]
    line = smallest_connected(len(boxes), *np.nonzero(near))
    of_line = np.isin(line, line[high >= LOW * text]) | (np.bincount(line, letter)[line] >= WORD)
    inside = (apart <= 0) & (overlap >= -0.25 * text)  # a 5's bar over its belly
    distance = np.where((beside | inside) & of_line, apart.clip(0) - overlap.clip(None, 0), np.inf)
    low = np.flatnonzero(~of_line & np.isfinite(distance).any(1))
    near[low, distance[low].argmin(1)] = True
    numbers, group = np.unique(
        smallest_connected(len(boxes), *np.nonzero(near)), return_inverse=True
    )
    found = np.empty((len(numbers), 4), np.intp)
    for k in range(len(numbers)):
        members = boxes[group == k]
        found[k] = (*members[:, :2].min(0), *members[:, 2:].max(0))
    return found


def _rows(groups: NDArray[np.intp]) -> list[list[NDArray[np.intp]]]:
    """Rows in reading order: each group continues the row whose last one it stands beside."""
    rows: list[list[NDArray[np.intp]]] = []
    for box in groups[np.argsort(groups[:, 1], kind="stable")]:
        beside = [row for row in rows if _is_beside(row[-1], box)]
        if beside:
            min(beside, key=lambda row: float(abs(row[-1][::2].sum() - box[::2].sum()))).append(box)
        else:
            rows.append([box])
    slope = _slope(rows)
    return sorted(rows, key=lambda row: _middle(row[0])[0] - slope * _middle(row[0])[1])


def _is_beside(left: NDArray[np.intp], right: NDArray[np.intp]) -> bool:
    """Whether the middle of one lies within the other's height."""
    (one, _), (other, _) = _middle(left), _middle(right)
    return bool(left[0] <= other < left[2] or right[0] <= one < right[2])


def _middle(box: NDArray[np.intp]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _slope(rows: list[list[NDArray[np.intp]]]) -> float:
    """By how many pixels rows fall in one to the right; the longer ones count more."""
    ends = np.array([[_middle(row[end]) for end in (0, -1)] for row in rows]).reshape(-1, 2, 2)
    fall, run = (ends[:, 1] - ends[:, 0]).sum(0)
    return float(fall / max(1.0, run))


def _with_margin(box: NDArray[np.intp], factor: int, shape: tuple[int, ...]) -> Box:
    """The box with a margin, in pixels of the whole image."""
    margin = round(MARGIN * (box[2] - box[0])) + 1
    top, left = (max(0, int(side) - margin) * factor for side in box[:2])
    bottom, right = (
        min(most, (int(side) + margin) * factor) for side, most in zip(box[2:], shape, strict=True)
    )
    return Box(top, left, bottom, right)
