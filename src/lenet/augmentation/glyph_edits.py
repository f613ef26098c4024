"""Digits changed otherwise than by a stroke more: parts taken away, and all of it bent.

As in `strokes`, a digit is an enlarged image of mode L, ink 255.
"""

from __future__ import annotations

import itertools

import numpy as np
from PIL import Image, ImageDraw

from lenet.augmentation.strokes import inked, pen_of

LEANING = 0.25  # columns per row up, of the gap in a 4
NODES = 5  # of the net that bends a digit, along each side


def lower(fine: Image.Image, rng: np.random.Generator) -> None:
    """The right stroke of a 4 begins low, and the left one rises above it."""
    mask, rows = inked(fine)
    if not len(rows):
        return
    top, high = int(rows[0]), int(rows[-1] - rows[0])
    start = top + int(high * rng.uniform(0.1, 0.4))
    ink = np.flatnonzero(mask[start])
    gaps = np.diff(ink)
    if not len(gaps) or gaps.max() < 2:  # no gap in this row
        return
    gap = float(ink[gaps.argmax()] + gaps.max() / 2)
    down, across = np.mgrid[: fine.height, : fine.width]
    right = (down <= start) & (across > gap + LEANING * (start - down))
    kept = np.where(right, 0, np.asarray(fine)).astype(np.uint8)
    fine.paste(Image.fromarray(kept))
    left = np.flatnonzero((kept > 128).any(1))
    x, y = float(np.flatnonzero(kept[left[0]] > 128).mean()), float(left[0])
    length, width = high * float(rng.uniform(0, 0.3)), pen_of(mask, 0.6)
    end = (x + length * float(rng.uniform(-0.1, 0.5)), y - length)
    ImageDraw.Draw(fine).line([(x, y + width / 2), end], fill=255, width=width)


def part(fine: Image.Image, rng: np.random.Generator) -> None:
    """The bar of a 5 stands apart."""
    _, rows = inked(fine)
    if not len(rows):
        return
    high = int(rows[-1] - rows[0])
    start = rows[0] + high * float(rng.uniform(0.14, 0.22))
    kept = np.array(fine)
    kept[round(start) : round(start + high * float(rng.uniform(0.06, 0.16)))] = 0
    fine.paste(Image.fromarray(kept))


def bent(fine: Image.Image, spread: float, rng: np.random.Generator) -> Image.Image:
    """The digit as if drawn on rubber: the nodes of a coarse net moved.

    spread : standard deviation of their places, pixels
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
