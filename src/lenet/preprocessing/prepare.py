"""How any image becomes what the network sees: one preparation for training, reading and pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from lenet.errors import InputError
from lenet.network.plane import ByteArray
from lenet.preprocessing.box import Box
from lenet.preprocessing.centre import centre, ink_box
from lenet.preprocessing.digit_ink import find_ink
from lenet.preprocessing.image import Grey, load_image

ENOUGH = 500  # pixels of an image's longer side


class BlankError(InputError):
    """An image without ink."""


@dataclass(frozen=True)
class Prepared:
    """One digit as the network sees it.

    image : digit image, uint8 (28, 28), 0 paper … 255 ink
    box : where the digit lies, in pixels of the original image
    """

    image: ByteArray
    box: Box


def prepare(grey: Grey) -> Prepared:
    """The digit in a grey plane of shape (h, w), 0 black … 1 white.

    Large images are first shrunk by a whole number: more pixels than these tell nothing about
    a digit and only take time.

    Raises
    ------
    BlankError
        when there is no ink.
    """
    factor = max(1, max(grey.shape) // ENOUGH)
    ink = find_ink(_reduced(grey, factor))
    box = ink_box(ink)
    if box is None:
        raise BlankError("no ink found; expected a digit that stands out from its ground")
    height, width = grey.shape
    top, left, bottom, right = (side * factor for side in box)
    return Prepared(centre(ink), Box(top, left, min(bottom, height), min(right, width)))


def _reduced(grey: Grey, factor: int) -> Grey:
    if factor == 1:
        return grey
    return np.asarray(Image.fromarray(grey).reduce(factor))


def prepare_file(path: Path | str) -> Prepared:
    """The digit in an image file; errors as of `load_image` and `prepare`, naming the file."""
    try:
        return prepare(load_image(path))
    except BlankError as problem:
        raise BlankError(f"{path}: {problem}") from problem
