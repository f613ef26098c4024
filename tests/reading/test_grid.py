"""Grids are found in perspective, with rules lost or pale, and nowhere else."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageDraw
from ruled_sheets import corners_in_photo, photographed, ruled_sheet

from lenet.reading.grid import find_grids, project, square_to
from lenet.reading.rules import Rules, find_rules

FLAT = ((0, 0), (1, 0), (1, 1), (0, 1))
TILTED = ((0.08, 0.02), (0.97, 0.1), (0.9, 0.98), (0.02, 0.88))
FAR = ((0.2, 0.05), (0.8, 0.05), (1.0, 0.95), (0.0, 0.95))
EMPTY = [["", "", "", "", ""]] * 4


def found_in(sheet, view):
    grids = find_grids(photographed(sheet, view))
    assert grids, "no grid found"
    return grids[0]


@pytest.mark.parametrize("view", [FLAT, TILTED, FAR], ids=["flat", "tilted", "far"])
@pytest.mark.parametrize(("rows", "columns", "wide"), [(4, 5, 1.0), (9, 9, 1.0), (6, 3, 2.6)])
def test_a_grid_in_perspective(view, rows, columns, wide):
    sheet = ruled_sheet([[""] * columns] * rows, wide=wide)
    grid = found_in(sheet, view)
    assert grid.shape == (rows, columns)
    expected = corners_in_photo(sheet, (rows, columns), view)
    assert np.abs(grid.corners - expected).max() < 4


@pytest.mark.parametrize(
    "lost",
    [[("row", 2)], [("column", 0)], [("row", 4), ("column", 5)], [("row", 1), ("column", 3)]],
    ids=str,
)
def test_a_rule_that_is_hardly_drawn_is_completed(lost):
    """A fifth of the rule is left, in pieces too short to be found."""
    sheet = ruled_sheet(EMPTY, lost=lost)
    whole = ruled_sheet(EMPTY)
    dashes = np.zeros(sheet.size[::-1], bool)
    dashes[::4, :], dashes[:, ::4] = True, True
    mixed = np.where(dashes, np.asarray(whole), np.asarray(sheet))
    grids = find_grids((mixed / 255).astype(np.float32))
    assert grids[0].shape == (4, 5)


def grey(sheet) -> np.ndarray:
    return np.asarray(sheet, np.float32) / 255


@pytest.mark.parametrize("lost", [("column", 0), ("column", 5), ("row", 0), ("row", 4)], ids=str)
def test_an_open_side_is_closed_where_the_rules_across_end(lost):
    assert [grid.shape for grid in find_grids(grey(ruled_sheet(EMPTY, lost=[lost])))] == [(4, 5)]


def test_edges_of_the_image_stand_for_outer_rules():
    row = ruled_sheet([["2", "5", "8", "3"]], side=40)  # at 40 … 200, 40 … 80
    for left in (42, 122):
        row.paste(225, (left, 36, left + 36, 44))
    assert [grid.shape for grid in find_grids(grey(row.crop((20, 39, 220, 90))))] == [(1, 4)]
    column = ruled_sheet([[""]] * 4, wide=3)  # at 180 … 360, 60 … 300
    assert [grid.shape for grid in find_grids(grey(column.crop((200, 50, 400, 310))))] == [(4, 1)]


def test_a_sliver_at_the_edge_of_the_image_is_no_cell():
    column = ruled_sheet([[""]] * 4, wide=3)
    assert [grid.shape for grid in find_grids(grey(column.crop((200, 100, 380, 260))))] == [(2, 1)]


def test_one_cell_is_no_grid():
    assert not find_grids(grey(ruled_sheet([["275"]]).crop((70, 50, 140, 130))))


def test_rules_that_small_images_draw_a_pixel_off_are_one():
    sheet = ruled_sheet([["2", "5", "8"]], side=40)
    for k in range(3):
        sheet.paste(ruled_sheet([[""]], side=40).crop((40, 38, 80, 42)), (40 + 40 * k, 37 + k))
    assert [grid.shape for grid in find_grids(grey(sheet))] == [(1, 3)]


def test_pale_rules():
    assert found_in(ruled_sheet(EMPTY, pale=120), TILTED).shape == (4, 5)


def test_several_grids_come_apart():
    sheet = np.asarray(ruled_sheet(EMPTY))
    grids = find_grids((np.concatenate([sheet, sheet]) / 255).astype(np.float32))
    assert [grid.shape for grid in grids] == [(4, 5), (4, 5)]


def test_cells_tile_the_grid():
    grid = found_in(ruled_sheet(EMPTY, wide=1.5), TILTED)
    for row in range(4):
        for column in range(4):
            here, beside = grid.cell(row, column), grid.cell(row, column + 1)
            assert np.allclose(here[1], beside[0])
            assert np.allclose(here[2], beside[3])


@pytest.mark.parametrize("seed", range(4))
def test_no_grid_in_noise_dots_or_writing(seed):
    rng = np.random.default_rng(seed)
    noise = rng.normal(0.8, 0.05, (300, 400)).clip(0, 1).astype(np.float32)
    dots = noise.copy()
    dots[::12, ::12] = dots[1::12, ::12] = 0.2
    sloping = ruled_sheet(
        [["7", "41", "126"]] * 4, lost=[(w, k) for w in ("row", "column") for k in range(5)]
    )
    for plane in (noise, dots, photographed(sloping, TILTED, seed)):
        assert not find_grids(plane)


def test_a_homography_takes_corners_to_corners():
    corners = np.array([(3.0, 4.0), (80.0, 9.0), (70.0, 66.0), (1.0, 50.0)])
    square = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    assert np.allclose(project(square_to(corners), square), corners)
    middle = project(square_to(corners), np.array([[0.5, 0.5]]))[0]
    one, two = (
        np.cross([*corners[0], 1], [*corners[2], 1]),
        np.cross([*corners[1], 1], [*corners[3], 1]),
    )
    diagonals = np.cross(one, two)  # they meet where the square's do
    assert np.allclose(middle, diagonals[:2] / diagonals[2])


def test_rules_against_lines_drawn():
    ink = np.zeros((200, 600), bool)
    places = np.arange(40, 560)
    for slope, intercept in ((0.0, 20), (0.1, 40), (-0.25, 190)):
        rows = np.rint(intercept + slope * places).astype(int)
        for k in range(3):
            ink[rows + k, places] = True
    rules = find_rules(ink)
    order = np.argsort(rules.at(300.0))
    assert np.allclose(rules.slope[order], [0.0, 0.1, -0.25], atol=0.01)
    assert np.allclose(rules.at(300.0)[order], [21, 71, 116], atol=1.5)
    assert (rules.start <= 41).all()
    assert (rules.end >= 558).all()


def test_hatching_takes_no_memory():
    """Thousands of dashes, each too long for a stroke: it took 2 GB, 25 GB in larger images."""
    plane = np.ones((600, 600), np.float32)
    for left in range(0, 600, 14):
        plane[2::4, left : left + 9] = 0
    tracemalloc.start()
    try:
        assert not find_grids(plane)
        assert tracemalloc.get_traced_memory()[1] < 80e6
    finally:
        tracemalloc.stop()


def test_rules_are_chosen_together():
    rules = Rules(*(np.arange(3.0) + k for k in range(4)))
    assert rules.chosen(np.array([2])).slope == [5.0]


def test_scribbled_lines_do_no_harm():
    """Crossing, parallel and coinciding lines: whatever they form has four corners apart."""
    rng = np.random.default_rng(7)
    for _ in range(60):
        height, width = rng.integers(24, 200, 2)
        sheet = Image.new("L", (int(width), int(height)), 230)
        draw = ImageDraw.Draw(sheet)
        for _ in range(rng.integers(2, 12)):
            ends = rng.integers(0, (width, height), (2, 2))
            draw.line([tuple(end) for end in ends.tolist()], 50, 2)
        for grid in find_grids((np.asarray(sheet) / 255).astype(np.float32)):
            assert grid.area > 100
            assert (np.diff(grid.rows) > 0).all()
            assert (np.diff(grid.columns) > 0).all()
