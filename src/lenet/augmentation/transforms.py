"""Digits moved, turned, stretched, thickened or soiled by a stated amount, all of them alike.

Section III-E says how far LeNet-5 bears with each; these make the images to try it on. Images are
uint8 (n, side, side), 28×28 digits or whole 32×32 planes; the centre, where the digits' centres of
mass lie (section III-A), is at row and column side / 2. What leaves an image is cut off, and bare
paper enters; between pixels ink is bilinear.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lenet.network.plane import ByteArray, FloatArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DIRECTIONS = 8  # in which a stroke's edge is pushed; with steps of a pixel at most that is a disc
NOISE = 1998  # seed, so that every network is tried on the same noise

Ink = FloatArray  # (side², n), 0 … 255: a line of n for each pixel, so that a map is quick to apply


def translate(images: ByteArray, right: float = 0.0, down: float = 0.0) -> ByteArray:
    """Shifted by this many pixels."""
    return _mapped(images, np.eye(2), right, down)


def rotate(images: ByteArray, degrees: float) -> ByteArray:
    """Turned about the centre, anticlockwise."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return _mapped(images, np.array([[cos, sin], [-sin, cos]]))


def scale(images: ByteArray, factor: float) -> ByteArray:
    """Made this many times as large about the centre; pixels that shrink are averaged."""
    fineness = max(1, math.ceil(1 / factor))
    return _mapped(images, np.eye(2) / factor, fineness=fineness)


def shear(images: ByteArray, per_row: float) -> ByteArray:
    """Each row shifted by this many pixels more than the one below: above 0 leans to the right."""
    return _mapped(images, np.array([[1.0, 0.0], [per_row, 1.0]]))


def thicken(images: ByteArray, pixels: float) -> ByteArray:
    """Strokes wider by this many pixels, half of them on either side; below 0, thinner.

    Grey-scale dilation or erosion by a disc: the darkest, or lightest, of the image and its copies
    shifted by the radius, in as many steps as make a step a pixel at most.
    """
    steps = max(1, math.ceil(abs(pixels) / 2))
    radius = abs(pixels) / 2 / steps
    angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    pushes = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    shifts = [_mapping(images.shape[1], np.eye(2), *push) for push in pushes]
    extreme = np.maximum if pixels > 0 else np.minimum
    ink = _ink(images)
    for _ in range(steps):
        before = ink.copy()
        for shift in shifts:
            extreme(ink, shift @ before, out=ink)
    return _images(ink)


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
    changed : images moved by an amount
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
    move.name: move
    for move in (
        Transform("right", "Shifted right", "pixels", 0.0, _steps(-10, 10, 1), translate),
        Transform(
            "down",
            "Shifted down",
            "pixels",
            0.0,
            _steps(-10, 10, 1),
            lambda digits, pixels: translate(digits, down=pixels),
        ),
        Transform("rotation", "Turned anticlockwise", "degrees", 0.0, _steps(-60, 60, 5), rotate),
        Transform("scale", "Scaled", "times", 1.0, _steps(0.4, 2.2, 0.1), scale),
        Transform("shear", "Sheared", "pixels per row", 0.0, _steps(-1, 1, 0.125), shear),
        Transform(
            "stroke", "Strokes thickened", "pixels wider", 0.0, _steps(-2.5, 6, 0.5), thicken
        ),
        Transform(
            "noise",
            "Pixels inverted",
            "share of pixels",
            0.0,
            _steps(0, 0.3, 0.025),
            lambda digits, share: invert_pixels(digits, share, np.random.default_rng(NOISE)),
        ),
    )
}


def _mapped(
    images: ByteArray,
    matrix: NDArray[np.float64],
    right: float = 0.0,
    down: float = 0.0,
    fineness: int = 1,
) -> ByteArray:
    return _images(_mapping(images.shape[1], matrix, right, down, fineness) @ _ink(images))


def _mapping(
    side: int,
    matrix: NDArray[np.float64],
    right: float = 0.0,
    down: float = 0.0,
    fineness: int = 1,
) -> csr_array[np.float32]:
    """How much of each pixel given goes into each pixel made, (side², side²); outside is paper.

    matrix : (2, 2), from the row and column of a pixel made, counted from the centre, to where its
        ink is taken from, before the shift
    fineness : a pixel made is the mean of this many places each way
    """
    from scipy.sparse import csr_array  # here, for its import takes a while

    line = np.arange(side)
    within = (np.arange(fineness) + 0.5) / fineness - 0.5
    fine, belongs = (line[:, None] + within).ravel(), np.repeat(line, fineness)
    made = np.stack(np.meshgrid(fine - down, fine - right, indexing="ij")).reshape(2, -1)
    places = matrix @ (made - side / 2) + side / 2
    to = (belongs[:, None] * side + belongs).ravel()
    corner = np.floor(places).astype(np.int64)
    shares, targets, sources = [], [], []
    for step in ((0, 0), (0, 1), (1, 0), (1, 1)):
        row, column = pixel = corner + np.array(step)[:, None]
        inside = ((pixel >= 0) & (pixel < side)).all(0)
        shares.append((1 - np.abs(places - pixel)).prod(0)[inside] / fineness**2)
        targets.append(to[inside])
        sources.append((row * side + column)[inside])
    entries = np.concatenate(shares).astype(np.float32)
    where = np.concatenate(targets), np.concatenate(sources)
    return csr_array((entries, where), shape=(side**2, side**2))


def _ink(images: ByteArray) -> Ink:
    return np.ascontiguousarray(images.reshape(len(images), images.shape[1] ** 2).T, np.float32)


def _images(ink: Ink) -> ByteArray:
    side = math.isqrt(len(ink))
    made: ByteArray = np.rint(ink.T).astype(np.uint8).reshape(-1, side, side)
    return made
