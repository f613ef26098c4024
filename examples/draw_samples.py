"""Draw the sample images of this folder: one digit each, in a simulated handwriting and many inks.

    python examples/draw_samples.py

A digit is a few strokes through points of a unit square; slant, jitter and pen pressure vary.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

STROKES = {  # (x, y) from the upper left corner; each list is one stroke of the pen
    0: [[(0.55, 0.02), (0.2, 0.15), (0.05, 0.55), (0.2, 0.92), (0.55, 0.98), (0.88, 0.75),
         (0.92, 0.35), (0.72, 0.06), (0.5, 0.03)]],
    1: [[(0.3, 0.22), (0.55, 0.0), (0.52, 0.5), (0.5, 1.0)]],
    2: [[(0.1, 0.25), (0.3, 0.03), (0.68, 0.05), (0.8, 0.3), (0.55, 0.62), (0.08, 0.97),
         (0.45, 0.93), (0.95, 0.98)]],
    3: [[(0.12, 0.12), (0.45, 0.0), (0.8, 0.15), (0.7, 0.38), (0.38, 0.47), (0.75, 0.55),
         (0.88, 0.78), (0.6, 0.98), (0.1, 0.9)]],
    4: [[(0.42, 0.0), (0.25, 0.35), (0.05, 0.62), (0.5, 0.6), (0.98, 0.56)],
        [(0.72, 0.25), (0.68, 0.6), (0.64, 1.0)]],
    5: [[(0.25, 0.04), (0.2, 0.25), (0.15, 0.45), (0.5, 0.38), (0.85, 0.58), (0.8, 0.85),
         (0.45, 1.0), (0.08, 0.9)], [(0.25, 0.04), (0.55, 0.05), (0.9, 0.0)]],
    6: [[(0.7, 0.0), (0.35, 0.22), (0.12, 0.6), (0.25, 0.93), (0.6, 0.98), (0.82, 0.75),
         (0.6, 0.54), (0.3, 0.62), (0.15, 0.78)]],
    7: [[(0.08, 0.08), (0.45, 0.07), (0.9, 0.04), (0.7, 0.4), (0.5, 0.7), (0.4, 1.0)]],
    8: [[(0.78, 0.14), (0.45, 0.0), (0.2, 0.2), (0.45, 0.44), (0.8, 0.7), (0.6, 0.97),
         (0.25, 0.92), (0.2, 0.68), (0.55, 0.42), (0.82, 0.2), (0.72, 0.08)]],
    9: [[(0.82, 0.18), (0.5, 0.02), (0.18, 0.2), (0.25, 0.46), (0.6, 0.46), (0.82, 0.2),
         (0.8, 0.55), (0.62, 1.0)]],
}  # fmt: skip


def smooth(points: np.ndarray, steps: int = 40) -> np.ndarray:
    """A Catmull–Rom curve through the points, shape (m, 2)."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, steps)[:, None]
    pieces = [
        0.5
        * (
            2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]  # fmt: skip
    return np.vstack(pieces)


def handwritten(
    digit: int, size: tuple[int, int], height: float, pen: float, slant: float, seed: int
) -> np.ndarray:
    """Ink of shape (size[1], size[0]), 0 … 1; height is the digit's fraction of the image's."""
    rng, finer = np.random.default_rng(seed), 4
    width, rows = size
    sheet = Image.new("L", (width * finer, rows * finer), 0)
    draw = ImageDraw.Draw(sheet)
    tall = height * rows * finer
    wide = 0.62 * tall
    for stroke in STROKES[digit]:
        points = np.array(stroke) + rng.normal(0, 0.018, (len(stroke), 2))
        curve = smooth(points) - 0.5
        across = width * finer / 2 + curve[:, 0] * wide - slant * curve[:, 1] * tall
        down = rows * finer / 2 + curve[:, 1] * tall
        pressure = 1 + 0.18 * np.sin(np.linspace(0, 3, len(curve)) + rng.uniform(0, 6))
        for cx, cy, radius in zip(across, down, pressure * pen * tall / 2, strict=True):
            draw.ellipse((cx - radius, cy - radius, cx + radius, cy + radius), fill=255)
    small = sheet.resize(size, Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255


def on_paper(ink: np.ndarray, colour: tuple[int, ...], paper: np.ndarray | int) -> Image.Image:
    """Coloured ink on paper of uniform brightness or of shape (h, w, 3)."""
    ground = np.broadcast_to(np.asarray(paper, np.float32), (*ink.shape, 3))
    mixed = ground * (1 - ink[..., None]) + np.array(colour, np.float32) * ink[..., None]
    return Image.fromarray(mixed.clip(0, 255).round().astype(np.uint8))


def uneven(size: tuple[int, int], low: int, high: int, noise: float, seed: int) -> np.ndarray:
    """Paper with a brightness gradient and camera noise, shape (h, w, 3)."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]] / max(size)
    light = low + (high - low) * (0.25 + 0.6 * columns + 0.35 * rows)
    grain = rng.normal(0, noise, (size[1], size[0]))
    return (light + grain)[..., None] * np.array([1.0, 0.97, 0.9])


def main(folder: Path) -> None:
    small, large = (28, 28), (900, 1200)
    ink = handwritten(0, (200, 240), 0.55, 0.1, 0.15, 1)
    on_paper(ink, (20, 30, 110), 255).save(folder / "0-blue-ink.png")
    on_paper(handwritten(1, (160, 220), 0.6, 0.09, 0.2, 2), (25, 25, 25), 250).save(
        folder / "1-black-pen.png"
    )
    board = uneven((320, 300), 25, 60, 4, 3)
    on_paper(handwritten(2, (320, 300), 0.5, 0.09, 0.1, 3), (235, 235, 225), board).save(
        folder / "2-chalk.jpg", quality=85
    )
    photo = on_paper(
        handwritten(3, large, 0.32, 0.075, 0.2, 4), (60, 55, 70), uneven(large, 110, 215, 5, 4)
    )
    photo.filter(ImageFilter.GaussianBlur(2)).save(folder / "3-photo.jpg", quality=70)
    Image.fromarray((255 * handwritten(4, small, 0.7, 0.14, 0.1, 5)).astype(np.uint8)).save(
        folder / "4-as-mnist.png"
    )
    on_paper(handwritten(5, (240, 240), 0.6, 0.2, 0.05, 6), (10, 10, 10), 245).save(
        folder / "5-thick-marker.png"
    )
    clear = handwritten(6, (180, 200), 0.6, 0.1, 0.15, 7)
    alpha = (255 * clear).round().astype(np.uint8)
    Image.merge("RGBA", [Image.new("L", (180, 200), 30)] * 3 + [Image.fromarray(alpha)]).save(
        folder / "6-transparent.png"
    )
    pencil = uneven((360, 420), 120, 240, 6, 8)
    on_paper(0.75 * handwritten(7, (360, 420), 0.5, 0.05, 0.2, 8), (70, 70, 75), pencil).save(
        folder / "7-pencil-shadow.jpg", quality=80
    )
    on_paper(handwritten(8, (64, 72), 0.7, 0.1, 0.1, 9), (120, 20, 30), 255).quantize(16).save(
        folder / "8-palette.gif"
    )
    Image.fromarray(handwritten(9, (90, 110), 0.65, 0.1, 0.2, 10) < 0.5).save(folder / "9-fax.png")
    grey = handwritten(2, (300, 300), 0.5, 0.09, 0.3, 11)
    Image.fromarray(((1 - 0.8 * grey) * 60_000).astype(np.uint16)).save(folder / "2-scan-16bit.png")
    on_paper(handwritten(5, (220, 260), 0.5, 0.08, 0.35, 12), (40, 40, 40), 255).save(
        folder / "5-slanted.png"
    )


if __name__ == "__main__":
    main(Path(__file__).parent)
