"""Where the ink is: the illumination and background of an image, and which ink is the digit's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet.preprocessing.image import Grey
from lenet.preprocessing.morphology import Mask, closing, inside_edges, label, sum_in_order
from lenet.preprocessing.resample import resample

THUMBNAIL = 48  # pixels of the longer side of the thumbnail that shows illumination and background
NARROW = 24  # pixels of the shorter side, where polarity is judged: a line keeps its strokes
STROKE = 9  # of those pixels: what is wider is no stroke
CLEAR = 5e-4  # of white²: the mean square of how much strokes stand out, where any are clear
EVEN = 1e-6  # of white², pixels: a smaller difference between dark and light is rounding
FIELD = 19  # pixels of the thumbnail; strokes narrower than this are no background
BINS = 128  # of Otsu's histogram
MIN_CONTRAST = 0.06  # of white: ink that stands out less is grain
SPECK = 0.04  # of the largest component: smaller ones are grain, not strokes
NEAR = 0.25  # of the largest component's longer side: how far the digit's other strokes may lie


def find_ink(grey: Grey) -> Grey:
    """Strength of the digit's ink, shape as given: 0 is bare paper, 1 is full ink.

    Parameters
    ----------
    grey : array of shape (h, w), 0 black … 1 white; dark ink on light paper or the other way round

    The background is estimated locally, which removes shadows. Grain is removed, and so is ink
    that touches the image's edge (lines, neighbours), if other ink is left.
    """
    grey = flatten_illumination(grey)
    darker = grey if is_dark_on_light(grey) else 1 - grey
    strength = (estimate_background(darker) - darker).clip(0)
    if strength.max() < np.float32(MIN_CONTRAST):  # perhaps too little for bins
        return np.zeros_like(grey)
    threshold = otsu(strength)
    inked = strength > threshold
    full = float(np.median(strength[inked])) if inked.any() else 0.0
    if full < MIN_CONTRAST:
        return np.zeros_like(grey)
    faint = threshold / 4  # partly covered pixels at a stroke's edge lie above this
    ink = ((strength - faint) / (full - faint)).clip(0, 1).astype(np.float32)
    return ink * digit_mask(inked, ink > 0)


def flatten_illumination(grey: Grey) -> Grey:
    """The image minus its least-squares plane, the slope of the light; its mean stays.

    Uneven illumination that remains is local enough for `estimate_background`. Values may come to
    lie outside 0 … 1.
    """
    small = _thumbnail(grey)
    down, across = (_slope(sum_in_order(small, axis) / small.shape[axis]) for axis in (1, 0))
    height, width = grey.shape
    plane = down * _centres(height)[:, None] + across * _centres(width)
    return (grey - plane).astype(np.float32)


def _slope(means: NDArray[np.float64]) -> float:
    """How fast the means of rows or columns rise, from the middle of the image to its edge."""
    at = _centres(len(means))
    return float(sum_in_order(means * at, 0) / max(float(sum_in_order(at * at, 0)), 1e-9))


def _centres(count: int) -> NDArray[np.float64]:
    """The centres of so many pixels side by side, in −1 … 1."""
    return (2 * np.arange(count) + 1) / count - 1


def is_dark_on_light(grey: Grey) -> bool:
    """Whether the strokes that stand out from the background are darker than it.

    What is wider than STROKE or goes on beyond the edge is no stroke: a dark table beside the
    paper, the frame of a display, the ground of a comb field. Without clear strokes, whatever
    stands out counts.
    """
    small = flatten_illumination(_thumbnail(grey, NARROW))
    off = np.median(small) - small
    both = np.stack([small, -small])
    strokes = closing(both, STROKE, "edge") - both  # how much darker than what is around them
    sides = (off.clip(0), strokes[0]), ((-off).clip(0), strokes[1])
    dark, light = (_energy(np.minimum(away, narrow)) for away, narrow in sides)
    if max(dark, light) < CLEAR * small.size:
        dark, light = (_energy(away) for away, _ in sides)
    return dark >= light - EVEN


def _energy(plane: Grey) -> float:
    return float((plane.astype(np.float64) ** 2).sum())


def estimate_background(grey: Grey) -> Grey:
    """The paper's brightness under dark ink, shape as given: strokes filled up, then smoothed."""
    filled = closing(_thumbnail(grey), FIELD, "symmetric")  # so that a stroke at the edge ends
    height, width = grey.shape
    return resample(filled, height, width, "BILINEAR")


def otsu(strength: Grey) -> float:
    """The threshold that divides the values into two classes of least spread (Otsu 1979)."""
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


def digit_mask(inked: Mask, all_ink: Mask) -> Mask:
    """Which ink is the digit's: its largest component, and what is near that and no speck."""
    labels, count = label(all_ink)
    sizes = np.bincount(labels[inked], minlength=count + 1)
    sizes[0] = 0
    inside = inside_edges(labels, count)
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
    kept: Mask = keep[labels]
    return kept


def _thumbnail(grey: Grey, narrow: int = 0) -> Grey:
    """The image shrunk so that its longer side has at most THUMBNAIL pixels.

    narrow : its shorter side keeps so many, where it has them
    """
    scale = min(1.0, max(THUMBNAIL / max(grey.shape), narrow / min(grey.shape)))
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    return resample(grey, height, width, "BOX")
