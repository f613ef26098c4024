"""Digits degraded as by scans and photographs, and the background of composed lines.

`degrade` follows from the random numbers it is given; the compiled kernels do the same
(distort.cpp).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from lenet.network.plane import PLANE_SIDE, FloatArray
from lenet.preprocessing.image import Grey

CENTRE = 16.0  # of the digit in the plane: where MNIST's centres of mass lie
DECISIONS = 2  # random words, of four numbers each, that decide how; then one for 4 pixels
WORDS = DECISIONS + PLANE_SIDE * PLANE_SIDE // 4


def degrade(
    ink: FloatArray, background: float, patch: float, noise: float, uniforms: NDArray[np.float64]
) -> FloatArray:
    """Ink 0 … 1 of shape (32, 32), degraded in one of three ways with equal probability.

    background : how grey it becomes at most, 0 … 1; it is darker towards one side, and the ink
        on it loses up to half its contrast
    patch : longest side of a rectangle of one grey, pixels
    noise : share of pixels that are inverted at most, as in section III-E
    uniforms : −1 … 1, four for each of WORDS random words
    """
    which, much, first, second, third, fourth = uniforms[:6]
    amount = (much + 1) / 2
    if which < -1 / 3:
        rows, columns = (np.mgrid[:PLANE_SIDE, :PLANE_SIDE] - CENTRE) / CENTRE
        ground = np.clip(background * amount * (1 + first * rows + second * columns) / 2, 0, 1)
        darkened: FloatArray = np.minimum(ground + ink * (1 - ground / 2), 1).astype(np.float32)
        return darkened
    found: FloatArray = ink.copy()
    if which < 1 / 3:
        down, right = np.mgrid[:PLANE_SIDE, :PLANE_SIDE] - CENTRE
        inside = abs(down - CENTRE * first) <= patch * amount / 2
        inside &= abs(right - CENTRE * second) <= patch * (third + 1) / 4
        found[inside] = (fourth + 1) / 2
        return found
    inverted = (uniforms[4 * DECISIONS :].reshape(ink.shape) + 1) / 2 < noise * amount
    found[inverted] = 1 - found[inverted]
    return found


def on_background(layers: Grey, text: float, falls: float, rng: np.random.Generator) -> Grey:
    """Grey values (h, w) of layers of ink (n, h, w); the last layer takes rules and smudges too.

    text : height of the digits in pixels
    falls : rows down per column: how far the sheet is turned
    """
    _, height, width = layers.shape
    rules = Image.new("L", (width, height))
    draw = ImageDraw.Draw(rules)
    strength = float(rng.uniform(0.3, 1.1))
    _rule(draw, width, height, falls, rng)
    _strays(draw, width, height, text, rng)
    drawn = np.asarray(rules, np.float32) / 255 * min(1.0, strength)
    np.maximum(layers[-1], drawn, out=layers[-1])
    ink = layers.max(0)
    ink = ink * (1 - 0.3 * rng.random() * _clouds(height, width, 12, rng))
    contrast = float(rng.uniform(0.08, 0.75))
    light = float(rng.uniform(max(0.3, contrast), 1.0))
    paper = light + 0.1 * rng.normal() * np.linspace(-0.5, 0.5, width)
    paper = paper + 0.06 * rng.normal() * np.linspace(-0.5, 0.5, height)[:, None]
    if rng.random() < 0.4:
        paper = paper - contrast * float(rng.uniform(0.05, 0.35)) * _pattern(height, width, rng)
    grey = paper - contrast * ink
    factor = float(rng.uniform(0.45, 1.3))
    size = (max(4, round(width * factor)), max(8, round(height * factor)))
    image = Image.fromarray((grey * 255).clip(0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.2, 1.6))))
    image = image.resize(size, Image.Resampling.BILINEAR)
    grainy = np.asarray(image) / 255 + contrast * float(rng.uniform(0, 0.1)) * rng.normal(
        size=size[::-1]
    )
    back = Image.fromarray(grainy.astype(np.float32)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    return np.asarray(back).clip(0, 1).astype(np.float32)


def _rule(
    draw: ImageDraw.ImageDraw, width: int, height: int, falls: float, rng: np.random.Generator
) -> None:
    """Ruled lines above and below, borders left and right."""
    for edge in (0.0, 1.0):
        if rng.random() < 0.35:
            y = height * (edge + (1 - 2 * edge) * float(rng.uniform(0, 0.2)))
            tilt = falls * width / 2 + float(rng.normal(0, 1.2))
            draw.line((0, y - tilt, width, y + tilt), fill=255, width=int(rng.integers(1, 4)))
        if rng.random() < 0.4:
            x = edge * (width - 1) + (1 - 2 * edge) * float(rng.uniform(0, 12))
            tilt = -falls * height / 2 + float(rng.normal(0, 1.2))
            top, bottom = (0, height) if rng.random() < 0.5 else sorted(rng.uniform(0, height, 2))
            pen = int(rng.integers(1, 5))
            draw.line((x - tilt, top, x + tilt, bottom), fill=255, width=pen)


def _strays(
    draw: ImageDraw.ImageDraw, width: int, height: int, text: float, rng: np.random.Generator
) -> None:
    """Specks, and the ends of what is written above, below and beside."""
    for _ in range(int(rng.poisson(1.0))):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.5, 2.5)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(90, 255)))
    for _ in range(int(rng.poisson(0.6))):
        side = int(rng.integers(0, 4))
        x = (0.0, float(width), *rng.uniform(0, width, 2))[side]
        y = (*rng.uniform(0, height, 2), 0.0, float(height))[side]
        reach = rng.normal(0, 0.25 * text, 2)
        pen = max(1, round(text * float(rng.uniform(0.05, 0.12))))
        draw.line((x, y, x + reach[0], y + reach[1]), fill=255, width=pen)


def _pattern(height: int, width: int, rng: np.random.Generator) -> Grey:
    """Wavy lines as cheques are printed with, 0 … 1."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    wave = rng.uniform(0, 3) * np.sin(columns / rng.uniform(4, 40) + rng.uniform(0, 6))
    slope = rng.normal(0, 0.4)
    phase = (rows + slope * columns + wave) / rng.uniform(0.8, 3.0)
    lines: Grey = (0.5 + 0.5 * np.sin(phase)) ** 2
    return lines


def _clouds(height: int, width: int, size: int, rng: np.random.Generator) -> Grey:
    """Smooth noise, 0 … 1: a pen that presses unevenly."""
    coarse = rng.random((max(2, height // size), max(2, width // size))).astype(np.float32)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)
