"""Lines drawn across a digit in full ink, from near the left side to near the right."""

from __future__ import annotations

import numpy as np

from lenet.experiments.images.ink import as_bytes
from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray

START = (0, 5)  # columns where a line may begin
END = (22, 27)  # and end; the rows are any
HALF_WIDTH = 0.5  # pixels of full ink either side; half a pixel more fades out
DOT, GAP = 2.0, 2.0  # pixels along the line
TOOTH, DEPTH = 4.0, 2.0  # pixels: a zigzag's period, and how far it leaves the line


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
