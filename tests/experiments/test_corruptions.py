"""Each corruption against loops, and the report on them."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import binary_fill_holes, center_of_mass
from scipy.ndimage import rotate as turned

from lenet.engine import native_engine
from lenet.experiments import corruptions
from lenet.experiments.corruptions import CONNECTED, LABELS
from lenet.experiments.experiment import Budget
from lenet.experiments.images import corrupt as filters
from lenet.experiments.images.corrupt import (
    CORRUPTIONS,
    connected,
    corrupt,
    dotted_line,
    plasma,
    zigzag,
)

SEED = 7
ALWAYS_ALIKE = {"scale", "brightness", "stripe", "Canny edges"}


@pytest.fixture(scope="module")
def images():
    """Ten smooth strokes and blots, none like another."""
    rows, columns = np.mgrid[:28, :28]
    drawn = np.zeros((10, 28, 28), np.uint8)
    for k, image in enumerate(drawn):
        blot = np.hypot(rows - 10 - k % 5, columns - 12) < 5
        bar = (np.abs(columns - 15 - k % 3) < 2) & (np.abs(rows - 14) < 9)
        image[:] = np.where(blot, 130 + 7 * k, np.where(bar, 255, 0))
    drawn.flags.writeable = False
    return drawn


def full(value, n=1):
    return np.full((n, 28, 28), value, np.uint8)


def test_there_are_fifteen():
    assert len(CORRUPTIONS) == len(set(CORRUPTIONS.values())) == 15


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_corruption(name, images):
    before = images.copy()
    degraded = corrupt(name, images, SEED)
    assert degraded.shape == images.shape
    assert degraded.dtype == np.uint8
    np.testing.assert_array_equal(images, before)
    assert (degraded != images).any(axis=(1, 2)).all(), "each image is changed"
    np.testing.assert_array_equal(corrupt(name, images, SEED), degraded)
    np.testing.assert_array_equal(corrupt(name, images[:3], SEED), degraded[:3])
    same = np.array_equal(corrupt(name, images, SEED + 1), degraded)
    assert same == (name in ALWAYS_ALIKE)


def test_shot_noise_counts_grains():
    third = corrupt("shot noise", full(85, 100), SEED)  # one grain a pixel on average
    assert set(np.unique(third)) == {0, 85, 170, 255}
    none, one, two = (math.exp(-1) / math.factorial(k) for k in range(3))
    expected = 85 * (one + 2 * two + 3 * (1 - none - one - two))  # more than three are cut off
    assert third.mean() == pytest.approx(expected, abs=1.2)  # 4 standard errors
    assert not corrupt("shot noise", full(0), SEED).any()


def test_impulse_noise_fails_as_many_pixels_both_ways():
    grey = corrupt("impulse noise", full(100, 100), SEED)
    for value, share in ((0, 0.085), (255, 0.085), (100, 0.83)):
        assert (grey == value).mean() == pytest.approx(share, abs=0.006)


def test_glass_blur_moves_pixels_as_a_loop_does(images, monkeypatch):
    monkeypatch.setattr(filters, "GLASS_BLUR", 0.0)
    moves = np.random.default_rng(SEED).integers(-1, 1, (10, 2 * 26 * 26, 2), np.int8).tolist()
    for image, degraded, steps in zip(
        images, filters.glass_blur(images, np.random.default_rng(SEED)), moves, strict=True
    ):
        pixels, step = image.tolist(), iter(steps)
        for _ in range(2):
            for row in range(27, 1, -1):
                for column in range(27, 1, -1):
                    up, aside = next(step)
                    there = (row + up, column + aside)
                    kept = pixels[row][column]
                    pixels[row][column] = pixels[there[0]][there[1]]
                    pixels[there[0]][there[1]] = kept
        np.testing.assert_array_equal(degraded, pixels)


def test_glass_blur_keeps_the_ink_near():
    dot = full(0)
    dot[0, 12:16, 12:16] = 255
    degraded = corrupt("glass blur", dot, SEED)[0]
    assert degraded.sum() == pytest.approx(dot.sum(), rel=0.05)
    assert np.abs(np.array(center_of_mass(degraded)) - 13.5).max() < 4


def test_motion_blur_is_a_trail_that_a_loop_draws(images):
    degraded = filters.motion_blur(images, np.random.default_rng(SEED))
    turns = np.random.default_rng(SEED).uniform(-45, 45, len(images))
    weights = [math.exp(-(k**2) / 18) for k in range(21)]
    for image, trail, turn in zip(images, degraded, turns, strict=True):
        expected = np.zeros((28, 28))
        for k, weight in enumerate(weights):
            down = round(k * math.sin(math.radians(turn)))
            right = round(k * math.cos(math.radians(turn)))
            for row in range(28):
                for column in range(28):
                    if 0 <= row + down < 28 and column + right < 28:
                        ink = image[row + down, column + right]
                        expected[row, column] += weight * ink / sum(weights)
        assert np.abs(trail - expected).max() <= 0.51


def test_rotation_is_that_of_scipy(images):
    for image, degraded in zip(images, corrupt("rotate", images, SEED), strict=True):
        either = [
            turned(image.astype(float), sign * math.degrees(0.4), reshape=False, order=1)
            for sign in (-1, 1)
        ]
        assert min(np.abs(degraded - one).max() for one in either) <= 0.51


def test_shear_slides_rows(images):
    bar = full(0, 20)
    bar[:, 5:23, 12:16] = 200
    slopes = []
    for degraded in corrupt("shear", bar, SEED):
        middles = degraded[5:23] @ np.arange(28) / degraded[5:23].sum(axis=1)
        np.testing.assert_allclose(degraded.sum(axis=1), bar[0].sum(axis=1), atol=3)
        slopes.append(np.polyfit(np.arange(18), middles, 1)[0])
    assert np.abs(slopes) == pytest.approx(math.tan(0.4), abs=0.01)
    assert len(set(np.sign(slopes))) == 2


def test_scale_makes_twenty_pixels_fourteen():
    square = full(0)
    square[0, 4:24, 4:24] = 255
    degraded = corrupt("scale", square, SEED)[0] / 255
    assert degraded[14].sum() == pytest.approx(14, abs=0.5)
    assert center_of_mass(degraded) == pytest.approx((13.5, 13.5))


def test_translation_rolls_to_all_four_corners():
    inside = np.pad(
        np.random.default_rng(0).integers(1, 256, (40, 22, 22)), ((0, 0), (3, 3), (3, 3))
    )
    seen = set()
    for image, degraded in zip(
        inside, corrupt("translate", inside.astype(np.uint8), SEED), strict=True
    ):
        corners = [(down, right) for down in (-3, 3) for right in (-3, 3)]
        hits = [by for by in corners if np.array_equal(np.roll(image, by, (0, 1)), degraded)]
        assert len(hits) == 1
        seen.update(hits)
    assert len(seen) == 4


def test_brightness_adds_half_and_cuts_off(images):
    degraded = corrupt("brightness", images, SEED)
    expected = [min(round(value + 127.5), 255) for value in images[0].ravel().tolist()]
    assert np.abs(degraded[0].ravel() - np.array(expected)).max() <= 1  # halves round either way
    assert degraded.min() in (127, 128)


def test_stripes_are_inverted_and_the_middle_is_not(images):
    degraded = corrupt("stripe", images, SEED)
    inverted = [column for column in range(28) if (degraded + images == 255)[:, :, column].all()]
    assert inverted == [*range(7), *range(21, 28)]
    np.testing.assert_array_equal(degraded[:, :, 7:21], images[:, :, 7:21])


def test_plasma_is_diamond_and_square():
    jitter = np.random.default_rng(0).uniform(-1, 1, (1, 8, 8)).astype(np.float32)
    cloud = np.zeros((8, 8))
    for step, amount in ((8, 1e4), (4, 1e4 / 1.5**2), (2, 1e4 / 1.5**4)):
        half, grid = step // 2, range(0, 8, step)
        around = [(half, half), (half, -half), (-half, half), (-half, -half)]
        beside = [(half, 0), (-half, 0), (0, half), (0, -half)]
        middles = [(r + half, c + half) for r in grid for c in grid]
        sides = [(r + half, c) for r in grid for c in grid]
        tops = [(r, c + half) for r in grid for c in grid]
        for places, near in ((middles, around), (sides + tops, beside)):
            for r, c in places:
                mean = sum(cloud[(r + i) % 8, (c + j) % 8] for i, j in near) / 4
                cloud[r, c] = mean + amount * jitter[0, r, c]
    expected = (cloud - cloud.min()) / (cloud.max() - cloud.min())
    np.testing.assert_allclose(plasma(jitter)[0], expected, atol=1e-5)


def test_fog_stays_within_the_digits_range(images):
    degraded = corrupt("fog", images, SEED)
    assert (degraded.max(axis=(1, 2)) <= images.max(axis=(1, 2))).all()
    black, white = corrupt("fog", full(0), SEED), corrupt("fog", full(255), SEED)
    assert not black.any()
    assert white.min() == pytest.approx(255 / 3.5, abs=8)  # the thinnest: no fog, but darkened
    assert white.max() > 200


def test_mud_covers_ink_and_shows_on_paper():
    white = corrupt("spatter", full(255, 20), SEED)
    black = corrupt("spatter", full(0, 20), SEED)
    assert white.min() == black.max() == 63
    np.testing.assert_array_equal(white == 255, black == 0)
    assert 0.05 < (black > 0).mean() < 0.3


def level_line(row):
    """What draws a line from column 0 to 27 in this row, without chance."""
    return SimpleNamespace(random=lambda size: np.array([[row / 27, 0, row / 27, 1.0]]))


def test_dotted_line_is_two_on_and_two_off():
    drawn = dotted_line(full(9), level_line(14))[0]
    assert drawn[14].tolist() == [255, 255, 9, 9] * 7
    assert (np.delete(drawn, 14, axis=0) == 9).all()


def test_zigzag_swings_two_pixels_in_a_period_of_four():
    drawn = zigzag(full(0), level_line(14))[0]
    for column in range(28):
        assert drawn[:, column].argmax() == (12, 14, 16, 14)[column % 4]
    assert (drawn.max(axis=0) == 255).all()
    assert not drawn[:10].any()  # two pixels, and the tips a little beyond
    assert not drawn[19:].any()


@pytest.mark.parametrize("name", ["dotted line", "zigzag"])
def test_lines_go_from_the_left_to_the_right(name):
    for drawn in corrupt(name, full(0, 50), SEED):
        columns = np.flatnonzero(drawn.any(axis=0))
        assert columns[0] <= 8
        assert columns[-1] >= 18
        assert 8 < (drawn > 127).sum() < 130


def test_canny_outlines_a_square():
    square = full(0, 2)
    square[0, 8:20, 8:20] = 255  # the second stays bare: images do not touch each other
    outline, bare = corrupt("Canny edges", square, SEED)
    assert not bare.any()
    assert set(np.unique(outline)) == {0, 255}
    assert not outline[10:18, 10:18].any()
    assert not outline[:7].any()
    for line in (outline[14], outline[:, 14]):
        edges = np.flatnonzero(line)
        assert len(edges) == 2, "as thin as can be"
        assert edges[0] in (7, 8)
        assert edges[1] in (19, 20)
    whole = binary_fill_holes(outline, np.ones((3, 3)))
    assert whole.sum() == pytest.approx(12 * 12, abs=30), "closed all round"
    assert not corrupt("Canny edges", full(0) + np.uint8(90), SEED).any()


def test_canny_keeps_doubtful_edges_that_hang_on_sure_ones():
    doubtful = np.zeros((2, 5, 5), bool)
    doubtful[0, [0, 1, 2], [0, 1, 2]] = doubtful[0, 4, 4] = doubtful[1, 1, 1] = True
    sure = np.zeros_like(doubtful)
    sure[0, 0, 0] = True
    kept = np.zeros_like(doubtful)
    kept[0, [0, 1, 2], [0, 1, 2]] = True
    np.testing.assert_array_equal(connected(doubtful, sure), kept)


def test_errors_are_counted_for_each_corruption(tiny_set):
    test = tiny_set.test
    labels = {image.tobytes(): label for image, label in zip(test.images, test.labels, strict=True)}

    def by_heart(images):
        return np.array([labels.get(image.tobytes(), 0) for image in images])

    found = corruptions.counted(SimpleNamespace(digits=tiny_set), by_heart, 15, SEED)
    wrong = np.count_nonzero(test.labels[:15])  # whatever is degraded is read as 0
    assert found == {"digits": 15, "errors": {"none": 0, **dict.fromkeys(CORRUPTIONS, wrong)}}


def test_the_pieces_of_a_plan(monkeypatch):
    monkeypatch.setattr(corruptions, "shipped_names", lambda: ["1998", "strange"])
    (connected, quick), (_, whole) = map(corruptions.EXPERIMENT.jobs, (Budget.short(), Budget()))
    assert quick.settings == {"network": "1998", "count": 2_000, "seed": 1998}
    assert whole.settings["count"] == 10_000
    assert connected.settings == {
        **quick.settings,
        "network": CONNECTED,
        "passes": 3,
        "train_size": 6_000,
    }


@pytest.mark.skipif(not native_engine.available(), reason="no compiled kernels on this machine")
def test_a_fully_connected_network_learns_and_is_counted(bars):
    found = corruptions.train_and_read(bars, CONNECTED, 50, SEED, passes=3, train_size=300)
    assert found["errors"]["none"] < 15 < max(found["errors"].values())


def test_a_shipped_network_is_counted(bars):
    found = corruptions.read(bars, "1998", 20, SEED)
    assert found["digits"] == 20
    assert set(found["errors"]) == {"none", *CORRUPTIONS}


def test_the_report_means_over_the_fifteen_alone():
    found = {
        name: {"digits": 200, "errors": {"none": 1, **dict.fromkeys(CORRUPTIONS, each), "fog": 150}}
        for name, each in ((CONNECTED, 20), ("1998", 10))
    }
    report = corruptions.EXPERIMENT.report(Budget.short(), found)
    assert [row.printed for row in report.rows] == [None] * 4
    means = [(n * rate + 75) / (n + 1) for n in (14, 11) for rate in (5, 10)]
    assert [row.ours for row in report.rows] == pytest.approx(means)
    (table,), (panel,) = report.tables, report.panels
    assert table.lines[0] == ["none", 0.5, 0.5]
    assert len(table.lines) == 1 + 15 + 2
    assert all(len(line) == len(table.header) == 3 for line in table.lines)
    assert [curve.label for curve in panel.curves] == [LABELS[name] for name in ("1998", CONNECTED)]
    assert all(list(curve.x) == ["none", *CORRUPTIONS] for curve in panel.curves)
    notes = " ".join(report.notes)
    assert "not the published files" in notes
    assert "fog (75.0 %)" in notes
    assert "not shipped: LeNet-5, modern recipe." in notes
