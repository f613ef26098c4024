"""The one warp of images, affine and elastic, the one stroke width, and random distortions by them.

`distort` follows from a stream and each digit's own number alone: it does not matter when, beside
which other digits, or on which engine it runs. The compiled kernels do the same (distort.cpp); this
is their oracle, and the fallback where they were not built.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.degrade import CENTRE, degrade
from lenet.augmentation.degrade import WORDS as DEGRADE_WORDS
from lenet.errors import InputError
from lenet.network.plane import BYTE_TO_PLANE, OFFSET, PLANE_SIDE, ByteArray, FloatArray

WORDS = 2 + 2 * PLANE_SIDE * PLANE_SIDE // 4  # random words a digit uses: affine, then two fields
MAX_AMOUNT = 1_000  # of any distortion; far beyond what leaves a digit legible
FRAME = 3  # pixels of paper that `bilinear` expects around an image: one before it, two after
SIDES = ((0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0))  # down, right
CORNERS = tuple(
    (down / math.sqrt(2), right / math.sqrt(2)) for down in (-1, 1) for right in (-1, 1)
)

Words = NDArray[np.uint64]
Floats = NDArray[np.floating[Any]]


def affine_places(matrix: Floats, places: Floats, centre: float) -> Floats:
    """Where a map about the centre takes ink from, for places (2, …): rows and columns."""
    found: Floats = np.tensordot(matrix, places - centre, axes=1) + centre
    return found


def bilinear(rows: Floats, columns: Floats, side: int) -> list[tuple[NDArray[np.intp], Any, Any]]:
    """The four pixels around every place, with their weights.

    rows, columns : of an image of `side` pixels each way; beyond it there is paper

    Returns
    -------
    corners : flat index into the image framed by FRAME, weight of its row, weight of its column;
        each in the shape of the places
    """
    rows, columns = (np.clip(place + 1, 0, side + 1) for place in (rows, columns))
    top, left = rows.astype(np.intp), columns.astype(np.intp)
    down, right = rows - top, columns - left
    wide = side + FRAME
    corner = wide * top + left
    return [
        (corner, 1 - down, 1 - right),
        (corner + 1, 1 - down, right),
        (corner + wide, down, 1 - right),
        (corner + wide + 1, down, right),
    ]


def framed(images: NDArray[Any], dtype: type[np.floating[Any]]) -> Floats:
    """Square images (n, side, side) within FRAME pixels of paper, flat, (n, (side + FRAME)²)."""
    wide = images.shape[1] + FRAME
    padded = np.zeros((len(images), wide, wide), dtype)  # np.pad is slow for single images
    padded[:, 1 : 1 - FRAME, 1 : 1 - FRAME] = images
    return padded.reshape(len(images), wide**2)


def sample(
    images: NDArray[Any], rows: Floats, columns: Floats, dtype: type[np.floating[Any]] = np.float64
) -> Floats:
    """Images (n, side, side) at places of their own, (n, h, w), or one (1, h, w) for all; bilinear.

    dtype : the precision to compute in
    """
    ink = framed(images, dtype)
    found: Floats = np.zeros((len(images), rows[0].size), dtype)
    for index, *weights in bilinear(rows, columns, images.shape[1]):
        near = np.take_along_axis(ink, index.reshape(len(index), -1), 1)
        down, right = (weight.reshape(len(weight), -1).astype(dtype) for weight in weights)
        found += near * down * right
    return found.reshape(len(images), *rows.shape[1:])


def thicken(ink: Floats, pixels: float, diagonals: bool = True) -> Floats:
    """Strokes wider by this many pixels on either side; below 0, thinner.

    Grey dilation or erosion by an octagon, or by the diamond of the four sides without diagonals:
    the most, or the least, ink of the image and its copies shifted by the radius, in as many steps
    as make a step a pixel at most. Beyond the image there is paper.

    ink : (…, h, w)
    """
    steps = max(1, math.ceil(abs(pixels)))
    radius = abs(pixels) / steps
    extreme = np.maximum if pixels > 0 else np.minimum
    directions = SIDES + CORNERS if diagonals else SIDES
    for _ in range(steps):
        padded = np.zeros((*ink.shape[:-2], ink.shape[-2] + 2, ink.shape[-1] + 2), ink.dtype)
        padded[..., 1:-1, 1:-1] = ink
        for down, right in directions:
            ink = extreme(ink, _shifted(padded, radius * down, radius * right))
    return ink


def _shifted(padded: Floats, down: float, right: float) -> Floats:
    """Images at places at most a pixel further down and right, their one-pixel border removed."""
    height, width = padded.shape[-2] - 2, padded.shape[-1] - 2
    row, column = int(np.sign(down)), int(np.sign(right))
    here, beside, below, across = (
        padded[..., 1 + r : 1 + r + height, 1 + c : 1 + c + width]
        for r in (0, row)
        for c in (0, column)
    )
    upper, lower = _between(here, beside, abs(right)), _between(below, across, abs(right))
    return _between(upper, lower, abs(down))


def _between(one: Floats, other: Floats, share: float) -> Floats:
    return one + share * (other - one) if share else one


@dataclass(frozen=True)
class Distortion:
    """Limits of random distortions; each amount is drawn uniformly within its limit, both ways.

    rotation : degrees
    scale : of height and of width, each for itself; 0.15 is 0.85 … 1.15
    shear : horizontal, pixels per row
    shift : pixels, down and right each for itself
    elastic : α of Simard, Steinkraus and Platt (2003): uniform noise −1 … 1 at every pixel,
        smoothed by a Gaussian, times α, is how many pixels that pixel moves
    smoothness : σ of that Gaussian, pixels
    thickness : of strokes, thicker or thinner; 1 is a pixel on either side
    degraded : share of the digits that are degraded besides, in one of three ways:
    background : how grey it becomes, 0 … 1;  patch : side of a rectangle of one grey, pixels;
    noise : share of pixels turned over
    """

    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0
    smoothness: float = 4.0
    thickness: float = 0.0
    degraded: float = 0.0
    background: float = 0.0
    patch: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= MAX_AMOUNT:
                raise InputError(f"distortion: {name} must be 0 … {MAX_AMOUNT:,}, got {value}")
        if self.scale >= 1:
            raise InputError(f"distortion: scale must be below 1, got {self.scale}")
        for name in ("thickness", "degraded", "background", "noise"):
            if vars(self)[name] > 1:
                raise InputError(f"distortion: {name} must be at most 1, got {vars(self)[name]}")
        if not 0.5 <= self.smoothness <= 10:
            raise InputError(f"distortion: smoothness must be 0.5 … 10, got {self.smoothness}")

    def as_array(self) -> FloatArray:
        """The amounts in order, as the kernels take them."""
        return np.array(astuple(self), np.float32)

    def without_degradation(self) -> Distortion:
        """The same without degradation: what a teacher sees."""
        return replace(self, degraded=0.0)


def stream_of(seed: int, number: int) -> int:
    """The stream of pass 1, 2, … of a run with this seed."""
    return int(np.random.SeedSequence([seed, 3, number]).generate_state(1, np.uint64)[0])


def distort(
    images: ByteArray, indices: NDArray[np.int64], distortion: Distortion, stream: int
) -> FloatArray:
    """Planes (n, 1, 32, 32) of digit images, uint8 (n, 28, 28), each distorted in its own way.

    indices : (n,) the digits' own numbers, which decide how
    """
    planes = np.empty((len(images), 1, PLANE_SIDE, PLANE_SIDE), np.float32)
    for k, (image, index) in enumerate(zip(images, indices, strict=True)):
        rows, columns = source_coordinates(distortion, stream, int(index))[:, None] - OFFSET
        grey = sample(image[None], rows.astype(np.float64), columns.astype(np.float64))[0]
        ink: Floats = grey.astype(np.float32) / np.float32(255)
        thick, lot = signed_uniforms(random_words(stream, int(index), 2))[6:8]
        if distortion.thickness:
            ink = thicken(ink, distortion.thickness * thick, diagonals=False)
        if (lot + 1) / 2 < distortion.degraded:
            uniforms = signed_uniforms(random_words(~stream, int(index), DEGRADE_WORDS))
            amounts = distortion.background, distortion.patch, distortion.noise
            ink = degrade(ink, *amounts, uniforms)
        planes[k, 0] = BYTE_TO_PLANE[0] + ink * (BYTE_TO_PLANE[255] - BYTE_TO_PLANE[0])
    return planes


def source_coordinates(distortion: Distortion, stream: int, index: int) -> FloatArray:
    """Where each pixel of the plane comes from: rows and columns of the plane, (2, 32, 32)."""
    from scipy.ndimage import gaussian_filter

    words = random_words(stream, index)
    signed = signed_uniforms(words)
    turn, tall, wide, shear, down, right = signed[:6]
    angle = math.radians(distortion.rotation * turn)
    rotate = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    height, width = 1 + distortion.scale * tall, 1 + distortion.scale * wide
    stretch = np.array([[height, 0], [distortion.shear * shear, width]])
    found = affine_places(rotate @ stretch, np.mgrid[:PLANE_SIDE, :PLANE_SIDE], CENTRE)
    found += distortion.shift * np.array([down, right])[:, None, None]
    if distortion.elastic:
        noise = signed[8:].reshape(2, PLANE_SIDE, PLANE_SIDE)
        for field, moves in zip(noise, found, strict=True):
            smooth = gaussian_filter(field, distortion.smoothness, mode="wrap", truncate=3)
            moves += distortion.elastic * smooth
    return found.astype(np.float32)


def random_words(stream: int, index: int, count: int = WORDS) -> Words:
    """The digit's random words: SplitMix64 (Steele, Lea and Flood 2014) in counter mode."""
    counters = np.arange(1, 1 + count, dtype=np.uint64)
    start = splitmix64(
        np.array([np.uint64(stream % 2**64)]) + splitmix64(np.array([np.uint64(index)]))
    )
    with np.errstate(over="ignore"):
        return splitmix64(start + counters * np.uint64(0x9E3779B97F4A7C15))


def splitmix64(words: Words) -> Words:
    """SplitMix64's output function."""
    with np.errstate(over="ignore"):
        words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    given: Words = words ^ (words >> np.uint64(31))
    return given


def signed_uniforms(words: Words) -> NDArray[np.float64]:
    """Four numbers −1 … 1 from each word, its lowest 16 bits first."""
    shifts = np.array([0, 16, 32, 48], np.uint64)
    parts = (words[:, None] >> shifts) & np.uint64(0xFFFF)
    uniforms: NDArray[np.float64] = (parts.astype(np.float64) + 0.5).ravel() / 32768 - 1
    return uniforms
