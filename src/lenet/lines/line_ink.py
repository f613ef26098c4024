"""The ink of a whole line: local background, grain and pattern removed, then ruled lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.preprocessing.digit_ink import flatten_illumination, is_dark_on_light, otsu
from lenet.preprocessing.image import Grey
from lenet.preprocessing.morphology import (
    Mask,
    box_sum,
    closing,
    dilated,
    running_max,
    sum_in_order,
)
from lenet.preprocessing.resample import resample

WORKING_HEIGHT = 64  # pixels that a line is brought to
MAX_WIDTH = 8000  # pixels that a line is brought to at most
FIELD = 0.4  # of the height; strokes narrower than this are no background
MIN_CONTRAST = 0.03
BACKGROUND = 4.0  # pixels that the filled-up background counts for beside the bare ones around
GRAIN = 2.0  # of the background's spread: what stands out less is no ink
FAINT = 0.25  # of full ink, where a stroke's edge begins …
MAX_FAINT = 0.6  # … and where at most, however rough the background
SUMS = 8  # side by side, for what is added up over a whole plane

RULE_INK = 0.4  # from this strength on a pixel may belong to a ruled line
LENGTH = 0.4  # of the image's width, from which a horizontal run is a line and no stroke
MIN_LENGTH = 1.0  # of the image's height: shorter ones are bars of a 7 or a 4
BORDER = 0.8  # of the image's height, from which a vertical run near the sides is a border
BORDER_ZONE = 0.12  # of the image's width on each side, where borders stand
THICKNESS = 0.13  # of the image's height: thicker runs are strokes
PAGE_LENGTH = 0.1  # of a page's longer side, from which a run on it is a line
PAGE_MIN_LENGTH = 40  # pixels: shorter runs on a page are strokes
PAGE_THICKNESS = 0.01  # of a page's longer side: thicker runs are strokes


def at_working_height(grey: Grey, height: int = WORKING_HEIGHT) -> tuple[Grey, float]:
    """The line at the height that cuts are made at, or less if it is very wide, and the scale."""
    scale = min(height / grey.shape[0], MAX_WIDTH / grey.shape[1])
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    return resample(grey, height, width, "BOX" if scale < 0.5 else "BICUBIC").clip(0, 1), scale


def find_line_ink(grey: Grey, field: int | None = None) -> Grey:
    """Strength of the ink, shape as given: 0 is bare paper, 1 is full ink.

    grey : (h, w), 0 black … 1 white
    field : odd, pixels; strokes narrower than this are no background. FIELD of a line's height
    """
    field = field or int(FIELD * grey.shape[0]) | 1
    grey = flatten_illumination(grey)
    darker = grey if is_dark_on_light(grey) else 1 - grey
    off, spread = _contrast(darker, field)
    strength = off.clip(0)
    if strength.max() < np.float32(MIN_CONTRAST):
        return np.zeros_like(grey)
    threshold = otsu(strength)
    inked = strength > max(threshold, GRAIN * spread)
    if not inked.any():
        return np.zeros_like(grey)
    full = float(np.median(strength[inked]))
    if full < MIN_CONTRAST:
        return np.zeros_like(grey)
    faint = min(max(FAINT * full, GRAIN * spread), MAX_FAINT * full)
    return ((strength - faint) / (full - faint)).clip(0, 1).astype(np.float32)


def _contrast(darker: Grey, size: int) -> tuple[Grey, float]:
    """How much darker than its background each pixel is, and the background's spread.

    size : odd, pixels; strokes narrower than this are no background
    """
    closed = closing(darker, size)
    rough = closed - darker
    bare = (rough <= otsu(rough)).astype(np.float32)
    bare = -dilated(-bare, 3)
    wide = 2 * size + 1
    count = box_sum(bare, wide)
    background = (box_sum(darker * bare, wide) + closed * BACKGROUND) / (count + BACKGROUND)
    off = (background - darker).astype(np.float32)
    return off, _spread(off, bare)


def _spread(off: Grey, bare: Grey) -> float:
    """The root mean square of what is bare (1, elsewhere 0); 0 where nothing is.

    Summed up as the kernel does.
    """
    squares = np.zeros(-(-off.size // SUMS) * SUMS)
    squares[: off.size] = bare.ravel() * off.ravel().astype(np.float64) ** 2
    total = sum_in_order(sum_in_order(squares.reshape(-1, SUMS), 0), 0)
    return float(np.sqrt(total / max(1.0, float(bare.sum(dtype=np.float64)))))


def remove_ruled_lines(ink: Grey, *, page: bool = False) -> Grey:
    """The ink of a line, shape (h, w), 0 … 1, without ruled lines and cell borders.

    Long thin runs of ink go, except for the strokes across them.

    page : whole page; runs of at least PAGE_LENGTH go, both ways and anywhere
    """
    height, width = ink.shape
    if page:
        longer = max(height, width)
        along = upright = max(PAGE_MIN_LENGTH, round(PAGE_LENGTH * longer))
        edge, thin = width, int(PAGE_THICKNESS * longer)
    else:
        along, upright = round(max(LENGTH * width, MIN_LENGTH * height)), round(BORDER * height)
        edge, thin = max(2, round(BORDER_ZONE * width)), int(THICKNESS * height)
    mask = ink > RULE_INK
    sides = np.zeros(ink.shape[1], bool)
    sides[:edge] = sides[-edge:] = True
    rules = _rules(mask, along, 1, thin) | _rules(mask & sides, upright, 0, thin)
    soft = dilated(rules, 3)  # their faint edges too
    kept: Grey = np.where(soft & ~(mask & ~rules), 0, ink)
    return kept


def _rules(mask: Mask, length: int, axis: int, thin: int) -> Mask:
    """The pixels of runs along this axis of at least this length, where they are thin across it."""
    joined = running_max(mask, 3, 1 - axis)  # a slanting line changes rows
    runs = _opened(joined, length, axis) & mask
    if not runs.any():
        return runs
    return runs & (run_lengths(mask, 1 - axis) <= thin)


def _opened(mask: Mask, length: int, axis: int) -> Mask:
    """What lies in unbroken runs of at least this length along the axis."""
    return run_lengths(mask, axis) >= length


def run_lengths(mask: Mask, axis: int) -> NDArray[np.intp]:
    """For each pixel of the mask how long its run along the axis is; 0 elsewhere."""
    rows = mask if axis else mask.T
    padded = np.zeros((rows.shape[0], rows.shape[1] + 1), np.int8)
    padded[:, :-1] = rows
    change = np.diff(padded.ravel(), prepend=0)
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    lengths = np.zeros(padded.size, np.intp)
    lengths[padded.ravel() > 0] = np.repeat(ends - starts, ends - starts)
    found: NDArray[np.intp] = lengths.reshape(padded.shape)[:, :-1]
    return found if axis else found.T
