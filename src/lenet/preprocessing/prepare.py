"""How any image becomes the network's input: one preparation for training, reading and pages.

The digit is fitted to 20×20 and centred by mass in 28×28, as MNIST's digits are (section III-A).
`digit_preparation` chooses once between numpy, below, and the compiled kernels, which give the
same bits.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.engine.native_engine import available, constants_of, kernels
from lenet.errors import InputError
from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.preprocessing import digit_ink
from lenet.preprocessing.image import Box, Grey, load_image
from lenet.preprocessing.resample import resample

ENOUGH = 500  # pixels of an image's longer side: twice as large ones are shrunk
BOX_SIDE = 20  # pixels of the square that the digit fits
CENTRE = 14.0  # where MNIST's digits have their centre of mass, by row and column index
INKED = 0.5  # from this strength on a pixel belongs to a stroke
FULL_QUANTILE = 0.75  # of the shrunk digit's inked pixels; this strength becomes full ink
STROKE = 0.1  # of the shrunk digit's strongest pixel: from this strength on its pixels are inked


class BlankError(InputError):
    """An image without ink."""


class Prepared(NamedTuple):
    """One digit as the network sees it.

    image : digit image, uint8 (28, 28), 0 paper … 255 ink
    box : where the digit lies, in pixels of the original image
    """

    image: ByteArray
    box: Box


@cache
def digit_preparation() -> NativeDigitPreparation | NumpyDigitPreparation:
    """The compiled kernels where they were built, numpy everywhere else."""
    return NativeDigitPreparation() if available() else NumpyDigitPreparation()


def prepare(grey: Grey) -> Prepared:
    """The digit in a grey plane of shape (h, w), 0 black … 1 white.

    Large images are first shrunk by a whole number: more pixels only cost time.

    Raises
    ------
    BlankError
        when there is no ink.
    """
    factor = max(1, max(grey.shape) // ENOUGH)
    small = grey if factor == 1 else np.asarray(Image.fromarray(grey).reduce(factor))
    found = digit_preparation().digit(small)
    if found is None:
        raise BlankError("no ink found; expected a digit that stands out from its background")
    height, width = grey.shape
    top, left, bottom, right = (side * factor for side in found.box)
    return Prepared(found.image, Box(top, left, min(bottom, height), min(right, width)))


def prepare_file(path: Path | str) -> Prepared:
    """The digit in an image file; errors as of `load_image` and `prepare`, naming the file."""
    try:
        return prepare(load_image(path))
    except BlankError as problem:
        raise BlankError(f"{path}: {problem}") from problem


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
    image = digit_preparation().centred(ink)
    if image is None:
        raise InputError("there is no ink to centre; expected strokes of strength 0.5 or more")
    return image


class NativeDigitPreparation:
    """Finds and centres digits in one call of the compiled kernels each."""

    def __init__(self) -> None:
        self._kernel = kernels().DigitPreparation(constants_of(digit_ink, sys.modules[__name__]))

    def digit(self, grey: Grey) -> Prepared | None:
        """The digit of a grey plane (h, w); None without ink."""
        found = self._kernel.digit(np.ascontiguousarray(grey, np.float32))
        return found and Prepared(found[0], Box(*found[1]))

    def centred(self, ink: Grey) -> ByteArray | None:
        """Ink (h, w) centred in 28×28; None without ink."""
        image: ByteArray | None = self._kernel.centred(np.ascontiguousarray(ink, np.float32))
        return image


class NumpyDigitPreparation:
    """The same in numpy, step by step."""

    def digit(self, grey: Grey) -> Prepared | None:
        ink = digit_ink.find_ink(grey)
        box, image = ink_box(ink), self.centred(ink)
        return None if box is None or image is None else Prepared(image, box)

    def centred(self, ink: Grey) -> ByteArray | None:
        box = ink_box(ink)
        if box is None:
            return None
        digit = _shrunk(ink[box.inside])
        by_row, by_column = digit.sum(1, np.float64), digit.sum(0, np.float64)
        top, left = (
            min(max(0, round(CENTRE - _centre_of_mass(mass))), DIGIT_SIDE - len(mass))
            for mass in (by_row, by_column)
        )
        image = np.zeros((DIGIT_SIDE, DIGIT_SIDE), np.uint8)
        inside = slice(top, top + digit.shape[0]), slice(left, left + digit.shape[1])
        image[inside] = np.rint(digit * 255)
        return image


def ink_box(ink: Grey) -> Box | None:
    """The tight box around the strokes in ink of shape (h, w), 0 … 1; None if there are none."""
    rows, columns = (np.flatnonzero((ink >= INKED).any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def _centre_of_mass(mass: NDArray[np.float64]) -> float:
    return float(np.arange(len(mass)) @ mass / mass.sum())


def _shrunk(ink: Grey) -> Grey:
    """The digit in its 20×20 square, keeping its aspect; small ones grow.

    All in float32: a Python number times a float32 number would be a double under numpy 1.
    """
    scale = BOX_SIDE / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    digit: Grey = resample(ink, height, width, "BOX" if scale < 1 else "BICUBIC").clip(0, 1)
    strokes = digit[digit > np.float32(STROKE) * digit.max()]
    full: Grey = (digit / _upper_quartile(strokes)).clip(0, 1)
    return full


def _upper_quartile(values: Grey) -> float:
    """What FULL_QUANTILE of the values lie below."""
    place = FULL_QUANTILE * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    ordered = np.partition(values, (below, above))
    part = np.float32(place - below)
    return float(ordered[below] + part * (ordered[above] - ordered[below]))
