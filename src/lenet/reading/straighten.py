"""Turned lines set level, by the slope of their digits or of the rule beneath; boxes turn back."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
from PIL import Image

from lenet.preprocessing.image import Box, Grey
from lenet.reading.layout import median
from lenet.reading.result import Line
from lenet.reading.rules import find_rules, rule_ink

TURNED = 0.05  # pixels down in one to the right (2.9°): writing on level lines slopes less …
STEEPEST = 0.25  # … and lines do not slope more: these digits stand in several rows
DIGITS = 3  # that show how a line slopes, at least
FALL = 0.4  # of their height, from the first to the last: lines that fall less are read as well
SURER = 0.1  # by which a turned line must be surer: the better of two is by chance
APART = 0.5  # of their height: the middles of two digits that show a slope
DOUBTFUL = 0.7  # confidence below which a line may have been misread because of a slanting rule
LOWEST = 40  # pixels: in lower crops a slanting rule hardly leaves its row
ACROSS = 0.5  # of the image's width that a rule beneath writing takes up, at least
SLANTING = 0.02  # slope of a rule from which it does not go by itself (lines/line_ink.py)


ReadLine = Callable[[Grey], Line]


def read_level(grey: Grey, read_line: ReadLine) -> Line:
    """The line in a plane of shape (h, w), or in the plane turned level if that is surer."""
    line = read_line(grey)
    slope = slope_of(line)
    if TURNED <= abs(slope) <= STEEPEST:
        return _read_turned(grey, slope, line, read_line)
    if line.confidence < DOUBTFUL and grey.shape[0] > LOWEST:
        return _read_on_rule(grey, line, read_line)
    return line


def _read_turned(grey: Grey, slope: float, line: Line, read_line: ReadLine) -> Line:
    angle = math.atan(slope)
    image = Image.fromarray(np.asarray(grey, np.float32)).rotate(
        math.degrees(angle), Image.Resampling.BICUBIC, expand=True, fillcolor=float(np.median(grey))
    )
    level = read_line(np.asarray(image).clip(0, 1))
    if not level.digits or level.confidence <= line.confidence + SURER:
        return line
    return level.moved(lambda box: _turned_back(box, angle, image.size[::-1], grey.shape))


def _read_on_rule(grey: Grey, line: Line, read_line: ReadLine) -> Line:
    """The line read with the longest rule sheared level, where that is not much less sure.

    Level rules are removed before reading; slanting ones join the digits that touch them.
    """
    height, width = grey.shape
    rules = find_rules(rule_ink(grey))
    length = rules.end - rules.start
    slope = float(rules.slope[length.argmax()]) if (length >= ACROSS * width).any() else 0.0
    if not SLANTING <= abs(slope) <= STEEPEST:
        return line
    shear = (1, 0, 0, slope, 1, -slope * width / 2)
    image = Image.fromarray(np.asarray(grey, np.float32)).transform(
        (width, height),
        Image.Transform.AFFINE,
        shear,
        Image.Resampling.BICUBIC,
        fillcolor=float(np.median(grey)),
    )
    level = read_line(np.asarray(image).clip(0, 1))
    if not level.digits or level.confidence <= line.confidence - SURER:
        return line
    return level.moved(lambda box: _sheared_back(box, slope, grey.shape))


def slope_of(line: Line) -> float:
    """By how many pixels a line falls in one to the right: the median of its digits' pairs.

    0 for lines that fall by little in all.
    """
    if len(line.digits) < DIGITS:
        return 0.0
    boxes = [digit.box for digit in line.digits]
    middles = [((box.left + box.right) / 2, (box.top + box.bottom) / 2) for box in boxes]
    height = median([box.height for box in boxes])
    slopes = [
        (last[1] - first[1]) / (last[0] - first[0])
        for first, last in combinations(middles, 2)
        if last[0] - first[0] > APART * height
    ]
    slope = median(slopes) if slopes else 0.0
    run = max(middles)[0] - min(middles)[0]
    return slope if abs(slope) * run >= FALL * height else 0.0


def _sheared_back(box: Box, slope: float, shape: tuple[int, ...]) -> Box:
    """The box around a box of the sheared plane, in a plane of this shape."""
    down = [slope * (side - shape[1] / 2) for side in (box.left, box.right)]
    top, bottom = math.floor(box.top + min(down)), math.ceil(box.bottom + max(down))
    return Box(max(0, top), box.left, min(shape[0], bottom), box.right)


def _turned_back(box: Box, angle: float, size: tuple[int, ...], shape: tuple[int, ...]) -> Box:
    """The box, in a plane of this shape, around a box of the plane that was turned to this size."""
    rows, columns = np.array([box.top, box.bottom]), np.array([box.left, box.right])
    y, x = np.meshgrid(rows - size[0] / 2, columns - size[1] / 2)
    down = x * math.sin(angle) + y * math.cos(angle) + shape[0] / 2
    along = x * math.cos(angle) - y * math.sin(angle) + shape[1] / 2
    return Box(
        max(0, math.floor(down.min())),
        max(0, math.floor(along.min())),
        min(shape[0], math.ceil(down.max())),
        min(shape[1], math.ceil(along.max())),
    )
