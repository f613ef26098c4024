"""Nothing but outlines: Canny's detector (Canny 1986) on a stack of images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, gaussian_filter, label

from lenet.experiments.images.ink import as_ink
from lenet.network.plane import ByteArray, FloatArray

SMOOTHING = 1.0  # σ, pixels
DOUBTFUL, SURE = 0.1, 0.2  # slopes as Sobel's kernel gives them: its weights add up to ±4
STEPS = ((0, 1), (1, 1), (1, 0), (1, -1))  # row, column: the directions at 0°, 45°, 90°, 135°


def canny_edges(images: ByteArray, generator: np.random.Generator) -> ByteArray:
    """Edges in full ink, all else bare.

    Canny's detector is published; smoothing and limits are our choice, the defaults of
    scikit-image, and so is comparing a slope with whole neighbours where that interpolates.
    """
    down, right = slopes(gaussian_filter(as_ink(images), (0, SMOOTHING, SMOOTHING), mode="nearest"))
    steep = np.hypot(down, right)
    ridge = ridges(steep, down, right)
    edges = connected(ridge & (steep >= DOUBTFUL), ridge & (steep >= SURE))
    outline: ByteArray = edges.astype(np.uint8) * np.uint8(255)
    return outline


def slopes(ink: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sobel's slopes down and to the right, in each image for itself."""
    mean, difference = [1, 2, 1], [-1, 0, 1]
    down = correlate1d(correlate1d(ink, mean, 2, mode="nearest"), difference, 1, mode="nearest")
    right = correlate1d(correlate1d(ink, mean, 1, mode="nearest"), difference, 2, mode="nearest")
    return down, right


def ridges(steep: FloatArray, down: FloatArray, right: FloatArray) -> NDArray[np.bool_]:
    """Where no neighbour uphill or downhill is steeper; of two alike the one further up counts."""
    sector = np.rint(np.arctan2(down, right) / (np.pi / 4)).astype(np.int8)  # −4 … 4
    wide = np.pad(steep, ((0, 0), (1, 1), (1, 1)))
    rows, columns = steep.shape[1:]
    found = np.zeros(steep.shape, bool)
    for turn in range(8):
        step = np.array(STEPS[turn % 4]) * (1 if turn < 4 else -1)
        ahead, behind = (
            wide[:, 1 + row : 1 + row + rows, 1 + column : 1 + column + columns]
            for row, column in (step, -step)
        )
        found |= (sector % 8 == turn) & (steep > ahead) & (steep >= behind)
    return found


def connected(doubtful: NDArray[np.bool_], sure: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The doubtful pieces, joined at sides or corners, that have a sure pixel in them."""
    within_an_image = np.zeros((3, 3, 3), bool)
    within_an_image[1] = True
    pieces, count = label(doubtful, within_an_image)
    kept = np.zeros(count + 1, bool)
    kept[pieces[sure]] = True
    kept[0] = False  # what is no piece
    whole: NDArray[np.bool_] = kept[pieces]
    return whole
