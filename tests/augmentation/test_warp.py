"""Warped digits: what each amount does, against maps written down by hand, scipy and loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import affine_transform, map_coordinates

from lenet.augmentation.warp import (
    Distortion,
    distort,
    random_words,
    sample,
    signed_uniforms,
    source_coordinates,
    splitmix64,
    stream_of,
    thicken,
)
from lenet.errors import InputError
from lenet.network.plane import to_planes


@pytest.fixture(scope="module")
def images():
    generator = np.random.default_rng(0)
    images = np.zeros((30, 28, 28), np.uint8)
    images[:, 6:22, 9:19] = generator.integers(0, 256, (30, 16, 10))
    return images


def test_splitmix64_gives_its_published_numbers():
    """From state 1234567, the sequence of the reference implementation (Vigna's splitmix64.c)."""
    state, found = 1234567, []
    for _ in range(5):  # the algorithm in plain integers
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        word = state
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB % 2**64
        found.append(word ^ (word >> 31))
    assert found[:2] == [6457827717110365317, 3203168211198807973]
    with np.errstate(over="ignore"):
        steps = np.arange(1, 6, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        states = np.uint64(1234567) + steps
    assert splitmix64(states).tolist() == found
    words = random_words(7, 9)
    assert len(set(words.tolist())) == len(words)
    assert not np.array_equal(words, random_words(7, 10))
    assert not np.array_equal(words, random_words(8, 9))


def test_shares_fill_the_range_evenly():
    shares = np.concatenate([signed_uniforms(random_words(1, k)) for k in range(300)])
    assert -1 < shares.min() < -0.999
    assert 0.999 < shares.max() < 1
    assert abs(shares.mean()) < 4 * shares.std() / np.sqrt(len(shares))
    assert shares.std() == pytest.approx(1 / np.sqrt(3), rel=0.01)


def test_no_distortion_changes_nothing(images):
    planes = distort(images, np.arange(30), Distortion(), 5)
    np.testing.assert_allclose(planes, to_planes(images), atol=1e-6)


def test_an_affine_map_is_the_one_drawn(images):
    limits = Distortion(rotation=20, scale=0.2, shear=0.3, shift=3)
    plane = distort(images[:1], np.array([77]), limits, 5)[0, 0]
    turn, tall, wide, shear, down, right = signed_uniforms(random_words(5, 77))[:6]
    angle = np.deg2rad(20 * turn)
    rotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = rotate @ np.array([[1 + 0.2 * tall, 0], [0.3 * shear, 1 + 0.2 * wide]])
    centre = np.array([16, 16])
    offset = centre - matrix @ centre + 3 * np.array([down, right])
    wanted = affine_transform(to_planes(images)[0, 0] + 0.1, matrix, offset, order=1) - 0.1
    np.testing.assert_allclose(plane, wanted, atol=2e-5)


def test_elastic_moves_as_far_as_simard_says():
    """Smoothed uniform noise has the deviation α / √3 / (2 √π σ)."""
    moved = (
        np.array(
            [source_coordinates(Distortion(elastic=30, smoothness=3), 1, k) for k in range(60)]
        )
        - np.mgrid[:32, :32]
    )
    assert moved.std() == pytest.approx(30 / np.sqrt(3) / (2 * np.sqrt(np.pi) * 3), rel=0.05)
    neighbours = np.corrcoef(moved[..., :-1].ravel(), moved[..., 1:].ravel())[0, 1]
    assert neighbours > 0.95  # a smooth field, not noise


def test_each_digit_and_pass_is_warped_in_its_own_way_and_always_the_same(images):
    limits = Distortion(10, 0.1, 0.1, 1, 20)
    same = np.repeat(images[:1], 3, 0)
    planes = distort(same, np.array([4, 5, 4]), limits, stream_of(1, 1))
    assert np.array_equal(planes[0], planes[2])
    assert not np.array_equal(planes[0], planes[1])
    other = distort(same[:1], np.array([4]), limits, stream_of(1, 2))
    assert not np.array_equal(planes[0], other[0])
    assert stream_of(1, 1) == stream_of(1, 1) != stream_of(2, 1)


@pytest.mark.parametrize(
    "wrong",
    [{"rotation": -1}, {"scale": 1.0}, {"shift": float("nan")}, {"smoothness": 0}, {"elastic": -2}],
)
def test_impossible_amounts_are_refused(wrong):
    with pytest.raises(InputError, match="distortion"):
        Distortion(**wrong)


PLACES = arrays(np.float32, (2, 3, 5), elements=st.floats(-4, 12, width=32))
SQUARES = arrays(np.uint8, (2, 7, 7), elements=st.integers(0, 255))


@settings(deadline=None, max_examples=60)
@given(SQUARES, PLACES)
def test_sampling_is_that_of_scipy(squares, places):
    """Also at places beyond the image, and bit for bit in the precision of digits."""
    rows, columns = places[:, None].repeat(2, 1).astype(np.float64)
    found = sample(squares, rows, columns).astype(np.float32)
    for square, ink in zip(squares.astype(np.float32), found, strict=True):
        wanted = map_coordinates(square, places, order=1, mode="grid-constant")
        np.testing.assert_allclose(ink, wanted, rtol=1e-6, atol=1e-30)
    one_for_all = sample(squares, rows[:1], columns[:1])
    np.testing.assert_array_equal(one_for_all.astype(np.float32), found)


@settings(deadline=None, max_examples=60)
@given(SQUARES, st.floats(-2.5, 2.5), st.booleans())
def test_thicker_strokes_are_the_most_ink_of_a_slow_loop(squares, pixels, diagonals):
    """Each step takes the extreme over a square's or octagon's corners, sampled one by one."""
    steps = max(1, int(np.ceil(abs(pixels))))
    angles = np.arange(8 if diagonals else 4) * (np.pi / 4 if diagonals else np.pi / 2)
    wanted = squares.astype(float)
    rows, columns = np.mgrid[:7, :7]
    for _ in range(steps):
        shifts = abs(pixels) / steps * np.stack([np.sin(angles), np.cos(angles)], 1)
        copies = [wanted] + [
            np.stack(
                [
                    map_coordinates(ink, (rows + d, columns + r), order=1, mode="grid-constant")
                    for ink in wanted
                ]
            )
            for d, r in shifts
        ]
        wanted = np.max(copies, 0) if pixels > 0 else np.min(copies, 0)
    found = thicken(squares.astype(float), pixels, diagonals)
    np.testing.assert_allclose(found, wanted, atol=1e-9)
