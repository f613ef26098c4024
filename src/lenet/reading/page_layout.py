"""Where lines of writing lie on a page: parts of ink, grouped by nearness, in reading order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.lines.line_ink import find_line_ink
from lenet.lines.oversegmentation import measured
from lenet.lines.ruled_lines import remove_ruled_lines
from lenet.preprocessing.box import Box
from lenet.preprocessing.components import label
from lenet.preprocessing.image import Grey

LONGEST = 1200  # pixels of the longer side that a page is looked at with
FIELD = 31  # pixels; strokes narrower than this do not count as paper
INKED = 0.4
LEAST = 7  # pixels: lower parts are specks
MOST = 1500  # parts that are grouped, the largest first
APART = 0.9  # of the text height: wider gaps part two numbers
BASELINES = 0.4  # of the lower part's height: so much two parts of one line overlap upright
LOW = 0.5  # of the text height: a line without anything higher is no writing
MARGIN = 0.25  # of a line's height, around it


def find_lines(grey: Grey) -> list[list[Box]]:
    """The numbers on a page of shape (h, w): rows from top to bottom, each from left to right."""
    factor = max(1, -(-max(grey.shape) // LONGEST))
    small = np.asarray(Image.fromarray(grey).reduce(factor)) if factor > 1 else grey
    ink = remove_ruled_lines(find_line_ink(small, FIELD), page=True)
    labels, count = label(ink > INKED)
    boxes, mass = measured(labels, count, ink)
    high, wide = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    sizable = (np.maximum(high, wide) >= LEAST) & (high < 0.6 * small.shape[0])
    order = np.flatnonzero(sizable)[np.argsort(-mass[sizable], kind="stable")[:MOST]]
    boxes = boxes[order]
    if not len(boxes):
        return []
    text = _text_height(boxes)
    boxes = boxes[(boxes[:, 2] - boxes[:, 0] < 3 * text) & (boxes[:, 3] - boxes[:, 1] < 12 * text)]
    if not len(boxes):
        return []
    groups = _grouped(boxes, text)
    groups = groups[(groups[:, 2] - groups[:, 0]) >= LOW * text]
    return [[_scaled(box, factor, grey.shape) for box in row] for row in _rows(groups)]


def _text_height(boxes: NDArray[np.intp]) -> float:
    """The median height of the parts that are no specks beside the tallest common ones."""
    heights = boxes[:, 2] - boxes[:, 0]
    return float(np.median(heights[heights >= 0.4 * np.quantile(heights, 0.9)]))


def _grouped(boxes: NDArray[np.intp], text: float) -> NDArray[np.intp]:
    """Boxes (k, 4) around parts that stand beside each other."""
    top, left, bottom, right = boxes.T
    high = bottom - top
    overlap = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    apart = np.maximum(left[:, None], left) - np.minimum(right[:, None], right)
    upright = overlap >= BASELINES * np.minimum(high[:, None], high)
    near = upright & (apart <= APART * text)
    inside = (apart <= 0) & (overlap >= -0.25 * text)  # a 5's bar over its belly
    near |= inside & (np.minimum(high[:, None], high) < 0.5 * text)
    first = np.arange(len(boxes))
    while True:
        lowest = np.where(near, first, len(boxes)).min(1)
        lowest = np.minimum(lowest, first)
        if np.array_equal(lowest, first):
            break
        first = lowest
    numbers, group = np.unique(first, return_inverse=True)
    found = np.empty((len(numbers), 4), np.intp)
    for k in range(len(numbers)):
        members = boxes[group == k]
        found[k] = (*members[:, :2].min(0), *members[:, 2:].max(0))
    return found


def _rows(groups: NDArray[np.intp]) -> list[list[NDArray[np.intp]]]:
    """Groups whose middles lie within each other's height, as rows in reading order."""
    rows: list[list[NDArray[np.intp]]] = []
    for box in groups[np.argsort(groups[:, 0] + groups[:, 2], kind="stable")]:
        middle = (box[0] + box[2]) / 2
        if rows and rows[-1][0][0] <= middle < rows[-1][0][2]:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row, key=lambda box: int(box[1])) for row in rows]


def _scaled(box: NDArray[np.intp], factor: int, shape: tuple[int, ...]) -> Box:
    """The box with a margin, in pixels of the whole image."""
    margin = round(MARGIN * (box[2] - box[0])) + 1
    top, left = (max(0, int(side) - margin) * factor for side in box[:2])
    bottom, right = (
        min(most, (int(side) + margin) * factor) for side, most in zip(box[2:], shape, strict=True)
    )
    return Box(top, left, bottom, right)
