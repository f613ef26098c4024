"""The image with its box and text, beside the 28×28 that the network saw."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lenet.preprocessing.image import Grey
from lenet.reading.result import Reading

SIDE = 168  # pixels for each of the two pictures of a card: 28 × 6
GAP, CAPTION = 12, 24
COLUMNS = 4
PAPER, WORDS, FRAME = (255, 255, 255), (30, 30, 30), (0, 114, 178)  # frame: Okabe–Ito's blue
CARD = (2 * SIDE + GAP, SIDE + CAPTION)


def draw_readings(readings: Sequence[tuple[str, Grey, Reading]]) -> Image.Image:
    """A card for each (name, grey image, reading), four in a row."""
    columns = min(COLUMNS, len(readings))
    rows = -(-len(readings) // COLUMNS)
    width, height = (CARD[0] + 2 * GAP, CARD[1] + 2 * GAP)
    sheet = Image.new("RGB", (columns * width, rows * height), PAPER)
    for k, reading in enumerate(readings):
        row, column = divmod(k, COLUMNS)
        sheet.paste(_card(*reading), (column * width + GAP, row * height + GAP))
    return sheet


def encode(picture: Image.Image, suffix: str) -> bytes:
    """The picture as a file of the kind that ends in this, such as ".png"."""
    content = io.BytesIO()
    picture.save(content, Image.registered_extensions()[suffix.lower()])
    return content.getvalue()


def _card(name: str, grey: Grey, reading: Reading) -> Image.Image:
    card = Image.new("RGB", CARD, PAPER)
    draw = ImageDraw.Draw(card)
    height, width = grey.shape
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST
    picture = Image.fromarray((grey * 255).astype(np.uint8)).resize(size, way)
    card.paste(picture, (0, CAPTION))
    for digit in reading.digits:
        top, left, bottom, right = (round(side * scale) for side in digit.box)
        box = (left, CAPTION + top, max(left, right - 1), CAPTION + max(top, bottom - 1))
        draw.rectangle(box, outline=FRAME, width=2 if len(reading.digits) == 1 else 1)
    card.paste(_seen(reading), (SIDE + GAP, CAPTION))
    draw.rectangle((SIDE + GAP, CAPTION, CARD[0] - 1, CARD[1] - 1), outline=FRAME)
    font = ImageFont.load_default(14)
    draw.text((0, 2), _shortened(name), fill=WORDS, font=font)
    draw.text((SIDE + GAP, 2), _answer(reading), fill=WORDS, font=font)
    return card


def _answer(reading: Reading) -> str:
    if not reading.digits:
        return "no digits found"
    text = "?" if reading.rejected else " ".join(reading.text.split())
    return _shortened(f"{text}   {100 * reading.confidence:.1f} %")


def _seen(reading: Reading) -> Image.Image:
    """The 28×28 of every digit, in as many columns as rows."""
    columns = max(1, math.ceil(math.sqrt(len(reading.digits))))
    side = max(1, SIDE // columns)
    sheet = Image.new("L", (SIDE, SIDE), 255)
    way = Image.Resampling.NEAREST if side >= 28 else Image.Resampling.BOX
    for k, digit in enumerate(reading.digits):
        row, column = divmod(k, columns)
        seen = Image.fromarray(255 - digit.image).resize((side, side), way)
        sheet.paste(seen, (column * side, row * side))
    return sheet


def _shortened(name: str, length: int = 22) -> str:
    return name if len(name) <= length else f"…{name[1 - length :]}"
