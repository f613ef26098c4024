"""Ruled sheets, drawn and photographed by the tests: printed digits in a grid in perspective."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lenet.preprocessing.image import Grey
from lenet.reading.grid import project, square_to

PAPER, INK = 225, 40


def ruled_sheet(
    cells: Sequence[Sequence[str]],
    *,
    side: int = 60,
    wide: float = 1.0,
    rule: int = 2,
    pale: int = 0,
    lost: Sequence[tuple[str, int]] = (),
) -> Image.Image:
    """A sheet with a table of these texts and a margin of one cell around it.

    side : pixels of a cell's height; its width is `wide` times as much
    pale : grey levels by which rules are paler than ink
    lost : ("row" or "column", k): rules that are not drawn
    """
    rows, columns, width = len(cells), len(cells[0]), round(side * wide)
    sheet = Image.new("L", ((columns + 2) * width, (rows + 2) * side), PAPER)
    draw = ImageDraw.Draw(sheet)
    right, bottom = (columns + 1) * width, (rows + 1) * side
    for k in range(rows + 1):
        if ("row", k) not in lost:
            draw.line((width, (k + 1) * side, right, (k + 1) * side), INK + pale, rule)
    for k in range(columns + 1):
        if ("column", k) not in lost:
            draw.line(((k + 1) * width, side, (k + 1) * width, bottom), INK + pale, rule)
    font = ImageFont.load_default(0.55 * side)
    for i, row in enumerate(cells):
        for k, text in enumerate(row):
            middle = (k + 1.5) * width, (i + 1.5) * side
            draw.text(middle, text, INK, font, anchor="mm")
    return sheet


def photographed(sheet: Image.Image, corners: Sequence[tuple[float, float]], seed: int = 0) -> Grey:
    """The sheet with its corners here in the unit square of the photo, in uneven light, blurred.

    corners : x and y of top left, top right, bottom right and bottom left
    """
    width, height = sheet.size
    rng = np.random.default_rng(seed)
    to_photo = square_to(np.array(corners) * (width, height))
    back = np.linalg.inv(to_photo)
    scaled = np.diag([width, height, 1.0]) @ back
    photo = sheet.transform(
        sheet.size,
        Image.Transform.PERSPECTIVE,
        (scaled / scaled[2, 2]).ravel()[:8].tolist(),
        Image.Resampling.BICUBIC,
        fillcolor=PAPER,
    ).filter(ImageFilter.GaussianBlur(0.7))
    light = np.linspace(0.7, 1, width)[None] * np.linspace(1, 0.85, height)[:, None]
    values = np.asarray(photo, np.float32) / 255 * light + rng.normal(0, 0.012, (height, width))
    return values.clip(0, 1).astype(np.float32)


def corners_in_photo(
    sheet: Image.Image, cells: tuple[int, int], corners: Sequence[tuple[float, float]]
) -> np.ndarray:
    """Where a table of so many rows and columns has its corners in the photo, (4, 2)."""
    (rows, columns), size = cells, np.array(sheet.size)
    left, top = 1 / (columns + 2), 1 / (rows + 2)
    inner = np.array([(left, top), (1 - left, top), (1 - left, 1 - top), (left, 1 - top)])
    return project(square_to(np.array(corners) * size), inner)
