"""Digits bent as hands bend them: planar affine maps (section III-A) and elastic fields.

Strokes may get thicker or thinner as well, and some digits be degraded (`degrade`).

Every distortion follows from a stream and the digit's own number, so that it does not matter when,
beside which others, or on which engine it is made. The compiled kernels do the same (distort.cpp);
this is what they are tested against, and what serves where they were not built.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.degrade import CENTRE, degrade, thickened
from lenet.augmentation.degrade import WORDS as SPOILING_WORDS
from lenet.errors import InputError
from lenet.network.plane import BYTE_TO_PLANE, OFFSET, PLANE_SIDE, ByteArray, FloatArray

WORDS = 2 + 2 * PLANE_SIDE * PLANE_SIDE // 4  # random words a digit uses: affine, then two fields

MOST = 1_000  # of any amount; far beyond what leaves a digit legible

Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Distortion:
    """How far digits are bent at most; each amount is drawn uniformly up to its limit, both ways.

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
            if not 0 <= value <= MOST:
                raise InputError(f"distortion: {name} must be 0 … {MOST:,}, got {value}")
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
    """Planes (n, 1, 32, 32) of digit images, uint8 (n, 28, 28), each bent in its own way.

    indices : (n,) the digits' own numbers, which decide how
    """
    from scipy.ndimage import map_coordinates  # here, for its import takes 0.4 s

    planes = np.empty((len(images), 1, PLANE_SIDE, PLANE_SIDE), np.float32)
    for k, (image, index) in enumerate(zip(images, indices, strict=True)):
        places = source_coordinates(distortion, stream, int(index)) - OFFSET
        grey = map_coordinates(image.astype(np.float32), places, order=1, mode="grid-constant")
        ink: FloatArray = (grey / 255).astype(np.float32)
        thick, spoil = signed_uniforms(random_words(stream, int(index), 2))[6:8]
        if distortion.thickness:
            ink = thickened(ink, distortion.thickness * thick)
        if (spoil + 1) / 2 < distortion.degraded:
            how = signed_uniforms(random_words(~stream, int(index), SPOILING_WORDS))
            ink = degrade(ink, distortion.background, distortion.patch, distortion.noise, how)
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
    stretch = np.array(
        [
            [1 + distortion.scale * tall, 0],
            [distortion.shear * shear, 1 + distortion.scale * wide],
        ]
    )
    grid = np.mgrid[:PLANE_SIDE, :PLANE_SIDE] - CENTRE
    found = np.tensordot(rotate @ stretch, grid, axes=1) + CENTRE
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
    pieces = (words[:, None] >> shifts) & np.uint64(0xFFFF)
    shares: NDArray[np.float64] = (pieces.astype(np.float64) + 0.5).ravel() / 32768 - 1
    return shares
