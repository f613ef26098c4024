"""Turned lines set level: by the slope of their digits, and back again for the boxes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from lenet.preprocessing.image import Box, Grey
from lenet.reading.result import Line

TURNED = 0.05  # pixels down in one to the right (2.9°): writing on level lines slopes less …
STEEPEST = 0.25  # … and lines do not slope more: these digits stand in several rows
DIGITS = 3  # that show how a line slopes, at least
FALL = 0.4  # of their height, from the first to the last: lines that fall less are read as well
SURER = 0.1  # by which the level line must be, as the better of two is surer by chance
APART = 0.5  # of their height: the middles of two digits that show a slope


def read_level(grey: Grey, read_line: Callable[[Grey], Line]) -> Line:
    """The line in a plane of shape (h, w), or in the plane turned level if that is surer."""
    line = read_line(grey)
    slope = slope_of(line)
    if not TURNED <= abs(slope) <= STEEPEST:
        return line
    angle = math.atan(slope)
    image = Image.fromarray(np.asarray(grey, np.float32)).rotate(
        math.degrees(angle), Image.Resampling.BICUBIC, expand=True, fillcolor=float(np.median(grey))
    )
    level = read_line(np.asarray(image).clip(0, 1))
    if level.confidence <= line.confidence + SURER:
        return line
    return level.moved(lambda box: _turned_back(box, angle, image.size[::-1], grey.shape))


def slope_of(line: Line) -> float:
    """By how many pixels a line falls in one to the right: the median of its digits' pairs.

    0 for lines that fall by little in all.
    """
    if len(line.digits) < DIGITS:
        return 0.0
    top, left, bottom, right = np.array([digit.box for digit in line.digits], float).T
    y, x, height = (top + bottom) / 2, (left + right) / 2, np.median(bottom - top)
    first, last = np.triu_indices(len(x), 1)
    run, fall = x[last] - x[first], y[last] - y[first]
    apart = run > APART * height
    slope = np.median(fall[apart] / run[apart]) if apart.any() else 0.0
    return float(slope) if abs(slope) * np.ptp(x) >= FALL * height else 0.0


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
