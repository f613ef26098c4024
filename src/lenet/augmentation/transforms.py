"""Digits shifted, rotated, scaled, sheared, thickened or inverted by a stated amount, all alike.

Section III-E gives how much of each LeNet-5 tolerates. Images are uint8 (n, side, side), 28×28
digits or whole 32×32 planes; the centre, where the digits' centres of mass lie (section III-A), is
at row and column side / 2. What leaves an image is cut off, and paper enters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation import warp
from lenet.network.plane import ByteArray

NOISE = 1998  # seed, so that every network is tried on the same noise


def translate(images: ByteArray, right: float = 0.0, down: float = 0.0) -> ByteArray:
    """Shifted by this many pixels."""
    return _affine(images, np.eye(2), right, down)


def rotate(images: ByteArray, degrees: float) -> ByteArray:
    """Rotated about the centre, anticlockwise."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return _affine(images, np.array([[cos, sin], [-sin, cos]]))


def scale(images: ByteArray, factor: float) -> ByteArray:
    """Scaled about the centre; pixels that shrink are averaged."""
    return _affine(images, np.eye(2) / factor, fineness=max(1, math.ceil(1 / factor)))


def shear(images: ByteArray, per_row: float) -> ByteArray:
    """Each row shifted by this many pixels more than the one below: above 0 leans to the right."""
    return _affine(images, np.array([[1.0, 0.0], [per_row, 1.0]]))


def thicken(images: ByteArray, pixels: float) -> ByteArray:
    """Strokes wider by this many pixels, half of them on either side; below 0, thinner."""
    return _as_bytes(warp.thicken(images.astype(np.float32), pixels / 2))


def _affine(
    images: ByteArray,
    matrix: NDArray[np.float64],
    right: float = 0.0,
    down: float = 0.0,
    fineness: int = 1,
) -> ByteArray:
    """One affine map of all images, as a sparse matrix (side², pixels of the framed image).

    matrix : (2, 2), from the row and column of a new pixel, counted from the centre, to where its
        ink is taken from, before the shift
    fineness : a new pixel is the mean of this many places each way
    """
    from scipy.sparse import csr_array  # here, for its import takes a while

    side = images.shape[1]
    line = np.arange(side)
    within = (np.arange(fineness) + 0.5) / fineness - 0.5
    fine, pixel = (line[:, None] + within).ravel(), np.repeat(line, fineness)
    new = np.stack(np.meshgrid(fine - down, fine - right, indexing="ij"))
    rows, columns = warp.affine_places(matrix, new, side / 2)
    corners = warp.bilinear(rows, columns, side)
    weights = np.stack([row * column / fineness**2 for _, row, column in corners])
    targets = np.broadcast_to(pixel[:, None] * side + pixel, weights.shape)
    sources = np.stack([index for index, *_ in corners])
    entries = weights.astype(np.float32).ravel(), (targets.ravel(), sources.ravel())
    matrix_of_all = csr_array(entries, shape=(side**2, (side + warp.FRAME) ** 2))
    framed = np.ascontiguousarray(warp.framed(images, np.float32).T)
    return _as_bytes((matrix_of_all @ framed).T.reshape(images.shape))


def _as_bytes(ink: warp.Floats) -> ByteArray:
    rounded: ByteArray = np.rint(ink).astype(np.uint8)
    return rounded


def invert_pixels(images: ByteArray, share: float, generator: np.random.Generator) -> ByteArray:
    """Each pixel inverted with this probability: ink to paper, paper to ink (section III-E)."""
    hit = generator.random(images.shape, np.float32) < share
    return np.where(hit, 255 - images, images)


@dataclass(frozen=True)
class Transform:
    """One way to move digits, and the amounts to try.

    title, unit : of the amounts, for people
    neutral : the amount that changes nothing
    values : to try, rising
    apply : (images, amount), to images moved by it
    """

    name: str
    title: str
    unit: str
    neutral: float
    values: tuple[float, ...]
    apply: Callable[[ByteArray, float], ByteArray]


def _steps(low: float, high: float, step: float) -> tuple[float, ...]:
    count = round((high - low) / step)
    return tuple(round(low + k * step, 6) for k in range(count + 1))


TRANSFORMS: dict[str, Transform] = {
    name: Transform(name, title, unit, neutral, values, apply)
    for name, title, unit, neutral, values, apply in (
        ("right", "Shifted right", "pixels", 0.0, _steps(-10, 10, 1), translate),
        (
            "down",
            "Shifted down",
            "pixels",
            0.0,
            _steps(-10, 10, 1),
            lambda digits, pixels: translate(digits, down=pixels),
        ),
        ("rotation", "Turned anticlockwise", "degrees", 0.0, _steps(-60, 60, 5), rotate),
        ("scale", "Scaled", "times", 1.0, _steps(0.4, 2.2, 0.1), scale),
        ("shear", "Sheared", "pixels per row", 0.0, _steps(-1, 1, 0.125), shear),
        ("stroke", "Strokes thickened", "pixels wider", 0.0, _steps(-2.5, 6, 0.5), thicken),
        (
            "noise",
            "Pixels inverted",
            "share of pixels",
            0.0,
            _steps(0, 0.3, 0.025),
            lambda digits, share: invert_pixels(digits, share, np.random.default_rng(NOISE)),
        ),
    )
}
