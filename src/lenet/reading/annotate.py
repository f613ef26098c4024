"""The image with what was found in it and its text, beside the 28×28 that the network saw."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from lenet.lines.line_ink import remove_ruled_lines
from lenet.preprocessing.image import Grey
from lenet.preprocessing.morphology import Mask, box_sum, closing, dilated
from lenet.reading.result import BLUE, PURPLE, Reading

SIDE = 168  # pixels for each of the two pictures of a card: 28 × 6
LARGE = 4 * SIDE  # the same where a few images hold several numbers
GAP, CAPTION = 12, 24
COLUMNS = 4
LETTERS = 22  # that fit over a picture of SIDE
PAPER, WORDS = (255, 255, 255), (30, 30, 30)
FRAME, CELL = ImageColor.getrgb(BLUE), ImageColor.getrgb(PURPLE)
UNEXPLAINED = (213, 94, 0)  # Okabe and Ito's vermilion

SEARCHED = 800  # pixels of the longer side at which unexplained ink is sought
PAGE, FIELD = 120, 31  # pixels: lower images are lines; strokes narrower than this are no paper
STANDS_OUT, GRAIN = 0.08, 2.0  # of white; of the median contrast: what stands out less is none
AROUND = 0.15  # of a digit's height, around it: its own ink
RULE = 0.12  # of a cell's shorter side, on both sides of its rule: the rule's ink
SPECK, SPOT = 8, 5  # fewer inked pixels in a square of so many a side are grain
REACH = 7  # pixels that its mark is wider
HATCH, TINT, STRIPE = 5, 0.25, 0.75  # pixels from stripe to stripe; opacities between and on them


def draw_readings(readings: Sequence[tuple[str, Grey, Reading]]) -> Image.Image:
    """A card for each (name, grey image, reading), four in a row."""
    columns = min(COLUMNS, len(readings))
    rows = -(-len(readings) // COLUMNS)
    several = any(len(reading.lines) > 1 for _, _, reading in readings)
    cards = [_card(*each, LARGE if several and rows == 1 else SIDE) for each in readings]
    width, height = (length + 2 * GAP for length in cards[0].size)
    sheet = Image.new("RGB", (columns * width, rows * height), PAPER)
    for k, card in enumerate(cards):
        row, column = divmod(k, COLUMNS)
        sheet.paste(card, (column * width + GAP, row * height + GAP))
    return sheet


def draw_found(grey: Grey, reading: Reading, side: int) -> Image.Image:
    """The image, its longer side of `side` pixels, with what was found in it.

    Digits and signs have a blue frame, cells of tables a purple one. Ink that no digit, sign or
    rule accounts for is hatched in orange.
    """
    height, width = grey.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST
    picture = Image.fromarray((grey * 255).astype(np.uint8)).resize(size, way).convert("RGB")
    unexplained = Image.fromarray(255 * unexplained_ink(grey, reading).astype(np.uint8))
    picture.paste(UNEXPLAINED, (0, 0), _hatched(unexplained.resize(size, Image.Resampling.BOX)))
    draw = ImageDraw.Draw(picture)
    for table in reading.tables:
        for cell in (cell for row in table.cells for cell in row):
            draw.polygon([(scale * left, scale * top) for left, top in cell.corners], None, CELL)
    for found in reading.written:
        top, left, bottom, right = (round(place * scale) for place in found.box)
        box = (left, top, max(left, right - 1), max(top, bottom - 1))
        draw.rectangle(box, outline=FRAME, width=2 if len(reading.digits) == 1 else 1)
    return picture


def unexplained_ink(grey: Grey, reading: Reading) -> Mask:
    """Where a plane (h, w) has ink that no digit, sign or rule accounts for.

    The mask's longer side has SEARCHED pixels at most.
    """
    height, width = grey.shape
    scale = min(1.0, SEARCHED / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))
    page = small.shape[0] >= PAGE
    field = min(FIELD, small.shape[0] // 2) | 1
    ink = remove_ruled_lines(_narrow_ink(small, field).astype(np.float32), page=page)
    explained = Image.new("1", size)
    draw = ImageDraw.Draw(explained)
    for cell in (cell for table in reading.tables for row in table.cells for cell in row):
        corners = [(scale * left, scale * top) for left, top in cell.corners]
        band = max(2, round(2 * RULE * scale * min(cell.box.height, cell.box.width)))
        draw.line([*corners, corners[0]], 1, band)
    for found in reading.written:
        top, left, bottom, right = found.box
        more = 1 + AROUND * found.box.height
        draw.rectangle(
            [scale * place for place in (left - more, top - more, right + more, bottom + more)], 1
        )
    left = (ink > 0) & ~np.asarray(explained)
    unexplained: Mask = left & (box_sum(left.astype(np.float32), SPOT) >= SPECK)
    return unexplained


def _narrow_ink(grey: Grey, field: int) -> Mask:
    """Strokes narrower than `field` pixels; dark or light, whichever is rarer around.

    The edge of paper on a dark table is none: it is darker than what lies on one side only.
    """
    filled, cleared = closing(grey, field, "edge"), -closing(-grey, field, "edge")
    around = box_sum(2 * grey - filled - cleared, 4 * field + 1)
    contrast = np.where(around >= 0, filled - grey, grey - cleared)
    grain = float(np.median(contrast))
    ink: Mask = contrast - grain > max(STANDS_OUT, GRAIN * grain)
    return ink


def _hatched(ink: Image.Image) -> Image.Image:
    """The opacity, 0 … 255, of slanting stripes on a tint over the ink and a little around."""
    inside = dilated(np.asarray(ink) > 0, REACH)
    stripe = np.add.outer(*(np.arange(length) for length in inside.shape)) % HATCH == 0
    opacity = np.where(stripe, STRIPE, TINT) * 255 * inside
    return Image.fromarray(opacity.astype(np.uint8))


def encode(picture: Image.Image, suffix: str) -> bytes:
    """The picture as a file of the kind that ends in this, such as ".png"."""
    content = io.BytesIO()
    picture.save(content, Image.registered_extensions()[suffix.lower()])
    return content.getvalue()


def _card(name: str, grey: Grey, reading: Reading, side: int) -> Image.Image:
    card = Image.new("RGB", (2 * side + GAP, side + CAPTION), PAPER)
    draw, letters = ImageDraw.Draw(card), LETTERS * side // SIDE
    card.paste(draw_found(grey, reading, side), (0, CAPTION))
    card.paste(_seen(reading, side), (side + GAP, CAPTION))
    draw.rectangle((side + GAP, CAPTION, card.width - 1, card.height - 1), outline=BLUE)
    font = ImageFont.load_default(14)
    draw.text((0, 2), _shortened(name, letters), fill=WORDS, font=font)
    draw.text((side + GAP, 2), _shortened(_answer(reading), letters), fill=WORDS, font=font)
    return card


def _answer(reading: Reading) -> str:
    found = " ".join(reading.text.split()) or "no digits"
    text = "?" if reading.rejected else found
    return f"{text}   {100 * reading.confidence:.1f} %"


def _seen(reading: Reading, whole: int) -> Image.Image:
    """The 28×28 of every digit, in as many columns as rows."""
    columns = max(1, math.ceil(math.sqrt(len(reading.digits))))
    side = max(1, whole // columns)
    sheet = Image.new("L", (whole, whole), 255)
    way = Image.Resampling.NEAREST if side >= 28 else Image.Resampling.BOX
    for k, digit in enumerate(reading.digits):
        row, column = divmod(k, columns)
        seen = Image.fromarray(255 - digit.image).resize((side, side), way)
        sheet.paste(seen, (column * side, row * side))
    return sheet


def _shortened(name: str, length: int) -> str:
    return name if len(name) <= length else f"…{name[1 - length :]}"
