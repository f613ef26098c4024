"""Lines of digits composed from single ones, as they look on forms and cheques.

Digits of one line share a slant and a pen; they stand apart, touch or overlap; separators,
ruled lines, cell borders, patterned paper, grain and a camera's blur are added. What each pixel
belongs to is known, so that the reader's cuts can be labelled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from lenet.data.digits import Digits
from lenet.data.paper import on_paper
from lenet.network.plane import ByteArray
from lenet.preparation.image import Grey

HEIGHT = 64  # pixels of a composed line
FINE = 4  # times the size of MNIST's digits, at which strokes are added
SEPARATORS = ".,.-="  # "/" looks like a 1
POINTS = "..,-"


@dataclass(frozen=True)
class Line:
    """A composed line.

    grey : (64, w), 0 black … 1 white
    ink : (n + 1, 64, w), each digit's own ink, 0 … 1, and last that of all that is no digit
    labels : (n,) the digits from left to right
    """

    grey: Grey
    ink: Grey
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Hand:
    """How one writer writes a line."""

    slant: float  # columns to the right per row up
    pen: float  # the strength at which an enlarged stroke ends; lower is thicker
    height: float  # pixels of a digit
    gap: float  # between digits, of the height; negative: they overlap
    flagged: bool  # a 1 has an upstroke, and perhaps a foot
    crossed: bool  # a 7 has a bar


def compose(digits: Digits, rng: np.random.Generator) -> Line:
    """One line of 1 to 7 of these digits."""
    count = int(rng.choice(7, p=[0.1, 0.2, 0.2, 0.15, 0.15, 0.12, 0.08])) + 1
    numbers = rng.integers(0, len(digits), count)
    if rng.random() < 0.15:  # round sums
        numbers[1:] = rng.choice(np.flatnonzero(digits.labels == 0), count - 1)
    chosen = digits.take(numbers)
    hand = _hand(rng)
    glyphs = [
        _written(image, int(label), hand, rng)
        for image, label in zip(chosen.images, chosen.labels, strict=True)
    ]
    return _set(glyphs, chosen.labels, hand, rng)


def _hand(rng: np.random.Generator) -> Hand:
    wide = rng.random() < 0.3
    return Hand(
        slant=float(rng.normal(0.1, 0.22)),
        pen=float(rng.uniform(0.25, 0.7)),
        height=HEIGHT * float(rng.uniform(0.28, 0.9)),
        gap=float(rng.uniform(0.1, 0.6) if wide else rng.normal(0.06, 0.12)),
        flagged=bool(rng.random() < 0.5),
        crossed=bool(rng.random() < 0.4),
    )


def _written(image: ByteArray, label: int, hand: Hand, rng: np.random.Generator) -> Image.Image:
    """A digit's ink as this writer writes it, cropped, mode L."""
    fine = Image.fromarray(image).resize((28 * FINE,) * 2, Image.Resampling.BICUBIC)
    if label == 1 and hand.flagged:
        _flag(fine, rng)
    if label == 7 and hand.crossed:
        _cross(fine, rng)
    sharp = ((np.asarray(fine) / 255 - hand.pen) * 4 + 0.5).clip(0, 1)
    fine = Image.fromarray((sharp * 255).astype(np.uint8))
    box = fine.getbbox()
    if box is None:
        return Image.new("L", (1, 1))
    fine = fine.crop(box)
    small = 0.75 if label == 0 and rng.random() < 0.2 else 1.0
    height = max(6.0, hand.height * small * float(rng.normal(1, 0.08)))
    aspect = fine.width / fine.height * float(rng.uniform(0.8, 1.3))
    slant = hand.slant + float(rng.normal(0, 0.06))
    margin = abs(slant) * height
    size = (math.ceil(height * aspect + margin) + 2, math.ceil(height) + 2)
    across, down = fine.width / (height * aspect), fine.height / height
    offset = 1 + (margin if slant < 0 else 0.0) + slant * (height + 1)
    source = (across, across * slant, -across * offset, 0, down, -down)
    written = fine.transform(size, Image.Transform.AFFINE, source, Image.Resampling.BILINEAR)
    box = written.getbbox()
    return written.crop(box) if box else written


def _flag(fine: Image.Image, rng: np.random.Generator) -> None:
    """An upstroke before a 1, and sometimes a foot."""
    mask = np.asarray(fine) > 128
    if not mask.any():
        return
    rows = np.flatnonzero(mask.any(1))
    top, bottom = int(rows[0]), int(rows[-1])
    column = int(np.flatnonzero(mask[top]).mean())
    foot = int(np.flatnonzero(mask[bottom]).mean())
    length = (bottom - top) * float(rng.uniform(0.2, 0.75))
    angle = float(rng.uniform(0.35, 1.1))
    width = max(5, round(float(np.median(mask.sum(1)[mask.any(1)])) * 0.9))
    end = (column - length * math.sin(angle), top + length * math.cos(angle))
    draw = ImageDraw.Draw(fine)
    draw.line([(column, top + width / 2), end], fill=255, width=width)
    if rng.random() < 0.2:
        half = (bottom - top) * float(rng.uniform(0.15, 0.4))
        y = bottom - width / 2
        draw.line([(foot - half, y), (foot + half, y)], fill=255, width=width)


def _cross(fine: Image.Image, rng: np.random.Generator) -> None:
    """The bar through a 7."""
    mask = np.asarray(fine) > 128
    if not mask.any():
        return
    rows = np.flatnonzero(mask.any(1))
    y = float(rows[0] + (rows[-1] - rows[0]) * rng.uniform(0.4, 0.65))
    x = float(np.flatnonzero(mask[int(y)]).mean()) if mask[int(y)].any() else 56.0
    half = (rows[-1] - rows[0]) * float(rng.uniform(0.15, 0.4))
    tilt = half * float(rng.uniform(-0.4, 0.2))
    draw = ImageDraw.Draw(fine)
    draw.line([(x - half, y - tilt), (x + half, y + tilt)], fill=255, width=9)


def _set(
    glyphs: list[Image.Image], labels: NDArray[np.int64], hand: Hand, rng: np.random.Generator
) -> Line:
    """The digits beside each other, separators between them, on paper."""
    tallest = max(g.height for g in glyphs)
    base = float(rng.uniform(min(HEIGHT - 1, tallest), HEIGHT + 1))
    drift = float(rng.normal(0, 0.03))
    x = float(rng.uniform(-1, 20) if rng.random() < 0.7 else rng.uniform(-2, 90))
    start, width = x, 0
    placed: list[tuple[Image.Image, int, int]] = []
    others: list[tuple[Image.Image, int, int]] = []
    for k, glyph in enumerate(glyphs):
        bottom = base + drift * (x - start) + float(rng.normal(0, 0.04)) * hand.height
        placed.append((glyph, round(x), round(bottom) - glyph.height))
        width = max(width, round(x) + glyph.width)
        x += glyph.width + hand.height * (hand.gap + float(rng.normal(0, 0.06)))
        last = k == len(glyphs) - 1
        if rng.random() < (0.3 if last else 0.12):
            mark = _separator(hand, rng, last=last)
            low = str(mark.info["mark"]) in ".,"
            height = base + (0.05 if low else -0.35) * hand.height + float(rng.normal(0, 2))
            others.append((mark, round(x), round(height) - mark.height))
            x += mark.width + hand.height * float(rng.uniform(0.0, 0.2))
            width = max(width, round(x))
    width = max(8, width + int(rng.uniform(0, 20) if rng.random() < 0.7 else rng.uniform(0, 90)))
    layers = np.zeros((len(placed) + 1, HEIGHT, width), np.float32)
    for layer, digit in zip(layers, placed, strict=False):
        _paste(layer, *digit)
    for other in others:
        _paste(layers[-1], *other)
    grey = on_paper(layers, hand.height, rng)
    return Line(grey, layers, labels)


def _separator(hand: Hand, rng: np.random.Generator, *, last: bool) -> Image.Image:
    """A point, comma, dash, equals sign or slash."""
    mark = str(rng.choice(list(SEPARATORS if last else POINTS)))
    unit = hand.height
    pen = max(2, round(unit * float(rng.uniform(0.06, 0.16))))
    long = unit * float(rng.uniform(0.2, 0.7 if not last else 1.5))
    sizes = {".": (pen, pen), ",": (pen + 2, 2 * pen), "-": (long, pen), "=": (long, 4 * pen)}
    wide, high = sizes[mark]
    image = Image.new("L", (round(wide) + pen + 2, round(high) + pen + 2))
    draw = ImageDraw.Draw(image)
    w, h = image.size
    tilt = float(rng.normal(0, 0.08)) * w
    if mark == ".":
        draw.ellipse((1, 1, w - 2, h - 2), fill=255)
    elif mark == ",":
        draw.line((w - 2, 1, 1, h - 2), fill=255, width=pen)
    elif mark == "-":
        draw.line((1, h / 2 + tilt, w - 2, h / 2 - tilt), fill=255, width=pen)
    else:
        for y in (pen, h - 1 - pen):
            draw.line((1, y, w - 2, y), fill=255, width=pen)
    image = image.filter(ImageFilter.GaussianBlur(0.6))
    image.info["mark"] = mark
    return image


def _paste(layer: Grey, glyph: Image.Image, x: int, y: int) -> None:
    """Lay ink into a layer, as far as it lies inside; the darker wins."""
    ink = np.asarray(glyph, np.float32) / 255
    height, width = layer.shape
    top, left = max(0, y), max(0, x)
    bottom, right = min(height, y + ink.shape[0]), min(width, x + ink.shape[1])
    if top < bottom and left < right:
        place = layer[top:bottom, left:right]
        np.maximum(place, ink[top - y : bottom - y, left - x : right - x], out=place)
