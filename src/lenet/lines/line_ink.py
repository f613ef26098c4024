"""Where the ink of a whole line is: local paper, its grain and pattern, and what stands out."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lenet.engine.native_engine import available, kernels
from lenet.preprocessing.digit_ink import (
    BINS,
    EVEN,
    THUMB,
    flatten_illumination,
    is_dark_on_light_in_numpy,
    otsu_in_numpy,
)
from lenet.preprocessing.filters import box_sum, in_order, median, running_max, running_min
from lenet.preprocessing.image import Grey

WORKING_HEIGHT = 64  # pixels that a line is brought to
WIDEST = 8000  # pixels that a line is brought to at most
FIELD = 0.4  # of the height; strokes narrower than this do not count as paper
LEAST_CONTRAST = 0.03
PAPER = 4.0  # pixels that the filled-up paper counts for beside the bare ones around
GRAIN = 2.0  # of the paper's spread: what stands out less is no ink
FAINT = 0.25  # of full ink, where a stroke's edge begins …
MOST_FAINT = 0.6  # … and where at most, however rough the paper
SUMS = 8  # side by side, for what is added up over a whole plane


def at_working_height(grey: Grey, height: int = WORKING_HEIGHT) -> tuple[Grey, float]:
    """The line at the height that cuts are made at, or less if it is very wide, and the scale."""
    scale = min(height / grey.shape[0], WIDEST / grey.shape[1])
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    way = "box" if scale < 0.5 else "bicubic"
    resize = kernels().resized if available() else resized_in_pillow
    line = np.empty((height, width), np.float32)
    resize(np.ascontiguousarray(grey, np.float32), way, line)
    return line.clip(0, 1, out=line), scale


def resized_in_pillow(grey: Grey, way: str, into: Grey) -> None:
    """The same as the kernel: grey brought to another's size, by "box" or "bicubic"."""
    height, width = into.shape
    resized = Image.fromarray(grey).resize((width, height), Image.Resampling[way.upper()])
    into[:] = np.asarray(resized)


def find_line_ink(grey: Grey, field: int | None = None) -> Grey:
    """Strength of writing, shape as given: 0 is bare paper, 1 is full ink.

    grey : (h, w), 0 black … 1 white
    field : odd, pixels; strokes narrower than this do not count as paper. FIELD of a line's height
    """
    field = field or int(FIELD * grey.shape[0]) | 1
    if not available():
        return find_line_ink_in_numpy(grey, field)
    strength = np.empty(grey.shape, np.float32)
    kernels().find_line_ink(
        np.ascontiguousarray(grey, np.float32),
        min(field, 2 * max(grey.shape) + 1),
        *(THUMB, EVEN, BINS, LEAST_CONTRAST, PAPER, GRAIN, FAINT, MOST_FAINT),
        strength,
    )
    return strength


def find_line_ink_in_numpy(grey: Grey, field: int) -> Grey:
    """The same."""
    grey = flatten_illumination(grey)
    darker = grey if is_dark_on_light_in_numpy(grey) else 1 - grey
    off, spread = strength_of(darker, field)
    strength = off.clip(0)
    if strength.max() < LEAST_CONTRAST:
        return np.zeros_like(grey)
    threshold = otsu_in_numpy(strength)
    inked = strength > max(threshold, GRAIN * spread)
    if not inked.any():
        return np.zeros_like(grey)
    full = float(median(strength[inked]))
    if full < LEAST_CONTRAST:
        return np.zeros_like(grey)
    faint = min(max(FAINT * full, GRAIN * spread), MOST_FAINT * full)
    return ((strength - faint) / (full - faint)).clip(0, 1).astype(np.float32)


def strength_of(darker: Grey, size: int) -> tuple[Grey, float]:
    """How much darker than its paper each pixel is, and the paper's spread.

    size : odd, pixels; strokes narrower than this do not count as paper
    """
    closed = darker
    for axis in (0, 1):
        closed = running_max(closed, size, axis)
    for axis in (0, 1):
        closed = running_min(closed, size, axis)
    rough = closed - darker
    bare = (rough <= otsu_in_numpy(rough)).astype(np.float32)
    bare = -running_max(-bare, 3, 0)
    bare = -running_max(-bare, 3, 1)
    wide = 2 * size + 1
    count = box_sum(bare, wide)
    paper = (box_sum(darker * bare, wide) + closed * PAPER) / (count + PAPER)
    off = (paper - darker).astype(np.float32)
    return off, _spread(off, bare)


def _spread(off: Grey, bare: Grey) -> float:
    """The root mean square of what is bare (1, elsewhere 0); 0 where nothing is.

    Summed up as the kernel does.
    """
    squares = np.zeros(-(-off.size // SUMS) * SUMS)
    squares[: off.size] = bare.ravel() * off.ravel().astype(np.float64) ** 2
    total = in_order(in_order(squares.reshape(-1, SUMS), 0), 0)
    return float(np.sqrt(total / max(1.0, float(bare.sum(dtype=np.float64)))))
