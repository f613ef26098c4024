"""The steps from a line to its candidates, each against something slow and plain."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.lines.candidates import candidates_of
from lenet.lines.cuts import SLANT_COST, cuts, path_costs
from lenet.lines.line_engine import line_preparation
from lenet.lines.line_ink import find_line_ink, remove_ruled_lines
from lenet.lines.oversegmentation import oversegment
from lenet.preprocessing.digit_ink import otsu
from lenet.preprocessing.morphology import box_sum, measure, running_max, running_min
from lenet.reading.layout import find_lines, page_parts


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 25, 90])
@pytest.mark.parametrize("axis", [0, 1])
def test_running_extremes_against_loops(size, axis, rng):
    plane = rng.normal(size=(7, 11)).astype(np.float32)
    rows = np.moveaxis(plane, axis, -1)
    before, after = size // 2, size - 1 - size // 2
    for run, extreme in ((running_max, np.max), (running_min, np.min)):
        slow = np.empty_like(rows)
        for place in np.ndindex(rows.shape):
            window = rows[place[0], max(0, place[1] - before) : place[1] + after + 1]
            slow[place] = extreme(window)
        assert np.array_equal(run(plane, size, axis), np.moveaxis(slow, -1, axis))


def test_box_sums_against_loops(rng):
    plane = rng.normal(size=(9, 6)).astype(np.float32)
    slow = np.empty_like(plane)
    for y, x in np.ndindex(plane.shape):
        inside = plane[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3]
        slow[y, x] = inside.sum()
    assert np.allclose(box_sum(plane, 5), slow, atol=1e-5)


def test_the_cheapest_paths_are_the_cheapest_of_all(rng):
    """Every path of a small plane is walked."""
    ink = rng.random((5, 4)).astype(np.float32)
    cheapest = np.full(ink.shape, np.inf)

    def walk(row, column, price):
        price += ink[row, column]
        cheapest[row, column] = min(cheapest[row, column], price)
        for step in (-1, 0, 1):
            if row + 1 < len(ink) and 0 <= column + step < ink.shape[1]:
                walk(row + 1, column + step, price + SLANT_COST * abs(step))

    for column in range(ink.shape[1]):
        walk(0, column, 0.0)
    assert np.allclose(path_costs(ink), cheapest, atol=1e-5)


def two_rings(gap: int = 0) -> np.ndarray:
    """Two rings that touch where gap is 0."""
    ink = np.zeros((64, 130), np.float32)
    rows, columns = np.indices(ink.shape)
    for middle in (35, 35 + 40 + gap):
        distance = np.hypot(rows - 32, columns - middle)
        ink[(distance < 21) & (distance > 15)] = 1
    return ink


def test_touching_rings_are_cut_where_they_touch():
    ink = two_rings()
    rows, columns = np.indices(ink.shape)
    holes = np.minimum(*(np.hypot(rows - 32, columns - middle) for middle in (35, 75))) <= 15
    paths, crossed = cuts(ink, 32, 14)
    toll = np.where(holes, 0.3, ink)
    assert np.abs(paths[:, 32] - 55).min() <= 6  # the width of their strokes
    for path, price in zip(paths, crossed, strict=True):
        steps = np.abs(np.diff(path))
        assert steps.max() <= 1
        walked = toll[np.arange(len(ink)), path].sum() + SLANT_COST * steps.sum()
        assert walked == pytest.approx(price, abs=1e-3)


def test_pieces_share_the_ink_out():
    pieces = oversegment(two_rings())
    assert 2 <= len(pieces) <= 6
    labels = pieces.labels
    assert set(np.unique(labels)) == set(range(len(pieces) + 1))
    assert (labels > 0).sum() == (two_rings() > 0).sum()
    assert len(set(pieces.parts)) == 1
    assert len(set(oversegment(two_rings(gap=9)).parts)) == 2
    assert pieces.height == pytest.approx(42, abs=2)


def test_each_ring_is_among_the_candidates():
    pieces = oversegment(two_rings())
    found = candidates_of(pieces)
    halves = [(14, 56), (54, 96)]
    for left, right in halves:
        near = np.abs(found.boxes[:, [1, 3]] - (left, right)).max(1)
        assert near.min() <= 3
    assert (found.last > found.first).all()
    assert list(found.first) == sorted(found.first)
    assert found.images.dtype == np.uint8
    assert np.isfinite(found.context).all()


def test_boxes_and_ink_against_loops(rng):
    labels = rng.integers(0, 4, (12, 9))
    ink = rng.random((12, 9)).astype(np.float32)
    boxes, mass = measure(labels, 3, ink)
    for k in range(3):
        rows, columns = np.nonzero(labels == k + 1)
        assert tuple(boxes[k]) == (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
        assert mass[k] == pytest.approx(ink[labels == k + 1].sum(), rel=1e-5)


def test_a_ruled_line_goes_and_the_stroke_across_it_stays():
    ink = np.zeros((64, 200), np.float32)
    ink[50:53] = 1
    ink[20:60, 100:106] = 1
    ink[:, 197:199] = 1
    kept = remove_ruled_lines(ink)
    assert kept[20:60, 100:106].min() == 1
    assert kept[50:53, :90].max() == 0
    assert kept[:48, 190:].max() == 0


def test_the_bar_of_a_lone_digit_is_no_rule():
    ink = np.zeros((64, 64), np.float32)
    ink[10:15, 6:58] = 1  # 52 pixels long, as a wide 7 has it
    ink[10:60, 53:58] = 1
    np.testing.assert_array_equal(remove_ruled_lines(ink), ink)


@pytest.mark.parametrize("light", [False, True])
def test_writing_stands_out_in_a_slanting_light(light):
    ink = two_rings()
    shade = np.linspace(0.95, 0.5, ink.shape[1], dtype=np.float32)
    grey = shade - 0.3 * ink
    found = find_line_ink(1 - grey if light else grey)
    assert found[ink > 0].mean() > 0.9
    assert found[ink == 0].mean() < 0.02


def test_numbers_of_a_ruled_page_are_found_in_reading_order():
    page = np.ones((400, 600), np.float32)
    page[::100] = page[1::100] = 0.2
    page[:, ::200] = page[:, 1::200] = 0.2
    places = [(30, 40), (30, 440), (230, 240)]
    for top, left in places:
        for k in range(3):
            page[top : top + 40, left + 25 * k : left + 25 * k + 6] = 0.1
    rows = find_lines(page_parts(page, line_preparation()))
    assert [len(row) for row in rows] == [2, 1]
    boxes = [box for row in rows for box in row]
    for box, (top, left) in zip(boxes, places, strict=True):
        assert box.top <= top
        assert box.bottom >= top + 40
        assert box.left <= left
        assert box.right >= left + 56
        assert box.height < 80


@pytest.mark.parametrize("spread", [0.0, 1e-45, 1e-42, 1e-37])
def test_values_too_near_each_other_for_bins_are_one(spread):
    values = np.zeros((4, 5), np.float32)
    values[1, 2] = spread
    assert otsu(values) == otsu(np.zeros((4, 5), np.float32))
