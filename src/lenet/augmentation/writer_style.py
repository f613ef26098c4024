"""A writer's style: slant, pen, size, and handwriting variations absent from MNIST."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from lenet.augmentation import glyph_edits
from lenet.network.plane import ByteArray
from lenet.preprocessing.image import Grey

HEIGHT = 64  # pixels of a composed line
TURNED = 0.4  # columns per row, twice MNIST's own slant: so far to the left a mirrored digit leans
FINE = 4  # times the size of MNIST's digits, at which strokes are added
AROUND = 20  # pixels then added on each side, for strokes that reach beyond


@dataclass(frozen=True)
class WriterStyle:
    """How one writer writes a line."""

    slant: float  # columns to the right per row up
    pen: float  # the strength at which an enlarged stroke ends; lower is thicker
    height: float  # pixels of a digit
    gap: float  # between digits, of the height; negative: they overlap
    flagged: bool  # a 1 has an upstroke, and perhaps a foot
    flag_length: float  # the upstroke's length, of the height, in the mean
    crossed: bool  # a 7 has a bar
    hung: bool  # a 7 begins with a downstroke
    curled: bool  # a 2 begins with a loop
    turned: bool  # a 9 has its loop on the right, as a P
    hooked: bool  # a 9 ends in a hook, as a g
    lowered: bool  # the right stroke of a 4 begins low
    parted: bool  # the bar of a 5 stands apart
    tailed: bool  # a 0 ends in a stroke at its top
    warp: float  # pixels of the enlarged digit by which it is warped, a standard deviation
    wide: float  # how much wider than MNIST's its digits are
    falls: float  # rows down per column: the whole line is turned
    joined: float  # how often the pen is not lifted between two digits, 0 … 1


def random_style(rng: np.random.Generator) -> WriterStyle:
    """A random writer."""
    apart = rng.random() < 0.3
    return WriterStyle(
        slant=float(rng.normal(0.1, 0.22)),
        pen=float(rng.uniform(0.25, 0.7)),
        height=HEIGHT * float(rng.uniform(0.28, 0.9)),
        gap=float(rng.uniform(0.1, 0.6) if apart else rng.normal(0.06, 0.12)),
        flagged=bool(rng.random() < 0.6),
        flag_length=float(rng.uniform(0.2, 0.9)),
        crossed=bool(rng.random() < 0.45),
        hung=bool(rng.random() < 0.25),
        curled=bool(rng.random() < 0.35),
        turned=bool(rng.random() < 0.2),
        hooked=bool(rng.random() < 0.25),
        lowered=bool(rng.random() < 0.3),
        parted=bool(rng.random() < 0.15),
        tailed=bool(rng.random() < 0.12),
        warp=float(rng.uniform(0, 3.5)),
        wide=float(rng.uniform(0.8, 1.35)),
        falls=float(rng.normal(0, 0.08 if rng.random() < 0.4 else 0.02)),
        joined=float(rng.uniform(0.2, 0.9)) if rng.random() < 0.25 else 0.0,
    )


def render_digit(
    image: ByteArray, label: int, style: WriterStyle, rng: np.random.Generator
) -> Image.Image:
    """A digit's ink as this writer writes it, cropped, mode L."""
    fine = Image.fromarray(image).resize((28 * FINE,) * 2, Image.Resampling.BICUBIC)
    fine = ImageOps.expand(fine, AROUND)
    lean = 0.0
    match label:
        case 1 if style.flagged:
            glyph_edits.flag(fine, style.flag_length, rng)
        case 7:
            if style.hung:
                glyph_edits.hang(fine, rng)
            if style.crossed:
                glyph_edits.cross(fine, rng)
        case 2 if style.curled:
            glyph_edits.curl(fine, rng)
        case 9 if style.turned:
            fine, lean = ImageOps.mirror(fine), TURNED
        case 9 if style.hooked:
            glyph_edits.hook(fine, rng)
        case 4 if style.lowered:
            glyph_edits.lower(fine, rng)
        case 5 if style.parted:
            glyph_edits.part(fine, rng)
        case 0 if style.tailed:
            glyph_edits.tail(fine, rng)
    return render_ink(fine, style, rng, lean=lean, may_be_small=label == 0)


def render_ink(
    fine: Image.Image,
    style: WriterStyle,
    rng: np.random.Generator,
    *,
    lean: float = 0.0,
    may_be_small: bool = False,
) -> Image.Image:
    """Ink, enlarged FINE times (mode L), in this writer's size, slant and pen, cropped.

    lean : columns to the right per row up, besides the writer's own slant
    """
    fine = glyph_edits.warp_glyph(fine, style.warp, rng)
    sharp = ((np.asarray(fine) / 255 - style.pen) * 4 + 0.5).clip(0, 1)
    fine = Image.fromarray((sharp * 255).astype(np.uint8))
    if (box := fine.getbbox()) is None:
        return Image.new("L", (1, 1))
    fine = fine.crop(box)
    small = 0.75 if may_be_small and rng.random() < 0.2 else 1.0
    height = max(6.0, style.height * small * float(rng.normal(1, 0.08)))
    aspect = fine.width / fine.height * float(style.wide * rng.uniform(0.88, 1.12))
    slant = style.slant + float(rng.normal(0, 0.06)) + lean
    margin = abs(slant) * height
    size = (math.ceil(height * aspect + margin) + 2, math.ceil(height) + 2)
    across, down = fine.width / (height * aspect), fine.height / height
    offset = 1 + (margin if slant < 0 else 0.0) + slant * (height + 1)
    source = (across, across * slant, -across * offset, 0, down, -down)
    inked = fine.transform(size, Image.Transform.AFFINE, source, Image.Resampling.BILINEAR)
    angle = -math.degrees(math.atan(style.falls))
    inked = inked.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    return inked.crop(inked.getbbox())  # all of it where nothing is left


def ligature(
    before: Grey, after: Grey, style: WriterStyle, rng: np.random.Generator
) -> Grey | None:
    """The stroke of a pen that is not lifted between two digits, from layers (h, w) of their ink.

    None where they lie too far apart, or one is not there.
    """
    rows = [np.flatnonzero((layer > 0.5).any(1)) for layer in (before, after)]
    if not all(map(len, rows)):
        return None
    height = float(rng.choice([rng.uniform(0.0, 0.3), rng.uniform(0.3, 1.0)]))
    starts, ends = (
        int(r[min(len(r) - 1, int(len(r) * np.clip(height + rng.normal(0, 0.08), 0, 1)))])
        for r in rows
    )
    x = int(np.flatnonzero(before[starts] > 0.5)[-1])
    to = int(np.flatnonzero(after[ends] > 0.5)[0])
    if not 0 < to - x < 0.7 * style.height:
        return None
    stroke = Image.new("L", before.shape[::-1])
    pen = max(2, round(style.height * float(rng.uniform(0.05, 0.12))))
    middle = (x + to) / 2, (starts + ends) / 2 + float(rng.normal(0, 0.1)) * (to - x)
    ImageDraw.Draw(stroke).line([(x, starts), middle, (to, ends)], fill=255, width=pen)
    blurred = np.asarray(stroke.filter(ImageFilter.GaussianBlur(0.6)), np.float32)
    ink: Grey = blurred / np.float32(255)
    return ink
