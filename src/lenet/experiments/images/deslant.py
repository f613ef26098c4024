"""The paper's second version of the digits: upright, and cropped to 20×20 (section III-A).

The paper counts a foreground pixel as 1 and a background pixel as 0, takes the second moments, and
shifts the lines sideways until the principal axis is vertical. It leaves open from which grey on
a pixel is foreground (here: half of full ink), how a line is shifted by parts of a pixel (here:
between two neighbours, linearly) and which 20×20 pixels are kept (here: the middle ones; digits
put in the middle by their box are read worse, by a linear classifier and by neighbours).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.warp import sample
from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray

FOREGROUND = 128  # bytes from here on count as 1, the rest as 0
CROP_SIDE = 20  # pixels
EDGE = (DIGIT_SIDE - CROP_SIDE) // 2  # pixels cut away on each side
BLOCK = 5_000  # images at a time: some 0.2 GB


def slant(images: ByteArray) -> FloatArray:
    """How far each digit leans: pixels to the right per line down, from its second moments.

    Parameters
    ----------
    images : (n, 28, 28), 0 bare paper … 255 full ink

    Returns
    -------
    slants : (n,) covariance of column and line over variance of line, of foreground pixels;
        0 where there are none, or all lie on one line
    """
    ink = (images >= FOREGROUND).astype(np.float32)  # (n, 28, 28)
    place = np.arange(DIGIT_SIDE, dtype=np.float32)
    mass = np.maximum(ink.sum(axis=(1, 2)), 1)
    by_line, by_column = ink.sum(axis=2), ink.sum(axis=1)  # (n, 28) each
    line, column = by_line @ place / mass, by_column @ place / mass  # centre of mass
    variance = by_line @ place**2 / mass - line**2
    covariance = ((ink @ place) @ place) / mass - line * column
    return np.where(variance > 1e-3, covariance / np.maximum(variance, 1e-3), 0).astype(np.float32)


def upright(images: ByteArray) -> FloatArray:
    """The digits sheared about the middle of their ink until they lean no more.

    Returns
    -------
    images : (n, 28, 28), 0 … 255, each line shifted by a number of pixels and a part of one
    """
    blocks = range(0, len(images), BLOCK)
    sheared = [_sheared(images[start : start + BLOCK]) for start in blocks]
    return np.concatenate(sheared) if sheared else np.zeros(images.shape, np.float32)


def _sheared(images: ByteArray) -> FloatArray:
    """`upright` for images that fit into memory at once."""
    foreground = (images >= FOREGROUND).sum(axis=2)  # (n, 28)
    lines = np.arange(DIGIT_SIDE)
    middle = foreground @ lines / np.maximum(foreground.sum(axis=1), 1)  # (n,)
    shift = slant(images)[:, None] * (lines - middle[:, None])  # (n, 28) pixels, to be undone
    source = np.arange(DIGIT_SIDE) + shift[:, :, None]  # (n, 28, 28) column that each pixel shows
    left = np.floor(source)
    columns = left + (source - left).astype(np.float32)  # parts of a pixel in single precision
    rows = np.broadcast_to(lines[:, None], columns.shape)
    return sample(images, rows.astype(np.float64), columns, np.float32)


def crop(images: NDArray[Any]) -> NDArray[Any]:
    """The middle 20×20 pixels, (n, 20, 20) from (n, 28, 28)."""
    return images[:, EDGE : EDGE + CROP_SIDE, EDGE : EDGE + CROP_SIDE]


def boxed(images: NDArray[Any]) -> NDArray[Any]:
    """The 20×20 pixels around the middle of each digit's box, (n, 20, 20) from (n, 28, 28)."""
    ink = images >= FOREGROUND
    top, left = (_window_start(np.any(ink, axis=axis)) for axis in (2, 1))
    windows = np.lib.stride_tricks.sliding_window_view(images, (CROP_SIDE, CROP_SIDE), (1, 2))
    return windows[np.arange(len(images)), top, left]


def _window_start(inked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Where 20 lines begin that have the inked ones in their middle, (n,) from flags (n, 28)."""
    first = inked.argmax(axis=1)
    last = DIGIT_SIDE - 1 - inked[:, ::-1].argmax(axis=1)
    start: NDArray[np.intp] = (first + last + 1 - CROP_SIDE) // 2
    return start.clip(0, DIGIT_SIDE - CROP_SIDE)


def pixels(images: ByteArray, deslanted: bool = False) -> FloatArray:
    """A digit as a row of numbers, 0 paper … 1 ink: (n, 784), or (n, 400) deslanted and cropped."""
    return flat(crop(upright(images)) if deslanted else images)


def flat(images: NDArray[Any]) -> FloatArray:
    """Bytes of images (n, h, w) as rows of numbers 0 … 1, (n, h · w)."""
    rows: FloatArray = images.reshape(len(images), -1) / np.float32(255)
    return rows.astype(np.float32, copy=False)
