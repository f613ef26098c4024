"""How any image becomes what the network sees: one preparation for training, reading and pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lenet.errors import InputError
from lenet.network.plane import ByteArray
from lenet.preparation.box import Box
from lenet.preparation.centre import centre, ink_box
from lenet.preparation.image import Grey, load_image
from lenet.preparation.ink import find_ink


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

    Raises
    ------
    BlankError
        when there is no ink.
    """
    ink = find_ink(grey)
    box = ink_box(ink)
    if box is None:
        raise BlankError("no ink found; expected a digit that stands out from its ground")
    return Prepared(centre(ink), box)


def prepare_file(path: Path | str) -> Prepared:
    """The digit in an image file; errors as of `load_image` and `prepare`, naming the file."""
    try:
        return prepare(load_image(path))
    except BlankError as problem:
        raise BlankError(f"{path}: {problem}") from problem
