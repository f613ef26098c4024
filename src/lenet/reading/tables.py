"""What stands in the cells of a grid."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.preprocessing.contrast import ink_contrasts
from lenet.preprocessing.image import Box, Grey
from lenet.reading.grid import Grid, Places, project, rectangle, square_to
from lenet.reading.result import Cell, Line, Table

MARGIN = 0.07  # of a cell's shorter side, where its rules run
SMALLEST = 8  # pixels of a cell's sides
LARGEST = 500  # pixels of a cell's sides, to which larger ones are shrunk
BARE = 0.14  # contrast that is as likely ink as none, where a sheet's writing is strong …
FAINTER = 0.22  # … and this much of its writing's, where that is pale
PALEST = 0.10
STRONG = 0.9  # of the cells have no more contrast than the sheet's writing
STEEPNESS = 8.0  # of the odds of ink over the logarithm of contrast

ReadNumber = Callable[[Grey], list[Line]]


def read_tables(grey: Grey, grids: list[Grid], read_number: ReadNumber) -> list[Table]:
    """The tables that grids of a plane (h, w) hold.

    read_number : gives the lines in the plane of one cell; without digits where it holds others
    """
    if not grids:
        return []
    sheet = Image.fromarray(grey)  # once: of a photo it takes longer than reading a cell
    first = itertools.accumulate((grid.shape[0] for grid in grids), initial=0)
    return [
        _read_table(sheet, grid, row, read_number) for grid, row in zip(grids, first, strict=False)
    ]


def _read_table(sheet: Image.Image, grid: Grid, first: int, read_number: ReadNumber) -> Table:
    """The table of a grid; its first row is this one of the page."""
    rows, columns = grid.shape
    cells = [[_Cut(sheet, grid.cell(row, at)) for at in range(columns)] for row in range(rows)]
    contrast = np.array([ink_contrasts([cut.whole for cut in row]) for row in cells])
    bare = _bare(contrast)
    read = [
        tuple(
            _cell(cell, float(bare[row, at]), first + row, read_number)
            for at, cell in enumerate(cut)
        )
        for row, cut in enumerate(cells)
    ]
    return Table(tuple(read), _box(grid.corners))


def is_one_row(tables: Sequence[Table]) -> bool:
    """Whether there is one table of one row: a box or a comb field, which hold one number."""
    return len(tables) == 1 and len(tables[0].cells) == 1


def as_one_number(table: Table) -> Line:
    """The digits of a comb field."""
    digits = tuple(digit for line in table.lines for digit in line.digits)
    return Line(digits, table.confidence)


def _bare(contrast: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability that each cell is empty, judged by the contrast of the sheet's writing."""
    even = np.clip(FAINTER * np.quantile(contrast, STRONG), PALEST, BARE)
    return 1 / (1 + (contrast / even) ** STEEPNESS)


class _Cut:
    """A cell cut out of its image and set upright."""

    def __init__(self, sheet: Image.Image, corners: Places) -> None:
        sides = np.hypot(*(np.roll(corners, -1, 0) - corners).T)
        size = np.maximum(SMALLEST, (sides[:2] + sides[2:]) / 2)
        size *= min(1.0, LARGEST / size.max())
        self.width, self.height = (round(side) for side in size.tolist())
        self.corners = corners
        quad = corners[[0, 3, 2, 1]].ravel().tolist()  # Pillow goes round the other way
        self.whole: Grey = np.asarray(
            sheet.transform(
                (self.width, self.height), Image.Transform.QUAD, quad, Image.Resampling.BILINEAR
            )
        )
        margin = round(MARGIN * min(self.width, self.height))
        self.inner = Box(margin, margin, self.height - margin, self.width - margin)

    def in_image(self, box: Box) -> Box:
        """The box around what a box of the inner part is in the image."""
        top, left, bottom, right = np.array(box, float) + self.inner.top
        square = rectangle(top, left, bottom, right) / (self.width, self.height)
        return _box(project(square_to(self.corners), square))


def _cell(cut: _Cut, bare: float, row: int, read_number: ReadNumber) -> Cell:
    box, corners = _box(cut.corners), tuple((left, top) for left, top in cut.corners.tolist())
    lines = [] if bare > 0.5 else read_number(np.ascontiguousarray(cut.whole[cut.inner.inside]))
    if not lines or not lines[0].digits:
        none = lines[0].confidence if lines else 0.5  # of ink that is no digit
        return Cell(None, max(bare, none), box, corners)
    line = lines[0]
    found = replace(line.moved(cut.in_image), confidence=line.confidence * (1 - bare), row=row)
    return Cell(found, found.confidence, box, corners)


def _box(corners: Places) -> Box:
    """The box around points, (n, 2)."""
    (left, top), (right, bottom) = np.floor(corners.min(0)), np.ceil(corners.max(0))
    return Box(*(max(0, int(side)) for side in (top, left, bottom, right)))
