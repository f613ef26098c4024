"""Moved digits beside slow, separate ways to make them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import affine_transform, map_coordinates

from lenet.augmentation.transforms import (
    TRANSFORMS,
    invert_pixels,
    rotate,
    scale,
    shear,
    thicken,
    translate,
)

CENTRE = 14


@pytest.fixture
def images(rng):
    """Five smooth blots that reach the edges: bilinear maps of them are no accident of zeros."""
    rough = rng.integers(0, 256, (5, 8, 8))
    return np.kron(rough, np.ones((1, 4, 4)))[:, 2:30, 2:30].astype(np.uint8)


def affine(images, matrix):
    """The same map by scipy, image by image; the matrix goes from place made to place given."""
    centre = np.array([CENTRE, CENTRE])
    offset = centre - np.asarray(matrix) @ centre
    return np.stack(
        [
            affine_transform(image.astype(float), matrix, offset, order=1, mode="grid-constant")
            for image in images
        ]
    )


def close(found, wanted):
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found, wanted, atol=0.501)  # rounded to whole bytes


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, -4), (-10, 10), (27, 0), (0, 0), (-28, 1)])
def test_whole_shifts_move_pixels_and_bring_paper(images, right, down):
    wide = np.pad(images, ((0, 0), (30, 30), (30, 30)))
    wanted = wide[:, 30 - down : 58 - down, 30 - right : 58 - right]
    np.testing.assert_array_equal(translate(images, right, down), wanted)


def test_shifts_by_parts_of_a_pixel(images):
    wide = np.pad(images.astype(float), ((0, 0), (1, 1), (1, 1)))
    left, here = wide[:, 1:-1, :-2], wide[:, 1:-1, 1:-1]
    close(translate(images, right=0.25), 0.25 * left + 0.75 * here)
    above = wide[:, :-2, 1:-1]
    close(translate(images, down=0.5), (above + here) / 2)


@pytest.mark.parametrize("degrees", [-60, -7.5, 20, 90])
def test_turning(images, degrees):
    angle = math.radians(degrees)
    matrix = [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    close(rotate(images, degrees), affine(images, matrix))


@pytest.mark.parametrize("factor", [1.0, 1.3, 2.2])
def test_making_larger(images, factor):
    close(scale(images, factor), affine(images, np.eye(2) / factor))


@pytest.mark.parametrize(("factor", "places"), [(0.5, 2), (0.4, 3), (0.9, 2)])
def test_making_smaller_averages(images, factor, places):
    fine = (np.arange(28 * places) + 0.5) / places - 0.5
    where = (np.stack(np.meshgrid(fine, fine, indexing="ij")) - CENTRE) / factor + CENTRE
    inks = [map_coordinates(i.astype(float), where, order=1, mode="grid-constant") for i in images]
    wanted = np.stack(inks).reshape(-1, 28, places, 28, places).mean((2, 4))
    close(scale(images, factor), wanted)


@pytest.mark.parametrize("per_row", [-1, 0.3])
def test_shearing(images, per_row):
    close(shear(images, per_row), affine(images, [[1, 0], [per_row, 1]]))


def dot(row, column):
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, row, column] = 255
    return image


def test_which_way_is_which():
    np.testing.assert_array_equal(rotate(dot(14, 20), 90), dot(8, 14))  # from the right to the top
    np.testing.assert_array_equal(shear(dot(10, 14), 1), dot(10, 18))  # the top leans right
    np.testing.assert_array_equal(translate(dot(10, 14), 2, 3), dot(13, 16))
    assert scale(dot(14, 20), 1.5)[0, 14, 23] == 255


@pytest.mark.parametrize("pixels", [-3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 4, 5.5])
@pytest.mark.parametrize("upright", [True, False])
def test_a_bar_gets_wider_by_what_was_asked(pixels, upright):
    bar = np.zeros((1, 28, 28), np.uint8)
    bar[0, :, 12:16] = 255
    widened = thicken(bar if upright else bar.swapaxes(1, 2), pixels)[0]
    widths = widened.sum(1 if upright else 0)[14] / 255
    assert widths == pytest.approx(4 + pixels, abs=0.02 * max(1, abs(pixels)))


def test_a_blot_grows_round():
    blot = thicken(dot(14, 14), 2)[0] / 255
    assert (blot[14, 13:16], blot[13:16, 14].tolist()) == (pytest.approx(1), [1, 1, 1])
    corner = math.sqrt(0.5) ** 2  # of a disc of one pixel: the diagonal copy covers that much
    assert blot[13, 13] == pytest.approx(corner, abs=0.01)


def test_strokes_only_grow_or_only_shrink(tiny_set):
    images = tiny_set.test.images
    inks = [thicken(images, pixels).sum() for pixels in TRANSFORMS["stroke"].values]
    assert (np.diff(inks) > 0).all()
    assert (thicken(images, 1.5) >= images).all()
    assert (thicken(images, -1.5) <= images).all()


def test_noise_inverts_its_share(images, rng):
    many = np.repeat(images, 100, axis=0)
    found = invert_pixels(many, 0.1, np.random.default_rng(5))
    kept = found == many
    np.testing.assert_array_equal(found[~kept], 255 - many[~kept])
    assert np.mean(~kept) == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / many.size))
    assert np.ptp((~kept).mean(0)) < 0.15  # everywhere alike: 784 places, sd 0.013 each
    np.testing.assert_array_equal(found, invert_pixels(many, 0.1, np.random.default_rng(5)))
    assert not np.array_equal(found, invert_pixels(many, 0.1, np.random.default_rng(6)))
    np.testing.assert_array_equal(invert_pixels(many, 1.0, rng), 255 - many)


@pytest.mark.parametrize("move", TRANSFORMS.values(), ids=lambda move: move.name)
def test_every_move(move, images):
    before = images.copy()
    assert move.neutral in move.values
    assert list(move.values) == sorted(set(move.values))
    np.testing.assert_array_equal(move.apply(images, move.neutral), images)
    assert move.apply(images[:0], move.values[0]).shape == (0, 28, 28)
    for amount in {move.values[0], move.values[-1]} - {move.neutral}:
        moved = move.apply(images, amount)
        assert (moved.dtype, moved.shape) == (np.uint8, images.shape)
        assert not np.array_equal(moved, images)
        np.testing.assert_array_equal(moved, move.apply(images, amount))
        if move.name != "noise":  # drawn for the whole batch
            np.testing.assert_array_equal(moved[3:4], move.apply(images[3:4], amount))
    np.testing.assert_array_equal(images, before)


def test_whole_planes_move_like_digits(images):
    """A digit that stays within its pixels is moved the same in the plane around it."""
    inside = np.zeros_like(images)
    inside[:, 9:19, 9:19] = images[:, :10, :10]
    border = (0, 0), (2, 2), (2, 2)
    for name, amount in (("rotation", 20), ("scale", 1.3), ("scale", 0.6), ("stroke", 1.5)):
        changed = TRANSFORMS[name].apply
        in_plane = changed(np.pad(inside, border), amount)
        np.testing.assert_array_equal(in_plane, np.pad(changed(inside, amount), border))
