"""A digit's ink as MNIST has it: fitted to 20×20 and centred by mass in 28×28 (section III-A)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.engine.native_engine import available, kernels
from lenet.errors import InputError
from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.preprocessing.box import Box
from lenet.preprocessing.image import Grey

BOX_SIDE = 20  # pixels of the square that the digit fits
CENTRE = 14.0  # where MNIST's digits have their centre of mass, by row and column index
INKED = 0.5  # from this strength on a pixel belongs to a stroke
FULL_QUANTILE = 0.75  # of the shrunk digit's inked pixels; this strength becomes full ink
STROKE = 0.1  # of the shrunk digit's strongest pixel: from this strength on its pixels are inked
CENTRING = (BOX_SIDE, INKED, STROKE, CENTRE, FULL_QUANTILE)  # as the kernels take them
NOTHING = "there is no ink to centre; expected strokes of strength 0.5 or more"


def ink_box(ink: Grey) -> Box | None:
    """The tight box around the strokes in ink of shape (h, w), 0 … 1; None if there are none."""
    rows, columns = (np.flatnonzero((ink >= INKED).any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def centre(ink: Grey) -> ByteArray:
    """The digit image, uint8 (28, 28), 0 paper … 255 ink, of ink of shape (h, w), 0 … 1.

    The longer side becomes 20 pixels, edges stay grey, and the centre of mass goes to the middle,
    as far as the 28×28 field has room. A thin pen, which shrinking would turn pale, is brought back
    to full ink: MNIST's strokes are full in their middle.

    Raises
    ------
    InputError
        when there is no ink.
    """
    if not available():
        return centre_in_numpy(ink)
    image = np.empty((DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    if not kernels().centre(np.ascontiguousarray(ink, np.float32), *CENTRING, image):
        raise InputError(NOTHING)
    return image


def centre_in_numpy(ink: Grey) -> ByteArray:
    """The same."""
    box = ink_box(ink)
    if box is None:
        raise InputError(NOTHING)
    digit = _shrunk(ink[box.inside])
    by_row, by_column = digit.sum(1, np.float64), digit.sum(0, np.float64)
    image = np.zeros((DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    top, left = (
        min(max(0, round(CENTRE - _centre_of_mass(mass))), DIGIT_SIDE - len(mass))
        for mass in (by_row, by_column)
    )
    inside = slice(top, top + digit.shape[0]), slice(left, left + digit.shape[1])
    image[inside] = np.rint(digit * 255)
    return image


def _centre_of_mass(mass: NDArray[np.float64]) -> float:
    return float(np.arange(len(mass)) @ mass / mass.sum())


def _shrunk(ink: Grey) -> Grey:
    """The digit in its 20×20 square, keeping its aspect; small ones grow."""
    scale = BOX_SIDE / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    whole = Image.fromarray(np.ascontiguousarray(ink, np.float32))
    digit: Grey = np.asarray(whole.resize((width, height), way)).clip(0, 1)
    strokes = digit[digit > STROKE * digit.max()]
    brought_up: Grey = (digit / _upper_quartile(strokes)).clip(0, 1)
    return brought_up


def _upper_quartile(values: Grey) -> float:
    """What FULL_QUANTILE of the values lie below."""
    place = FULL_QUANTILE * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    ordered = np.partition(values, (below, above))
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
