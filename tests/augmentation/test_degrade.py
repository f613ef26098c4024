"""Degraded digits, and strokes thickened, against pixel-by-pixel loops and scipy's morphology."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import generate_binary_structure, grey_dilation, grey_erosion

from lenet.augmentation.degrade import WORDS, degrade
from lenet.augmentation.warp import Distortion, distort, random_words, signed_uniforms, thicken

CROSS = generate_binary_structure(2, 1)


@pytest.fixture(scope="module")
def ink():
    return np.random.default_rng(1).random((32, 32)).astype(np.float32)


def shares(which, much=1.0, first=0.0, second=0.0, third=0.0, fourth=0.0, stream=3):
    """Random shares whose decisions are these."""
    drawn = signed_uniforms(random_words(stream, 5, WORDS))
    drawn[:6] = which, much, first, second, third, fourth
    return drawn


@pytest.mark.parametrize("by", [1.0, 0.4, -0.4, -1.0, 0.0])
def test_strokes_go_towards_scipys_dilation_and_erosion(ink, by):
    morph = grey_dilation if by > 0 else grey_erosion
    full = morph(ink, footprint=CROSS, mode="constant", cval=0.0)
    np.testing.assert_allclose(
        thicken(ink, by, diagonals=False), ink + abs(by) * (full - ink), atol=1e-6
    )


def test_grey_paper_is_tilted_and_takes_contrast(ink):
    found = degrade(ink, 0.8, 9, 0.2, shares(-0.9, much=0.5, first=0.5, second=-0.25))
    for y, x in ((0, 0), (16, 16), (31, 5), (7, 30)):
        ground = 0.8 * 0.75 * (1 + 0.5 * (y - 16) / 16 - 0.25 * (x - 16) / 16) / 2
        assert found[y, x] == pytest.approx(min(1, ground + ink[y, x] * (1 - ground / 2)), abs=1e-6)


def test_a_patch_is_a_rectangle_of_one_grey(ink):
    drawn = shares(0, much=1, first=-0.25, second=0.5, third=0, fourth=0.2)
    found = degrade(ink, 0.8, 10, 0.2, drawn)
    changed = np.argwhere(found != ink)
    assert changed.min(0).tolist() == [12 - 5, 24 - 2]
    assert changed.max(0).tolist() == [12 + 5, 24 + 2]
    assert np.allclose(found[7:18, 22:27], 0.6)


def test_as_many_pixels_are_turned_over_as_was_drawn(ink):
    counts = []
    for stream in range(40):
        found = degrade(ink, 0.8, 10, 0.2, shares(0.9, much=0.0, stream=stream))
        turned = found != ink
        np.testing.assert_allclose(found[turned], 1 - ink[turned], atol=1e-6)
        counts.append(turned.mean())
    assert np.mean(counts) == pytest.approx(0.1, abs=0.005)


def test_as_many_digits_are_degraded_as_asked_and_the_rest_only_warped():
    images = np.repeat(np.random.default_rng(2).integers(0, 256, (1, 28, 28), np.uint8), 300, 0)
    limits = Distortion(rotation=10, shift=1, degraded=0.3, background=0.5, patch=8, noise=0.1)
    planes = distort(images, np.arange(300), limits, 9)
    warped = distort(images, np.arange(300), limits.without_degradation(), 9)
    share = (planes != warped).any((1, 2, 3)).mean()
    assert share == pytest.approx(0.3, abs=0.08)
