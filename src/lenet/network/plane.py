"""The input plane: a 28×28 digit image becomes the 32×32 field that C1 looks at (section II-B)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.errors import InputError

DIGIT_SIDE = 28  # pixels of a digit image: a 20×20 box centred by centre of mass (section III-A)
PLANE_SIDE = 32  # pixels of the input, so that strokes may end anywhere in a C1 receptive field
OFFSET = 2  # where the digit image sits in the plane; all 82 images of Fig. 8 agree
PAPER = -0.1  # value of bare paper, border included (section II-B)
INK = 1.175  # value of full ink

AS_TABLE = {  # as the cards of weights have it
    "size": [PLANE_SIDE, PLANE_SIDE],
    "paper": PAPER,
    "ink": INK,
    "offset": [OFFSET, OFFSET],
}

FloatArray = NDArray[np.float32]
ByteArray = NDArray[np.uint8]


def to_planes(images: NDArray[Any]) -> FloatArray:
    """Planes of shape (n, 1, 32, 32), -0.1 (paper) … 1.175 (ink), from digit images.

    Parameters
    ----------
    images : uint8 array of shape (n, 28, 28), or (28, 28) for one image
        0 is bare paper, 255 is full ink, as in MNIST.

    Raises
    ------
    InputError
        for another shape or type of numbers.
    """
    digits = check_digit_images(images)
    planes = np.full((len(digits), 1, PLANE_SIDE, PLANE_SIDE), PAPER, dtype=np.float32)
    inside = slice(OFFSET, OFFSET + DIGIT_SIDE)
    planes[:, 0, inside, inside] = BYTE_TO_PLANE[digits]
    return planes


# x = byte / 255 × 1.275 − 0.1, worked out once for each of the 256 bytes
BYTE_TO_PLANE: FloatArray = (np.arange(256) / 255 * (INK - PAPER) + PAPER).astype(np.float32)


def check_digit_images(images: NDArray[Any]) -> ByteArray:
    """The images as a uint8 array of shape (n, 28, 28), or a clear InputError."""
    array = np.asarray(images)
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3 or array.shape[1:] != (DIGIT_SIDE, DIGIT_SIDE):
        raise InputError(
            f"expected digit images of shape (n, {DIGIT_SIDE}, {DIGIT_SIDE}), got "
            f"{np.shape(images)}; use lenet.read() for photographs and drawings"
        )
    if array.dtype != np.uint8:
        raise InputError(
            f"expected digit images of type uint8 (0 paper … 255 ink), got {array.dtype}; "
            "scale and round them first, or use lenet.read()"
        )
    return array


def check_planes(planes: Any) -> None:
    """Raise InputError unless planes is (n, 1, H, W) with H and W ≥ 32 and divisible by 4."""
    shape = tuple(planes.shape)
    if len(shape) != 4 or shape[1] != 1 or any(side < PLANE_SIDE or side % 4 for side in shape[2:]):
        raise InputError(
            "expected planes of shape (n, 1, H, W) with H and W at least 32 and divisible by 4, "
            f"got {shape}; digit images are uint8 of shape (n, {DIGIT_SIDE}, {DIGIT_SIDE})"
        )
