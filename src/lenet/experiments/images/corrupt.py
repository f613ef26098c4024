"""Fifteen corruptions of digits, in the manner of MNIST-C (Mu and Gilmer 2019, arXiv 1906.02337).

Written from the published descriptions: the authors' program was not at hand, so these do not
reproduce their files. Where a docstring says "as published", the amounts are those of MNIST-C, or
of the corruption of ImageNet-C (Hendrycks and Dietterich 2019, arXiv 1903.12261) that MNIST-C takes
over, as we know them and not compared with its source; all others are our choice.

Each is `(images, generator) -> images`, uint8 (n, 28, 28), and draws all it needs at once, image by
image, so that more images change nothing for the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_propagation, correlate1d, gaussian_filter

from lenet.augmentation.warp import sample
from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray

GRAINS = 3  # a pixel of full ink holds so many on average; fewer is noisier
FAILED = 0.17  # share of pixels that are either bare or full, whatever the digit

SHEAR = 0.4  # radians between the upright and the slanted
SCALE = 0.7  # of height and width
TURN = 0.4  # radians, 23°
SHIFT = 3  # pixels

MIDDLE = (DIGIT_SIDE - 1) / 2

BRIGHTER = 0.5  # of full ink, added everywhere
STRIPE = 7  # pixels: a quarter of the width

FOG = 2.5  # in full inks, where it is thickest
FOG_DECAY = 1.5  # detail fades by this with each halving; lower is rougher
FOG_SIDE = 32  # the power of two that holds an image
FOG_START = 100.0

LIQUID = (0.65, 0.3, 1.0)  # mean, sd and blur (σ, pixels) of the noise that drops come from
DROPS = 0.65  # more of it than this is a drop
MUD_BLUR = 1.5  # σ, pixels, of the drops
MUD_LEAST = 0.8  # a blurred drop is cut off below
MUD = 63 / 255  # its own ink

GLASS_BLUR = 0.7  # σ, pixels, before and after the pixels are moved
GLASS_REACH = 1  # pixels
GLASS_ROUNDS = 2

MOTION_REACH = 10  # pixels either side in ImageMagick's count: 21 weights on one side
MOTION_BLUR = 3.0  # σ of the half Gaussian, pixels
MOTION_TURN = 45.0  # degrees, most

START = (0, 5)  # columns where a line may begin
END = (22, 27)  # and end; the rows are any
HALF_WIDTH = 0.5  # pixels of full ink either side; half a pixel more fades out
DOT, GAP = 2.0, 2.0  # pixels along the line
TOOTH, DEPTH = 4.0, 2.0  # pixels: a zigzag's period, and how far it leaves the line

SMOOTHING = 1.0  # σ, pixels
DOUBTFUL, SURE = 0.1, 0.2  # slopes as Sobel's kernel gives them: its weights add up to ±4
# Row, column: the directions at 0°, 45°, 90°, …
STEPS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))


def as_ink(images: ByteArray) -> FloatArray:
    """Float32, 0 … 1, in the shape of uint8 images."""
    ink: FloatArray = images.astype(np.float32) / np.float32(255)
    return ink


def as_bytes(ink: NDArray[np.floating[Any]]) -> ByteArray:
    """The nearest bytes; ink beyond bare or full is cut off."""
    images: ByteArray = np.rint(np.clip(ink, 0, 1) * 255).astype(np.uint8)
    return images


def _blurred(ink: FloatArray, sigma: float) -> FloatArray:
    """Each image (n, h, w) blurred by a Gaussian for itself."""
    return gaussian_filter(ink, (0, sigma, sigma), mode="nearest")


def shot_noise(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Each pixel is a Poisson count of grains; paper stays bare. As published (severity 5)."""
    return as_bytes(generator.poisson(as_ink(images) * GRAINS) / GRAINS)


def impulse_noise(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Salt and pepper, as many of each. As published (severity 4)."""
    lots = generator.random(images.shape, np.float32)
    salted = np.where(lots < FAILED / 2, np.uint8(255), images)
    return np.where(lots >= 1 - FAILED / 2, np.uint8(0), salted)


def shear(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Rows slide left or right by their height. The angle is as published (severity 2).

    Pure shear is our choice; scikit-image at that time also stretched the upright by 1 / cos.
    """
    return _either_way(images, generator, np.array([[1, 0], [math.tan(SHEAR), 1]]))


def rotate(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Turned left or right. As published (severity 2)."""
    sine, cosine = math.sin(TURN), math.cos(TURN)
    return _either_way(images, generator, np.array([[cosine, -sine], [sine, cosine]]))


def scale(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Made smaller, all by as much. As published (severity 3)."""
    return _mapped(images, np.eye(2) / SCALE)


def translate(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Moved to one of the four corners, three pixels each way. As published (severity 3)."""
    signs = generator.choice([-1, 1], (len(images), 2))
    padded = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
    rows, columns = (SHIFT * (1 - signs.T))[:, :, None] + np.arange(DIGIT_SIDE)
    moved: ByteArray = padded[
        np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None]
    ]
    return moved


def _either_way(
    images: ByteArray, generator: np.random.Generator, matrix: NDArray[np.float64]
) -> ByteArray:
    """Each image mapped by a matrix of determinant 1, or by its inverse, as a coin falls."""
    inverse = np.array([[matrix[1, 1], -matrix[0, 1]], [-matrix[1, 0], matrix[0, 0]]])
    forward = generator.choice([-1, 1], (len(images), 1, 1)) > 0
    return np.where(forward, _mapped(images, matrix), _mapped(images, inverse))


def _mapped(images: ByteArray, matrix: NDArray[np.float64]) -> ByteArray:
    """The place p, row and column from the middle, shows what was at matrix @ p.

    Bilinear between pixels; beyond the outermost pixels there is bare paper, as in MNIST-C.
    """
    offset = MIDDLE - matrix @ np.full(2, MIDDLE)
    rows, columns = (
        np.tensordot(matrix, np.mgrid[:DIGIT_SIDE, :DIGIT_SIDE], 1) + offset[:, None, None]
    )
    inside = (np.abs(rows - MIDDLE) <= MIDDLE) & (np.abs(columns - MIDDLE) <= MIDDLE)
    return as_bytes((sample(as_ink(images), rows[None], columns[None]) * inside).astype(np.float32))


def brightness(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Everything brighter, and cut off at full. As published (severity 5)."""
    return as_bytes(as_ink(images) + BRIGHTER)


def stripe(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Ink and paper change places in a stripe along either side.

    Inverted upright stripes are published; where and how wide is our choice.
    """
    middle = np.isin(np.arange(DIGIT_SIDE), np.arange(STRIPE, DIGIT_SIDE - STRIPE))
    return np.where(middle, images, 255 - images)


def fog(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """A cloud laid over, and all of it darkened back to the digit's range.

    As published (severity 4); the cloud is the plasma of ImageNet-C.
    """
    jitter = generator.uniform(-1, 1, (len(images), FOG_SIDE, FOG_SIDE)).astype(np.float32)
    ink = as_ink(images)
    fullest = ink.max(axis=(1, 2), keepdims=True, initial=0)
    clouds = plasma(jitter)[:, :DIGIT_SIDE, :DIGIT_SIDE]
    return as_bytes((ink + FOG * clouds) * fullest / (fullest + FOG))


def plasma(jitter: FloatArray) -> FloatArray:
    """Clouds 0 … 1, (n, side, side), by diamond and square on a field that joins at its edges.

    jitter : −1 … 1 of the same shape; a place is the mean of four known ones plus this, scaled
    """
    cloud = np.zeros_like(jitter)
    step, amount = jitter.shape[1], FOG_START**2  # squared, as ImageNet-C's program has it
    while step > 1:
        half = step // 2
        known, middles = np.s_[:, ::step, ::step], np.s_[:, half::step, half::step]
        tops, sides = np.s_[:, ::step, half::step], np.s_[:, half::step, ::step]
        corners = cloud[known]
        across = corners + np.roll(corners, -1, axis=2)
        below = corners + np.roll(corners, -1, axis=1)
        cloud[middles] = (across + np.roll(across, -1, axis=1)) / 4 + amount * jitter[middles]
        centres = cloud[middles]
        above = centres + np.roll(centres, 1, axis=1)
        beside = centres + np.roll(centres, 1, axis=2)
        cloud[tops] = (across + above) / 4 + amount * jitter[tops]
        cloud[sides] = (below + beside) / 4 + amount * jitter[sides]
        step, amount = half, amount / FOG_DECAY**2
    cloud -= cloud.min(axis=(1, 2), keepdims=True)
    thick: FloatArray = cloud / cloud.max(axis=(1, 2), keepdims=True)
    return thick


def spatter(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Drops of mud that hide what is below. As published (severity 4)."""
    mean, sd, blur = LIQUID
    noise = mean + sd * generator.standard_normal(images.shape, np.float32)
    drops = (_blurred(noise, blur) > DROPS).astype(np.float32)
    mud = _blurred(drops, MUD_BLUR)
    mud[mud < MUD_LEAST] = 0
    return as_bytes(as_ink(images) * (1 - mud) + MUD * mud)


def glass_blur(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Blur, pixels that change places with a neighbour above or left, blur again.

    As published (severity 1), down to a shift of −1 or 0 only and borders that stay.
    """
    places = range(DIGIT_SIDE - GLASS_REACH, GLASS_REACH, -1)
    swaps = [(row, column) for _ in range(GLASS_ROUNDS) for row in places for column in places]
    size = (len(images), len(swaps), 2)
    moves = generator.integers(-GLASS_REACH, GLASS_REACH, size, np.int8).astype(np.intp)
    pixels = np.ascontiguousarray(_blurred(as_ink(images), GLASS_BLUR).transpose(1, 2, 0))
    every = np.arange(len(images))
    for (row, column), (up, aside) in zip(swaps, moves.transpose(1, 2, 0), strict=True):
        there = row + up, column + aside, every
        pixels[row, column], pixels[there] = pixels[there], pixels[row, column].copy()
    return as_bytes(_blurred(pixels.transpose(2, 0, 1), GLASS_BLUR))


def motion_blur(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """A trail to one side, its direction within 45° of level. As published (severity 1).

    As in ImageMagick, which MNIST-C calls, the trail goes through the nearest pixels; beyond the
    image we take bare paper.
    """
    turns = np.radians(generator.uniform(-MOTION_TURN, MOTION_TURN, len(images)))
    steps = np.arange(2 * MOTION_REACH + 1)
    weights = np.exp(-(steps**2) / (2 * MOTION_BLUR**2)).astype(np.float32)
    weights /= weights.sum()
    pad = int(steps[-1])
    wide = np.pad(as_ink(images), ((0, 0), (pad, pad), (pad, pad)))
    rows = np.arange(pad, pad + DIGIT_SIDE)
    every = np.arange(len(images))[:, None, None]
    trail = np.zeros(images.shape, np.float32)
    for step, weight in zip(steps, weights, strict=True):
        down = np.rint(step * np.sin(turns)).astype(int)[:, None] + rows
        right = np.rint(step * np.cos(turns)).astype(int)[:, None] + rows
        trail += weight * wide[every, down[:, :, None], right[:, None, :]]
    return as_bytes(trail)


def dotted_line(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """A straight line of dots.

    A dotted line between random ends is published; its ends, dots and width are our choice.
    """
    along, across, length = line_frames(generator.random((len(images), 4)))
    dotted = (along >= 0) & (along <= length) & (along % (DOT + GAP) < DOT)
    return _drawn(images, np.abs(across), dotted)


def zigzag(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """A line that swings from side to side.

    A zigzag between random ends is published; its ends, teeth and width are our choice.
    """
    along, across, length = line_frames(generator.random((len(images), 4)))
    swing = DEPTH * (1 - 4 * np.abs((along / TOOTH) % 1 - 0.5))
    steepness = np.hypot(1, 4 * DEPTH / TOOTH)  # turns a distance across into the shortest one
    return _drawn(images, np.abs(across - swing) / steepness, (along >= 0) & (along <= length))


def line_frames(shares: np.ndarray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Every pixel seen from lines, in pixels: how far along (n, 28, 28), how far across, lengths.

    shares : (n, 4), 0 … 1: first row, first column, last row, last column within their ranges;
        across counts from the line towards the right of one who follows it
    """
    lowest = np.array([0, START[0], 0, END[0]])
    highest = np.array([DIGIT_SIDE - 1, START[1], DIGIT_SIDE - 1, END[1]])
    ends = (lowest + shares * (highest - lowest)).astype(np.float32)[:, :, None, None]
    top, left, bottom, right = ends.swapaxes(0, 1)  # each (n, 1, 1)
    length = np.hypot(bottom - top, right - left)
    down, aside = (bottom - top) / length, (right - left) / length
    rows, columns = np.mgrid[:DIGIT_SIDE, :DIGIT_SIDE].astype(np.float32)
    along = (rows - top) * down + (columns - left) * aside
    across = (rows - top) * aside - (columns - left) * down
    return along, across, length


def _drawn(images: ByteArray, distance: FloatArray, where: np.ndarray) -> ByteArray:
    """Full ink near the middle of a line, where it is drawn, over what was there."""
    line = np.clip(HALF_WIDTH + 0.5 - distance, 0, 1) * where
    return np.maximum(images, as_bytes(line))


def canny_edges(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Edges in full ink, all else bare.

    Canny's detector is published; smoothing and limits are our choice, the defaults of
    scikit-image, and so is comparing a slope with whole neighbours where that interpolates.
    """
    down, right = slopes(_blurred(as_ink(images), SMOOTHING))
    steep = np.hypot(down, right)
    ridge = ridges(steep, down, right)
    edges = connected(ridge & (steep >= DOUBTFUL), ridge & (steep >= SURE))
    outline: ByteArray = np.where(edges, np.uint8(255), np.uint8(0))
    return outline


def slopes(ink: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sobel's slopes down and to the right, in each image for itself."""
    mean, difference = [1, 2, 1], [-1, 0, 1]
    down = correlate1d(correlate1d(ink, mean, 2, mode="nearest"), difference, 1, mode="nearest")
    right = correlate1d(correlate1d(ink, mean, 1, mode="nearest"), difference, 2, mode="nearest")
    return down, right


def ridges(steep: FloatArray, down: FloatArray, right: FloatArray) -> NDArray[np.bool_]:
    """Where no neighbour uphill or downhill is steeper; of two alike the one further up counts."""
    sector = np.rint(np.arctan2(down, right) / (np.pi / 4)).astype(np.int8) % 8
    wide = np.pad(steep, ((0, 0), (1, 1), (1, 1)))
    found = np.zeros(steep.shape, bool)
    for number, (row, column) in enumerate(STEPS):
        ahead, behind = (
            np.roll(wide, (sign * row, sign * column), (1, 2))[:, 1:-1, 1:-1] for sign in (-1, 1)
        )
        found |= (sector == number) & (steep > ahead) & (steep >= behind)
    return found


def connected(doubtful: NDArray[np.bool_], sure: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The doubtful pieces, joined at sides or corners, that have a sure pixel in them."""
    whole: NDArray[np.bool_] = binary_propagation(sure, np.ones((1, 3, 3), bool), doubtful)
    return whole


Corruption = Callable[[ByteArray, np.random.Generator], ByteArray]

# The place in this list is a corruption's number: a new one goes to the end.
CORRUPTIONS: dict[str, Corruption] = {
    "shot noise": shot_noise,
    "impulse noise": impulse_noise,
    "glass blur": glass_blur,
    "motion blur": motion_blur,
    "shear": shear,
    "scale": scale,
    "rotate": rotate,
    "brightness": brightness,
    "translate": translate,
    "stripe": stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted line": dotted_line,
    "zigzag": zigzag,
    "Canny edges": canny_edges,
}


def corrupt(name: str, images: ByteArray, seed: int) -> ByteArray:
    """Digit images, uint8 (n, 28, 28), corrupted in one way; the same for the same seed.

    Image k is corrupted in the same way however many images come after it.
    """
    number = list(CORRUPTIONS).index(name)
    return CORRUPTIONS[name](images, np.random.default_rng([seed, number]))
