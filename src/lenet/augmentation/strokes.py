"""Strokes that MNIST's digits seldom have, drawn into an enlarged digit (mode L, ink 255)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw


def flag(fine: Image.Image, share: float, rng: np.random.Generator) -> None:
    """An upstroke before a 1, and sometimes a foot."""
    mask, rows = inked(fine)
    if not len(rows):
        return
    top, bottom = int(rows[0]), int(rows[-1])
    column = int(np.flatnonzero(mask[top]).mean())
    foot = int(np.flatnonzero(mask[bottom]).mean())
    length = (bottom - top) * share * float(rng.uniform(0.8, 1.2))
    angle = float(rng.uniform(0.35, 1.1))
    width = pen_of(mask, 0.9)
    end = (column - length * math.sin(angle), top + length * math.cos(angle))
    draw = ImageDraw.Draw(fine)
    draw.line([(column, top + width / 2), end], fill=255, width=width)
    if rng.random() < 0.2:
        half = (bottom - top) * float(rng.uniform(0.15, 0.4))
        y = bottom - width / 2
        draw.line([(foot - half, y), (foot + half, y)], fill=255, width=width)


def cross(fine: Image.Image, rng: np.random.Generator) -> None:
    """The bar through a 7."""
    mask, rows = inked(fine)
    if not len(rows):
        return
    y = float(rows[0] + (rows[-1] - rows[0]) * rng.uniform(0.4, 0.65))
    x = float(np.flatnonzero(mask[int(y)]).mean()) if mask[int(y)].any() else fine.width / 2
    half = (rows[-1] - rows[0]) * float(rng.uniform(0.15, 0.45))
    tilt = half * float(rng.uniform(-0.4, 0.2))
    ends = [(x - half, y - tilt), (x + half, y + tilt)]
    ImageDraw.Draw(fine).line(ends, fill=255, width=pen_of(mask, 0.7))


def hang(fine: Image.Image, rng: np.random.Generator) -> None:
    """The short downstroke that a 7 begins with."""
    mask, rows = inked(fine)
    if not len(rows):
        return
    high = int(rows[-1] - rows[0])
    x, y = _begun(mask, rows, 0.3)
    end = (x + high * float(rng.uniform(-0.12, 0.06)), y + high * float(rng.uniform(0.1, 0.3)))
    width = pen_of(mask, 0.7)
    ImageDraw.Draw(fine).line([(x + width / 2, y), end], fill=255, width=width)


def curl(fine: Image.Image, rng: np.random.Generator) -> None:
    """The loop that a 2 begins with."""
    mask, rows = inked(fine)
    if not len(rows):
        return
    high = int(rows[-1] - rows[0])
    x, y = _begun(mask, rows, 0.45)
    pen = max(4, pen_of(mask, 0.6) * 2 // 3)
    across, down = (max(2.5 * pen, high * float(rng.uniform(0.18, 0.45))) for _ in range(2))
    left, top = x - across * float(rng.uniform(0, 0.5)), y - down * float(rng.uniform(0.1, 0.5))
    box = (left, top, left + across, top + down)
    ImageDraw.Draw(fine).ellipse(box, outline=255, width=pen)


def hook(fine: Image.Image, rng: np.random.Generator) -> None:
    """The bow to the left that a 9 ends in."""
    mask, rows = inked(fine)
    if not len(rows):
        return
    high, bottom = int(rows[-1] - rows[0]), int(rows[-1])
    foot = float(np.flatnonzero(mask[bottom]).mean())
    across, down = high * float(rng.uniform(0.3, 0.7)), high * float(rng.uniform(0.15, 0.45))
    width = pen_of(mask, 0.6)
    box = (foot - across + width / 2, bottom - down, foot + width / 2, bottom + down / 2)
    ImageDraw.Draw(fine).arc(box, 0, float(rng.uniform(90, 230)), fill=255, width=width)


def tail(fine: Image.Image, rng: np.random.Generator) -> None:
    """The stroke that a 0 is left by, at its top, outwards or into it."""
    mask, rows = inked(fine)
    if not len(rows):
        return
    high, width = int(rows[-1] - rows[0]), pen_of(mask, 0.4)
    x = float(np.flatnonzero(mask[rows[0]]).mean()) + high * float(rng.uniform(-0.1, 0.2))
    y = rows[0] + width / 2
    length, angle = high * float(rng.uniform(0.2, 0.6)), float(rng.uniform(-0.9, 0.4))
    end = (x + length * math.cos(angle), y - length * math.sin(angle))
    ImageDraw.Draw(fine).line([(x, y), end], fill=255, width=width)


def inked(fine: Image.Image) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Where the ink is, (h, w), and the rows that have any."""
    mask = np.asarray(fine) > 128  # half of full ink
    return mask, np.flatnonzero(mask.any(1))


def _begun(mask: NDArray[np.bool_], rows: NDArray[np.intp], share: float) -> tuple[int, int]:
    """Where the pen began, column and row: the left end of the digit's upper part, this share."""
    high = int(rows[-1] - rows[0])
    upper = mask[rows[0] : rows[0] + max(1, int(share * high))]
    x = int(np.flatnonzero(upper.any(0))[0])
    return x, int(rows[0] + np.flatnonzero(upper[:, x]).mean())


def pen_of(mask: NDArray[np.bool_], share: float) -> int:
    """This share of the digit's own pen, the median ink of its rows; pixels, at least 5."""
    return max(5, round(float(np.median(mask.sum(1)[mask.any(1)])) * share))
