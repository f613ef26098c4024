"""Draw score-sheet.jpg: numbers written into a ruled sheet, photographed aslant on a table.

    python examples/draw_score_sheet.py

Writing and paper are those of draw_samples.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from draw_samples import handwritten, on_paper, uneven
from PIL import Image, ImageDraw, ImageFilter

from lenet.reading.grid import square_to

SCORES = (
    ("12", "8", "25", "45"),
    ("9", "30", "", "39"),
    ("27", "6", "18", "51"),
    ("", "45", "3", "48"),
    ("33", "20", "7", "60"),
)
CELL = 180, 100  # pixels: width and height
MARGIN = 90  # pixels of bare paper around the ruled part
PHOTO = 1200, 900
CORNERS = ((150, 70), (1080, 40), (1150, 850), (60, 800))  # of the sheet in the photo, clockwise
PEN, RULE, TABLE = (35, 45, 110), (90, 90, 95), (72, 58, 48)


def number(text: str, seed: int) -> np.ndarray:
    """Ink of a number in a cell, 0 … 1."""
    width, height = CELL
    ink = np.zeros((height, width), np.float32)
    rng = np.random.default_rng(seed)
    left = width / 2 - 24 * len(text) + rng.uniform(-8, 8)
    for k, digit in enumerate(text):
        drawn = handwritten(int(digit), (60, height), 0.55, 0.09, 0.15, seed + k)
        at = round(left + 48 * k - 6)
        ink[:, at : at + 60] = np.maximum(ink[:, at : at + 60], drawn)
    return ink


def sheet() -> Image.Image:
    """The ruled sheet, seen from above."""
    (width, height), rows, columns = CELL, len(SCORES), len(SCORES[0])
    size = columns * width + 2 * MARGIN, rows * height + 2 * MARGIN
    ink = np.zeros(size[::-1], np.float32)
    for k, text in enumerate(text for row in SCORES for text in row):
        top, left = MARGIN + k // columns * height, MARGIN + k % columns * width
        ink[top : top + height, left : left + width] = number(text, 10 * k)
    page = on_paper(ink, PEN, uneven(size, 225, 245, 2, 1))
    draw = ImageDraw.Draw(page)
    right, bottom = size[0] - MARGIN, size[1] - MARGIN
    for row in range(MARGIN, bottom + 1, height):
        draw.line((MARGIN, row, right, row), RULE, 2)
    for column in range(MARGIN, right + 1, width):
        draw.line((column, MARGIN, column, bottom), RULE, 2)
    return page


def photographed(page: Image.Image) -> Image.Image:
    """The sheet on a table, from an angle, in light that falls from one side."""
    to_page = np.diag([*page.size, 1.0]) @ np.linalg.inv(square_to(np.array(CORNERS, float)))
    photo = page.transform(
        PHOTO,
        Image.Transform.PERSPECTIVE,
        (to_page / to_page[2, 2]).ravel()[:8].tolist(),
        Image.Resampling.BICUBIC,
        fillcolor=TABLE,
    ).filter(ImageFilter.GaussianBlur(1))
    light = uneven(PHOTO, 150, 255, 3, 2) / 255
    return Image.fromarray((np.asarray(photo) * light).clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    photographed(sheet()).save(Path(__file__).with_name("score-sheet.jpg"), quality=70)
