"""Deslanting against moments and shears written out pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.experiments.images.deslant import FOREGROUND, boxed, crop, pixels, slant, upright


def leaning_bar(lean: float) -> np.ndarray:
    """A bar four pixels wide and 20 high that moves `lean` pixels to the right a line."""
    image = np.zeros((28, 28), np.uint8)
    for line in range(4, 24):
        left = round(12 + lean * (line - 13.5))
        image[line, left : left + 4] = 255
    return image


def slow_slant(image):
    ink = [(r, c) for r in range(28) for c in range(28) if image[r, c] >= FOREGROUND]
    r0, c0 = (sum(values) / len(ink) for values in zip(*ink, strict=True))
    return sum((r - r0) * (c - c0) for r, c in ink) / sum((r - r0) ** 2 for r, c in ink)


def slow_upright(image):
    lines = [r for r in range(28) for c in range(28) if image[r, c] >= FOREGROUND]
    middle, lean = sum(lines) / len(lines), slow_slant(image)
    sheared = np.zeros((28, 28))
    for r in range(28):
        columns = np.arange(28) + lean * (r - middle)
        sheared[r] = np.interp(columns, np.arange(-1, 29), [0, *image[r], 0], left=0, right=0)
    return sheared


@pytest.mark.parametrize("lean", [-0.4, 0.0, 0.25, 0.5])
def test_a_leaning_bar_comes_upright(lean):
    image = leaning_bar(lean)
    assert slow_slant(image) == pytest.approx(lean, abs=0.02)
    (straight,) = upright(image[None])
    assert abs(slow_slant(straight)) < 0.03
    inked = straight[4:24] >= FOREGROUND
    assert np.ptp(inked.argmax(axis=1)) <= 1  # every line begins in the same column, or the next


def test_slants_and_shears_are_those_written_out(rng):
    images = rng.integers(0, 256, (5, 28, 28)).astype(np.uint8)
    images[:, :, :8] //= 3  # so that the noise leans
    images[3:, :9, 20:] = 0
    np.testing.assert_allclose(slant(images), [slow_slant(image) for image in images], atol=1e-4)
    slow = [slow_upright(image) for image in images]
    np.testing.assert_allclose(upright(images), slow, atol=0.05)


def test_bare_paper_and_single_lines_stay_as_they_are():
    images = np.zeros((2, 28, 28), np.uint8)
    images[1, 14, 5:20] = 255
    assert slant(images).tolist() == [0, 0]
    assert (upright(images) == images).all()


def test_crops():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 3:17, 9:25] = 200  # a box of 14 × 16
    assert crop(image).sum() == image[0, 4:24, 4:24].sum()
    assert (boxed(image)[0] == image[0, 0:20, 7:27]).all()
    assert boxed(image)[0][3:17, 2:18].all()
    assert pixels(image).shape == (1, 784)
    assert pixels(image, deslanted=True).shape == (1, 400)
    assert pixels(image).max() == np.float32(200 / 255)
