"""Grids: ruled tables, boxed forms, comb fields and puzzles, seen in perspective.

grey plane → rules of both directions → families that meet → places in a unit square → cells
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.preprocessing.image import Grey
from lenet.preprocessing.morphology import Mask, dilated, smallest_connected
from lenet.reading.rules import Rules, find_rules, rule_ink

Places = NDArray[np.floating[Any]]
Homography = NDArray[np.floating[Any]]
MakeGrid = Callable[[Rules, Rules, Mask], "Grid"]

SMALLEST = 24  # pixels of the shorter side: lower images hold no cells with digits
CROP = 100  # pixels of the shorter side: rules of lower images cross most of it
STRIPS, ENOUGH = 8, 7  # strips of a crop; those that show a rule
VALLEY = 0.12  # of white: rows of a strip that are darker by this may hold a rule
CELL = 14  # pixels of a square as large as a grid's cells are on average: strokes close less
LONGEST = 1200  # pixels of the longer side at which rules are sought
TOLERANCE = 0.012  # of the longer side: how far a rule may end before the rule that it meets …
NEAR = 3  # … and pixels, however small the image
MEETS = 0.6  # of the other family's rules: those of a grid meet so many at least
DRAWN = 0.4  # of a rule's length that is inked, at least
STANDS_OUT = 0.75  # of the ink on rules: what lies half-way between them has less
OVERLAP = 0.5  # of the smaller box's sides: grids that share so much are read once
DOUBLE = 0.25  # of a unit: rules nearer to each other are the two edges of one
MULTIPLE = 0.15  # of a whole number of units: how far the distance around lost rules may lie off
SUPPORT = 0.2  # of a lost rule's length that is inked, at least
BEYOND = 0.6  # of a unit: where the rules across reach so far beyond the last, one more is sought
OPEN = 0.85  # of a unit: where they reach so far, one was lost, though no ink bears it out
WHOLE = 0.6  # of the median cell's side: narrower ones at the image's edge are cut off
LONG = 0.5  # of the image's side: shorter rules do not end at its edges
SAMPLES = 200  # places along a rule
ENDS = 0.02  # of a rule at either end, where ink is not asked for
WOBBLE = (-0.006, -0.003, 0.0, 0.003, 0.006)  # of the grid's side: paper is not flat


class Grid(NamedTuple):
    """A grid found.

    rows, columns : where its rules lie in the unit square, ascending from 0 to 1
    homography : (3, 3), from the unit square to x and y in pixels of the image
    """

    rows: Places
    columns: Places
    homography: Homography

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns of cells."""
        return len(self.rows) - 1, len(self.columns) - 1

    @property
    def corners(self) -> Places:
        """(4, 2): x and y of top left, top right, bottom right and bottom left."""
        return project(self.homography, rectangle(0, 0, 1, 1))

    @property
    def area(self) -> float:
        """Of its quadrilateral, in square pixels."""
        x, y = self.corners.T
        return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)

    def cell(self, row: int, column: int) -> Places:
        """(4, 2): x and y of a cell's corners, clockwise from the top left."""
        top, bottom = self.rows[row : row + 2]
        left, right = self.columns[column : column + 2]
        return project(self.homography, rectangle(top, left, bottom, right))


def find_grids(grey: Grey) -> list[Grid]:
    """The grids in a grey plane of shape (h, w), 0 black … 1 white, the largest first."""
    if min(grey.shape) < SMALLEST or not (_may_have_rules(grey) and _may_have_rules(grey.T)):
        return []
    scale = max(1.0, max(grey.shape) / LONGEST)
    if scale > 1:
        size = round(grey.shape[1] / scale), round(grey.shape[0] / scale)
        grey = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))
    ink = rule_ink(grey)
    level = find_rules(ink)
    if len(level.start) < 2:
        return []
    upright = find_rules(np.ascontiguousarray(ink.T))
    thick = dilated(ink, 3)
    tolerance = max(NEAR, TOLERANCE * max(ink.shape))
    found = _grids(_families(level, upright, tolerance), level, upright, thick, _whole_grid)
    found = found or _grids_at_edges(level, upright, thick, tolerance)
    enlarged = np.diag([scale, scale, 1.0])
    return [grid._replace(homography=enlarged @ grid.homography) for grid in found]


def _grids(
    families: list[tuple[Mask, Mask]], level: Rules, upright: Rules, thick: Mask, placed: MakeGrid
) -> list[Grid]:
    """The grids of these families of rules, the largest first."""
    grids = []
    for rows, columns in families:
        grid = _grid(level.chosen(rows), upright.chosen(columns), thick, placed)
        if grid and grid.area >= CELL**2 * np.prod(grid.shape):
            grids.append(grid)
    return _apart(sorted(grids, key=lambda grid: -grid.area * np.prod(grid.shape)))


def _grids_at_edges(level: Rules, upright: Rules, thick: Mask, tolerance: float) -> list[Grid]:
    """The grids that the image cuts off: its edges stand for their outer rules."""
    height, width = thick.shape
    level, upright = _with_edges(level, height, width), _with_edges(upright, width, height)
    thick = np.pad(thick[1:-1, 1:-1], 1, constant_values=True)
    families = [
        (rows, columns)
        for rows, columns in _families(level, upright, tolerance)
        if rows[:-2].any() and columns[:-2].any() and rows[:-2].sum() + columns[:-2].sum() > 2
    ]
    found = _grids(families, level, upright, thick, _cut_grid)
    return [grid for grid in found if max(grid.shape) > 1]


def _with_edges(rules: Rules, across: int, along: int) -> Rules:
    """The long rules and, as their last two, the edges of an image with these sides."""
    rules = rules.chosen(rules.end - rules.start >= LONG * along)
    ends, edges = np.array([0.0, 0.0]), np.array([0.0, across - 1])
    return Rules(
        *map(np.concatenate, zip(rules, Rules(ends, ends + along - 1, edges, ends), strict=True))
    )


def _cut_grid(level: Rules, upright: Rules, thick: Mask) -> Grid:
    """The grid without what the image cuts off of outer cells."""
    _, rows, columns = _placed(level, upright)
    level, upright = level.chosen(_of_whole_cells(rows)), upright.chosen(_of_whole_cells(columns))
    return _whole_grid(level, upright, thick)


def _of_whole_cells(places: Places) -> Mask:
    """Which rules lie around cells that are not much narrower than others, from first to last."""
    single = _single(places)
    sides = np.diff(single)
    whole = np.flatnonzero(sides >= WHOLE * np.quantile(sides, 0.5))
    inside: Mask = (places >= single[whole[0]]) & (places <= single[whole[-1] + 1])
    return inside


def _may_have_rules(grey: Grey) -> bool:
    """Whether most strips of a small plane, side by side, are darker along some row; else True.

    It takes a fiftieth of the search's time, and most crops have no rules.
    """
    height, width = grey.shape
    if min(height, width) > CROP:
        return True
    strip = width // STRIPS
    means = grey[:, : strip * STRIPS].reshape(height, STRIPS, strip).mean(2)
    away = max(4, height // 10)
    lighter = np.ones((height + 2 * away, STRIPS), np.float32)  # nothing is lighter than no paper
    lighter[away:-away] = means
    valley = np.minimum(lighter[: -2 * away], lighter[2 * away :]) - means > VALLEY
    return bool(valley.any(0).sum() >= ENOUGH)


def _crossings(level: Rules, upright: Rules) -> tuple[Places, Places]:
    """x and y, (rows, columns), where y = a + b x and x = c + d y meet."""
    a, b = level.intercept[:, None], level.slope[:, None]
    y = (a + b * upright.intercept) / (1 - b * upright.slope)
    return upright.intercept + upright.slope * y, y


def _families(level: Rules, upright: Rules, tolerance: float) -> list[tuple[Mask, Mask]]:
    """Which rules, of both directions, make up grids: those that meet most of the others across."""
    if not len(level.start) or not len(upright.start):
        return []
    x, y = _crossings(level, upright)
    meets = (x >= level.start[:, None] - tolerance) & (x <= level.end[:, None] + tolerance)
    meets &= (y >= upright.start - tolerance) & (y <= upright.end + tolerance)
    count = meets.astype(np.intp)
    group = smallest_connected(len(count), *np.nonzero(count @ count.T))
    families = []
    for number in sorted(set(group.tolist())):
        left = group == number
        while left.sum() > 1:
            rows, columns = _meeting(meets, left)
            if rows.sum() < 2 or columns.sum() < 2:
                break
            families.append((rows, columns))
            left = left & ~rows
            meets[:, columns] = False
    return families


def _meeting(meets: Mask, rows: Mask) -> tuple[Mask, Mask]:
    """Those of these rows, and columns, that meet most of each other: the worst go first."""
    columns = np.asarray(meets[rows].any(0))
    while rows.any() and columns.any():
        share_row = np.where(rows, meets[:, columns].mean(1), 1)
        share_column = np.where(columns, meets[rows].mean(0), 1)
        if min(share_row.min(), share_column.min()) >= MEETS:
            break
        if share_row.min() <= share_column.min():
            rows = rows & (share_row > share_row.min())
        else:
            columns = columns & (share_column > share_column.min())
    return rows, columns


def _grid(level: Rules, upright: Rules, thick: Mask, placed: MakeGrid) -> Grid | None:
    """The grid of two families of rules, less those that little ink bears out."""
    while len(level.start) > 1 and len(upright.start) > 1:
        level, upright = _in_order(level, upright)
        if not _is_convex(_outer(level, upright)):
            return None
        homography, rows, columns = _placed(level, upright)
        drawn_rows = _support(rows, thick, homography, level=True)
        drawn_columns = _support(columns, thick, homography, level=False)
        if min(drawn_rows.min(), drawn_columns.min()) >= DRAWN:
            whole = placed(level, upright, thick)
            return whole if _stands_out(whole, thick) else None
        if drawn_rows.min() <= drawn_columns.min():
            level = level.chosen(drawn_rows > drawn_rows.min())
        else:
            upright = upright.chosen(drawn_columns > drawn_columns.min())
    return None


def _in_order(level: Rules, upright: Rules) -> tuple[Rules, Rules]:
    """Both families sorted, from top to bottom and from left to right."""
    middle = float(upright.at(float(level.intercept.mean())).mean())
    level = level.chosen(np.argsort(level.at(middle)))
    return level, upright.chosen(np.argsort(upright.at(float(level.at(middle).mean()))))


def _outer(level: Rules, upright: Rules) -> Places:
    """(4, 2): where the outermost rules meet, clockwise from the top left."""
    outer = np.array([0, -1])
    x, y = _crossings(level.chosen(outer), upright.chosen(outer))
    corners: Places = np.stack([x, y], -1)[[0, 0, 1, 1], [0, 1, 1, 0]]
    return corners


def _is_convex(corners: Places) -> bool:
    """Whether each corner turns right, by the area of a cell at least: others have no square."""
    before, after = corners - np.roll(corners, 1, 0), np.roll(corners, -1, 0) - corners
    turns = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return bool(turns.min() >= CELL**2)


def _placed(level: Rules, upright: Rules) -> tuple[Homography, Places, Places]:
    """From the unit square to the outer rules' corners; where the rules lie in the square."""
    homography = square_to(_outer(level, upright))
    inside = project(np.linalg.inv(homography), np.stack(_crossings(level, upright), -1))
    return homography, np.quantile(inside[..., 1], 0.5, 1), np.quantile(inside[..., 0], 0.5, 0)


def _whole_grid(level: Rules, upright: Rules, thick: Mask) -> Grid:
    """The grid with its lost rules, inside and at its edges."""
    homography, rows, columns = _placed(level, upright)
    to_square = np.linalg.inv(homography)
    tops, bottoms = (
        project(to_square, np.stack([upright.at(place), place], -1))[:, 1]
        for place in (upright.start, upright.end)
    )
    lefts, rights = (
        project(to_square, np.stack([place, level.at(place)], -1))[:, 0]
        for place in (level.start, level.end)
    )
    support = partial(_support, thick=thick, homography=homography)
    rows = _completed(rows, tops, bottoms, partial(support, level=True))
    columns = _completed(columns, lefts, rights, partial(support, level=False))
    return _part(rows, columns, homography)


def _part(rows: Places, columns: Places, homography: Homography) -> Grid:
    """The grid of rules at these places of a homography's square."""
    (left, right), (top, bottom) = columns[[0, -1]], rows[[0, -1]]
    corners = project(homography, rectangle(top, left, bottom, right))
    rows, columns = ((places - places[0]) / np.ptp(places) for places in (rows, columns))
    return Grid(rows, columns, square_to(corners))


def _completed(
    places: Places, starts: Places, ends: Places, support: Callable[[Places], Places]
) -> Places:
    """Rules without doubles, and with those that a regular grid must have and ink bears out.

    starts, ends : where the rules across start and end
    """
    kept = _single(places)
    unit = _unit(kept)
    whole = [kept[:1]]
    for first, last in pairwise(kept):
        times = max(1, round((last - first) / unit))
        lost = np.linspace(first, last, times + 1)[1:-1]
        if len(lost) and abs((last - first) / unit - times) < MULTIPLE * times:
            whole.append(lost[support(lost) >= SUPPORT])
        whole.append(np.array([last]))
    before = _continued(kept[0], -unit, float(np.quantile(starts, 0.5)), support)
    after = _continued(kept[-1], unit, float(np.quantile(ends, 0.5)), support)
    return np.concatenate([before[::-1], *whole, after])


def _single(places: Places) -> Places:
    """Rules without doubles."""
    kept: Places = places[np.concatenate([[True], np.diff(places) > DOUBLE * _unit(places)])]
    kept[-1] = places[-1]
    return kept


def _continued(
    place: float, step: float, end: float, support: Callable[[Places], Places]
) -> Places:
    """The rules beyond the outermost, as far as the rules across reach and ink bears them out."""
    times = (end - place) / step
    beyond = place + step * np.arange(1, 1 + max(0, round(times + 0.5 - BEYOND)))
    lacking = np.flatnonzero(support(beyond) < SUPPORT) if len(beyond) else beyond
    if len(lacking) and OPEN <= times - lacking[0] <= 2 - OPEN:
        lacking = lacking[1:]
    return beyond[: lacking[0]] if len(lacking) else beyond


def _unit(places: Places) -> float:
    """The distance of neighbouring rules: the lower quartile of those that are no doubles'.

    Half of the way from the first to the last rule lies in distances no longer than the typical.
    """
    distances = np.sort(np.diff(places))
    typical = distances[np.searchsorted(np.cumsum(distances), distances.sum() / 2)]
    return float(np.quantile(distances[distances >= DOUBLE * typical], 0.25))


def _support(places: Places, thick: Mask, homography: Homography, *, level: bool) -> Places:
    """The share that is inked of the rules at these places of the unit square."""
    along = np.linspace(ENDS, 1 - ENDS, SAMPLES)
    across = places[:, None, None] + np.array(WOBBLE)[:, None]
    square = np.broadcast_arrays(along, across) if level else np.broadcast_arrays(across, along)
    pixels = project(homography, np.stack(square, -1)).clip(-1, max(thick.shape))
    x, y = np.moveaxis(np.rint(pixels).astype(np.intp), -1, 0)
    inside = (x >= 0) & (x < thick.shape[1]) & (y >= 0) & (y < thick.shape[0])
    inked = thick[y * inside, x * inside] & inside
    share: Places = inked.mean(2).max(1)
    return share


def _stands_out(grid: Grid, thick: Mask) -> bool:
    """Whether there is less ink half-way between rules than on them: cloth has as much."""
    for places, level in ((grid.rows, True), (grid.columns, False)):
        between = (places[1:] + places[:-1]) / 2
        on, off = (
            _support(some, thick, grid.homography, level=level).mean() for some in (places, between)
        )
        if off > STANDS_OUT * on:
            return False
    return True


def _apart(grids: list[Grid]) -> list[Grid]:
    """The grids that hardly overlap any before them."""
    kept: list[Grid] = []
    for grid in grids:
        if not any(_overlap(grid.corners, other.corners) for other in kept):
            kept.append(grid)
    return kept


def _overlap(corners: Places, others: Places) -> bool:
    """Whether the boxes around two grids share much of the smaller one's sides."""
    first = np.maximum(corners.min(0), others.min(0))
    last = np.minimum(corners.max(0), others.max(0))
    smaller = np.minimum(np.ptp(corners, 0), np.ptp(others, 0))
    return bool(((last - first) > OVERLAP * smaller).all())


def rectangle(top: float, left: float, bottom: float, right: float) -> Places:
    """(4, 2): x and y of a rectangle's corners, clockwise from the top left."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def square_to(corners: Places) -> Homography:
    """(3, 3): takes the unit square's corners, clockwise from (0, 0), to these (4, 2)."""
    equations, values = [], []
    for (u, v), (x, y) in zip(rectangle(0, 0, 1, 1), corners, strict=True):
        equations += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        values += [x, y]
    return np.append(np.linalg.solve(np.array(equations), np.array(values)), 1.0).reshape(3, 3)


def project(homography: Homography, points: Places) -> Places:
    """Points (…, 2) through a homography."""
    extended = np.concatenate([points, np.ones((*points.shape[:-1], 1))], -1) @ homography.T
    projected: Places = extended[..., :2] / extended[..., 2:]
    return projected
