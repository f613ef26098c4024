"""Synthetic lines of digits, composed from single ones to look like forms and cheques.

Digits of one line share a slant and a pen; they stand apart, touch or overlap; separators,
ruled lines, cell borders, patterned paper, grain and a camera's blur are added. The owner of
each pixel is known, so that the reader's candidates can be labelled.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from lenet.augmentation.degrade import on_background
from lenet.augmentation.writer_style import (
    HEIGHT,
    WriterStyle,
    ligature,
    random_style,
    render_digit,
)
from lenet.data.digits import Digits
from lenet.lines.drawn_signs import draw_sign, random_signs
from lenet.preprocessing.image import Grey

SEPARATORS = ".,.-="  # "/" looks like a 1
POINTS = "..,-"
Placed = tuple[Image.Image, int, int]  # ink, and the column and row of its first pixel
VISIBLE = 0.5  # of a sign's ink, without which it cannot be read
CUT_OFF = 0.06  # the share of lines that stand higher or lower than they may, and lose ink


@dataclass(frozen=True)
class Line:
    """A composed line.

    grey : (64, w), 0 black … 1 white
    ink : (n + 1, 64, w), each digit's own ink, 0 … 1, and last that of all that is no digit
    labels : (n,) the digits from left to right
    signs : n + 1, the sign before each digit and the one after the last; "" for none. Not of lines
        composed without signs
    """

    grey: Grey
    ink: Grey
    labels: NDArray[np.int64]
    signs: tuple[str, ...] = ()


def compose(digits: Digits, rng: np.random.Generator, *, as_numbers: bool = False) -> Line:
    """One line of 1 to 7 of these digits.

    as_numbers : with the signs of numbers as people write them, in place of a few separators
    """
    count = int(rng.choice(7, p=[0.1, 0.2, 0.2, 0.15, 0.15, 0.12, 0.08])) + 1
    numbers = rng.integers(0, len(digits), count)
    kind = rng.random()
    if kind < 0.2:  # round sums
        zeros = int(rng.integers(1, max(2, count)))
        numbers[zeros:] = rng.choice(np.flatnonzero(digits.labels == 0), max(0, count - zeros))
    if 0.15 < kind < 0.35:  # real numbers often begin with a 1
        numbers[0] = rng.choice(np.flatnonzero(digits.labels == 1))
    chosen = digits.take(numbers)
    style = random_style(rng)
    glyphs = [
        render_digit(image, int(label), style, rng)
        for image, label in zip(chosen.images, chosen.labels, strict=True)
    ]
    signs = random_signs(count, rng) if as_numbers else None
    return _set(glyphs, chosen.labels, style, rng, signs)


def _set(
    glyphs: list[Image.Image],
    labels: NDArray[np.int64],
    style: WriterStyle,
    rng: np.random.Generator,
    signs: list[str] | None = None,
) -> Line:
    """The digits beside each other, signs or else random separators between them, on paper."""
    glyphs, style, fall = _fitted(glyphs, style)
    tallest = max(g.height for g in glyphs)
    highest, lowest = tallest - min(0.0, fall), HEIGHT - max(0.0, fall)  # where the first may stand
    base = float(rng.uniform(min(lowest - 1, highest), lowest + 1))
    if rng.random() < CUT_OFF:
        lost = float(rng.uniform(0.05, 0.25)) * style.height
        base = float(rng.choice([highest - lost, lowest + lost]))
    placed, others, width = _placed(glyphs, style, base, signs, rng)
    width = max(8, width + int(rng.uniform(0, 20) if rng.random() < 0.7 else rng.uniform(0, 90)))
    layers = np.zeros((len(placed) + 1, HEIGHT, width), np.float32)
    for layer, digit in zip(layers, placed, strict=False):
        _paste(layer, *digit)
    signs = signs and _visible(signs, others, layers.max(0))
    for other in others:
        _paste(layers[-1], *other)
    for before, after in itertools.pairwise(layers[:-1]):
        if rng.random() < style.joined:
            stroke = ligature(before, after, style, rng)
            if stroke is not None:
                np.maximum(before, stroke, out=before)
    grey = on_background(layers, style.height, style.falls, rng)
    return Line(grey, layers, labels, tuple(signs or ()))


def _visible(signs: list[str], drawn: list[Placed], ink: Grey) -> list[str]:
    """The signs without those that lie mostly under the ink of digits or outside."""
    kept, places = list(signs), [k for k, sign in enumerate(signs) if sign]
    for place, mark in zip(places, drawn, strict=True):
        alone = np.zeros_like(ink)
        _paste(alone, *mark)
        if (alone - ink).clip(0).sum() < VISIBLE * np.asarray(mark[0]).sum() / 255:
            kept[place] = ""
    return kept


def _placed(
    glyphs: list[Image.Image],
    style: WriterStyle,
    base: float,
    signs: list[str] | None,
    rng: np.random.Generator,
) -> tuple[list[Placed], list[Placed], int]:
    """Where the digits stand, where signs or separators do, and up to which column.

    base : the row that the first digit stands on
    """
    drift = style.falls + float(rng.normal(0, 0.02))
    x = start = float(rng.uniform(-1, 20) if rng.random() < 0.7 else rng.uniform(-2, 90))
    placed: list[Placed] = []
    others: list[Placed] = []
    width = 0
    if signs and signs[0]:
        mark, below = draw_sign(signs[0], style, rng)
        others.append((mark, round(x), round(base + below) - mark.height))
        x += mark.width + style.height * float(rng.uniform(-0.05, 0.4))
    for k, glyph in enumerate(glyphs):
        bottom = base + drift * (x - start) + float(rng.normal(0, 0.04)) * style.height
        placed.append((glyph, round(x), round(bottom) - glyph.height))
        width = max(width, round(x) + glyph.width)
        x += glyph.width + style.height * (style.gap + float(rng.normal(0, 0.06)))
        if signs and signs[k + 1]:
            x -= style.height * (style.gap if rng.random() < 0.7 else 0.0)
            x -= style.height * float(rng.uniform(0, 0.2)) * (rng.random() < 0.5)
            mark, below = draw_sign(signs[k + 1], style, rng)
            others.append((mark, round(x), round(bottom + below) - mark.height))
            x += mark.width * float(rng.choice([1.0, rng.uniform(0, 1)]))
            x += style.height * float(rng.uniform(-0.1, 0.2))
        elif not signs and rng.random() < (0.3 if k == len(glyphs) - 1 else 0.12):
            mark = _separator(style, rng, last=k == len(glyphs) - 1)
            low = str(mark.info["mark"]) in ".,"
            height = base + (0.05 if low else -0.35) * style.height + float(rng.normal(0, 2))
            others.append((mark, round(x), round(height) - mark.height))
            x += mark.width + style.height * float(rng.uniform(0.0, 0.2))
        else:
            continue
        width = max(width, others[-1][1] + mark.width, round(x))
    return placed, others, width


def _fitted(
    glyphs: list[Image.Image], style: WriterStyle
) -> tuple[list[Image.Image], WriterStyle, float]:
    """The same no larger than a turned line may be, and by how many rows it falls on its way."""
    tallest = max(g.height for g in glyphs)
    fall = style.falls * sum(g.width + style.height * style.gap for g in glyphs)
    scale = HEIGHT / (tallest + abs(fall))
    if scale >= 1:
        return glyphs, style, fall
    sizes = [[max(1, round(side * scale)) for side in g.size] for g in glyphs]
    smaller = [g.resize((w, h)) for g, (w, h) in zip(glyphs, sizes, strict=True)]
    return smaller, replace(style, height=scale * style.height), scale * fall


def _separator(style: WriterStyle, rng: np.random.Generator, *, last: bool) -> Image.Image:
    """A point, comma, dash, equals sign or slash."""
    mark = str(rng.choice(list(SEPARATORS if last else POINTS)))
    unit = style.height
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
