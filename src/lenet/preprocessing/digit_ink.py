"""Where the ink is: on which paper, in which light, and which of it is the digit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.engine.native_engine import available, kernels
from lenet.preprocessing.components import label
from lenet.preprocessing.filters import in_order, median, running_max, running_min
from lenet.preprocessing.image import Grey

THUMB = 48  # pixels of the longer side of the thumbnail in which light and paper are judged
EVEN = 1e-6  # of white², pixels: what dark and light differ by less than is rounding
FIELD = 19  # pixels of the thumbnail; strokes narrower than this do not count as paper
BINS = 128  # of the values that a threshold is chosen among
LEAST_CONTRAST = 0.06  # of white: ink that stands out less is grain
SPECK = 0.04  # of the largest part: parts smaller than this are grain, not strokes
NEAR = 0.25  # of the largest part's longer side: a part of the same digit is no farther away


def find_ink(grey: Grey) -> Grey:
    """Strength of writing, shape as given: 0 is bare paper, 1 is full ink.

    Parameters
    ----------
    grey : array of shape (h, w), 0 black … 1 white; dark ink on light paper or the other way round

    The paper's brightness is judged from place to place, so that shadows fall out. Grain is taken
    away, and so is what the image's edge cuts off, lines and neighbours, if ink is left without it.
    """
    grey = flatten_illumination(grey)
    darker = grey if is_dark_on_light(grey) else 1 - grey
    strength = (estimate_background(darker) - darker).clip(0)
    if strength.max() < LEAST_CONTRAST:  # and perhaps too little for numpy to part into bins
        return np.zeros_like(grey)
    threshold = otsu(strength)
    inked = strength > threshold
    full = float(median(strength[inked])) if inked.any() else 0.0
    if full < LEAST_CONTRAST:
        return np.zeros_like(grey)
    faint = threshold / 4  # partly covered pixels at a stroke's edge lie above this
    ink = ((strength - faint) / (full - faint)).clip(0, 1).astype(np.float32)
    return ink * digit_of(inked, ink > 0)


def flatten_illumination(grey: Grey) -> Grey:
    """The image less the slope of its light, the least-squares plane; its mean stays.

    What remains of light that falls aslant is little, and the paper can be judged from place to
    place; values may come to lie outside 0 … 1.
    """
    small = _thumbnail(grey)
    down, across = (_slope(in_order(small, axis) / small.shape[axis]) for axis in (1, 0))
    height, width = grey.shape
    plane = down * _middles(height)[:, None] + across * _middles(width)
    return (grey - plane).astype(np.float32)


def _slope(means: NDArray[np.float64]) -> float:
    """How fast the means of rows or columns rise, from the middle of the image to its edge."""
    places = _middles(len(means))
    return float(in_order(means * places, 0) / max(float(in_order(places * places, 0)), 1e-9))


def _middles(count: int) -> NDArray[np.float64]:
    """Where so many pixels side by side have their middles, from −1 … 1."""
    return (2 * np.arange(count) + 1) / count - 1


def is_dark_on_light(grey: Grey) -> bool:
    """Whether what stands out from the paper, lit evenly or aslant, is darker than it."""
    if available():
        given = np.ascontiguousarray(grey, np.float32)
        return bool(kernels().is_dark_on_light(given, THUMB, EVEN))
    return is_dark_on_light_in_numpy(grey)


def is_dark_on_light_in_numpy(grey: Grey) -> bool:
    """The same."""
    small = flatten_illumination(_thumbnail(grey))
    off = (median(small) - small).astype(np.float64)
    return bool((off.clip(0) ** 2).sum() >= ((-off).clip(0) ** 2).sum() - EVEN)


def estimate_background(grey: Grey) -> Grey:
    """The paper's brightness under dark ink, shape as given: strokes filled up, then smoothed."""
    small = _thumbnail(grey)
    margin = FIELD - 1  # half a field for each filter, mirrored so that a stroke at the edge ends
    filled = np.pad(small, margin, mode="symmetric")
    for axis in (0, 1):
        filled = running_max(filled, FIELD, axis)
    for axis in (0, 1):
        filled = running_min(filled, FIELD, axis)
    inner = np.ascontiguousarray(filled[margin:-margin, margin:-margin])
    height, width = grey.shape
    return np.asarray(Image.fromarray(inner).resize((width, height), Image.Resampling.BILINEAR))


def otsu(strength: Grey) -> float:
    """The threshold that parts the values into two classes of least spread (Otsu 1979)."""
    if available():
        return float(kernels().otsu(np.ascontiguousarray(strength, np.float32).ravel(), BINS))
    return otsu_in_numpy(strength)


def otsu_in_numpy(strength: Grey) -> float:
    """The same."""
    lowest, highest = strength.min(), strength.max()
    if highest - lowest < BINS * np.finfo(np.float32).tiny:  # no room for bins: all are one value
        strength = np.full_like(strength, lowest)
    counts, edges = np.histogram(strength, BINS)
    values = (edges[1:] + edges[:-1]) / 2
    below, total_below = counts.cumsum(), (counts * values).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (total_below[-1] * below - total_below * below[-1]) ** 2 / (
            below * (below[-1] - below)
        )
    return float(edges[1 + np.nanargmax(np.where(np.isfinite(between), between, -1))])


def digit_of(inked: NDArray[np.bool_], all_ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which ink is the digit's: its largest part, and what is near that and no speck."""
    labels, count = label(all_ink)
    sizes = np.bincount(labels[inked], minlength=count + 1)
    sizes[0] = 0
    inside = _inside(labels, count)
    if (sizes * inside).max() >= SPECK * sizes.max():
        sizes = sizes * inside  # lines and neighbours that the edge cuts off
    largest = int(sizes.argmax())
    rows, columns = np.nonzero(labels == largest)
    reach = NEAR * max(np.ptp(rows), np.ptp(columns)) + 1
    keep = sizes >= max(1, SPECK * sizes[largest])
    for part in np.flatnonzero(keep):
        at_rows, at_columns = np.nonzero(labels == part)
        down = max(at_rows.min() - rows.max(), rows.min() - at_rows.max())
        across = max(at_columns.min() - columns.max(), columns.min() - at_columns.max())
        keep[part] = max(down, across) <= reach
    keep[0] = False
    kept: NDArray[np.bool_] = keep[labels]
    return kept


def _inside(labels: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    """For each part whether it keeps off the image's edge."""
    inside = np.ones(count + 1, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        inside[edge] = False
    return inside


def _thumbnail(grey: Grey) -> Grey:
    """The image shrunk so that its longer side has at most THUMB pixels."""
    height, width = grey.shape
    scale = min(1.0, THUMB / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(np.ascontiguousarray(grey, np.float32))
    return np.asarray(small.resize(size, Image.Resampling.BOX))
