"""The corruptions that take more than a line: blur, lines drawn across, outlines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_propagation, correlate1d, gaussian_filter

from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray

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


def glass_blur(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Blur, pixels that change places with a neighbour above or left, blur again.

    As published (severity 1), down to a shift of −1 or 0 only and borders that stay.
    """
    ink = gaussian_filter(as_ink(images), (0, GLASS_BLUR, GLASS_BLUR), mode="nearest")
    places = range(DIGIT_SIDE - GLASS_REACH, GLASS_REACH, -1)
    swaps = [(row, column) for _ in range(GLASS_ROUNDS) for row in places for column in places]
    size = (len(images), len(swaps), 2)
    moves = generator.integers(-GLASS_REACH, GLASS_REACH, size, np.int8)
    pixels = np.ascontiguousarray(ink.reshape(len(ink), -1).T)  # (784, n): a swap touches one row
    every = np.arange(len(images))
    for (row, column), move in zip(swaps, moves.transpose(1, 2, 0), strict=True):
        up, aside = move.astype(np.intp)  # int8 would overflow below
        here, there = row * DIGIT_SIDE + column, (row + up) * DIGIT_SIDE + column + aside
        kept = pixels[here].copy()
        pixels[here] = pixels[there, every]
        pixels[there, every] = kept
    moved = pixels.T.reshape(ink.shape)
    return as_bytes(gaussian_filter(moved, (0, GLASS_BLUR, GLASS_BLUR), mode="nearest"))


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
    down, right = slopes(gaussian_filter(as_ink(images), (0, SMOOTHING, SMOOTHING), mode="nearest"))
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
