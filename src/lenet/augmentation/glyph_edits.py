"""Handwriting variations absent from MNIST, drawn into an enlarged digit (mode L, ink 255).

Strokes are added, parts removed, and the whole digit warped. A digit without ink stays as it is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

NODES = 5  # of the net that warps a digit, along each side
GAP_SLANT = 0.25  # columns per row up, of the gap in a 4


class Glyph:
    """An enlarged digit, where its ink is, and how to draw in it.

    mask : (h, w), where there is at least half of full ink
    top, bottom : rows of the first and last ink;  height : bottom − top
    """

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self.mask = np.asarray(image) > 128
        rows = np.flatnonzero(self.mask.any(1))
        self.inked = bool(len(rows))
        if self.inked:
            self.top, self.bottom = int(rows[0]), int(rows[-1])
            self.height = self.bottom - self.top

    def line(self, start: tuple[float, float], end: tuple[float, float], width: int) -> None:
        """Draw a stroke from one place, column and row, to another."""
        ImageDraw.Draw(self.image).line([start, end], fill=255, width=width)

    def pen(self, share: float) -> int:
        """This share of the digit's pen, the median ink of its rows; pixels, at least 5."""
        return max(5, round(float(np.median(self.mask.sum(1)[self.mask.any(1)])) * share))

    def column(self, row: int) -> float:
        """The mean column of a row's ink."""
        return float(np.flatnonzero(self.mask[row]).mean())

    def start(self, share: float) -> tuple[int, int]:
        """Where the pen began: the left end, column and row, of this upper share of the digit."""
        upper = self.mask[self.top : self.top + max(1, int(share * self.height))]
        x = int(np.flatnonzero(upper.any(0))[0])
        return x, int(self.top + np.flatnonzero(upper[:, x]).mean())


def _edit(edit: Callable[..., None]) -> Callable[..., None]:
    """An edit of images from one of glyphs that have ink."""

    @wraps(edit)
    def edited(image: Image.Image, *args: Any) -> None:
        glyph = Glyph(image)
        if glyph.inked:
            edit(glyph, *args)

    return edited


@_edit
def flag(glyph: Glyph, share: float, rng: np.random.Generator) -> None:
    """An upstroke before a 1, and sometimes a foot."""
    column, foot = int(glyph.column(glyph.top)), int(glyph.column(glyph.bottom))
    length = glyph.height * share * float(rng.uniform(0.8, 1.2))
    angle = float(rng.uniform(0.35, 1.1))
    width = glyph.pen(0.9)
    end = (column - length * math.sin(angle), glyph.top + length * math.cos(angle))
    glyph.line((column, glyph.top + width / 2), end, width)
    if rng.random() < 0.2:
        half = glyph.height * float(rng.uniform(0.15, 0.4))
        y = glyph.bottom - width / 2
        glyph.line((foot - half, y), (foot + half, y), width)


@_edit
def cross(glyph: Glyph, rng: np.random.Generator) -> None:
    """The bar through a 7."""
    y = float(glyph.top + glyph.height * rng.uniform(0.4, 0.65))
    x = glyph.column(int(y)) if glyph.mask[int(y)].any() else glyph.image.width / 2
    half = glyph.height * float(rng.uniform(0.15, 0.45))
    tilt = half * float(rng.uniform(-0.4, 0.2))
    glyph.line((x - half, y - tilt), (x + half, y + tilt), glyph.pen(0.7))


@_edit
def hang(glyph: Glyph, rng: np.random.Generator) -> None:
    """The short downstroke at the start of a 7."""
    x, y = glyph.start(0.3)
    across = glyph.height * float(rng.uniform(-0.12, 0.06))
    end = (x + across, y + glyph.height * float(rng.uniform(0.1, 0.3)))
    width = glyph.pen(0.7)
    glyph.line((x + width / 2, y), end, width)


@_edit
def curl(glyph: Glyph, rng: np.random.Generator) -> None:
    """The loop at the start of a 2."""
    x, y = glyph.start(0.45)
    pen = max(4, glyph.pen(0.6) * 2 // 3)
    across, down = (max(2.5 * pen, glyph.height * float(rng.uniform(0.18, 0.45))) for _ in range(2))
    left, top = x - across * float(rng.uniform(0, 0.5)), y - down * float(rng.uniform(0.1, 0.5))
    box = (left, top, left + across, top + down)
    ImageDraw.Draw(glyph.image).ellipse(box, outline=255, width=pen)


@_edit
def hook(glyph: Glyph, rng: np.random.Generator) -> None:
    """The bow to the left at the foot of a 9."""
    foot = glyph.column(glyph.bottom)
    across = glyph.height * float(rng.uniform(0.3, 0.7))
    down = glyph.height * float(rng.uniform(0.15, 0.45))
    width, bottom = glyph.pen(0.6), glyph.bottom
    box = (foot - across + width / 2, bottom - down, foot + width / 2, bottom + down / 2)
    ImageDraw.Draw(glyph.image).arc(box, 0, float(rng.uniform(90, 230)), fill=255, width=width)


@_edit
def tail(glyph: Glyph, rng: np.random.Generator) -> None:
    """The stroke that ends a 0 at its top, outwards or into it."""
    width = glyph.pen(0.4)
    x = glyph.column(glyph.top) + glyph.height * float(rng.uniform(-0.1, 0.2))
    y = glyph.top + width / 2
    length, angle = glyph.height * float(rng.uniform(0.2, 0.6)), float(rng.uniform(-0.9, 0.4))
    end = (x + length * math.cos(angle), y - length * math.sin(angle))
    glyph.line((x, y), end, width)


@_edit
def lower(glyph: Glyph, rng: np.random.Generator) -> None:
    """The right stroke of a 4 begins low, and the left one rises above it."""
    fine = glyph.image
    start = glyph.top + int(glyph.height * rng.uniform(0.1, 0.4))
    ink = np.flatnonzero(glyph.mask[start])
    gaps = np.diff(ink)
    if not len(gaps) or gaps.max() < 2:  # no gap in this row
        return
    gap = float(ink[gaps.argmax()] + gaps.max() / 2)
    down, across = np.mgrid[: fine.height, : fine.width]
    right = (down <= start) & (across > gap + GAP_SLANT * (start - down))
    kept = np.where(right, 0, np.asarray(fine)).astype(np.uint8)
    fine.paste(Image.fromarray(kept))
    left = np.flatnonzero((kept > 128).any(1))
    x, y = float(np.flatnonzero(kept[left[0]] > 128).mean()), float(left[0])
    length, width = glyph.height * float(rng.uniform(0, 0.3)), glyph.pen(0.6)
    end = (x + length * float(rng.uniform(-0.1, 0.5)), y - length)
    glyph.line((x, y + width / 2), end, width)


@_edit
def part(glyph: Glyph, rng: np.random.Generator) -> None:
    """The bar of a 5 stands apart."""
    start = glyph.top + glyph.height * float(rng.uniform(0.14, 0.22))
    kept = np.array(glyph.image)
    kept[round(start) : round(start + glyph.height * float(rng.uniform(0.06, 0.16)))] = 0
    glyph.image.paste(Image.fromarray(kept))


def warp_glyph(fine: Image.Image, spread: float, rng: np.random.Generator) -> Image.Image:
    """The digit as if drawn on rubber: the nodes of a coarse net moved.

    spread : standard deviation of the moves, pixels
    """
    sides = [np.linspace(0, side, NODES) for side in (fine.width, fine.height)]
    x, y = (place + rng.normal(0, spread, place.shape) for place in np.meshgrid(*sides))
    mesh = []
    for row, column in itertools.product(range(NODES - 1), repeat=2):
        corners = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1))
        quad = tuple(float(v) for at in corners for v in (x[at], y[at]))
        box = (sides[0][column], sides[1][row], sides[0][column + 1], sides[1][row + 1])
        mesh.append((tuple(map(round, box)), quad))
    return fine.transform(fine.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
