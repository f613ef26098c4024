"""How much of what is no digit `--reject` refuses, and how many real digits with it.

    LENET_DATA=… python benchmarks/reading_no_digit.py [REJECT]

Letters are printed in three fonts that come with matplotlib, those left out that look like a digit;
scribbles are smooth lines through random points. The open-set network has learnt other fonts, but
none of the UNSEEN letters. Answers below REJECT (0.5) or "no digits found" count as refused.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.interpolate import make_interp_spline

from lenet.reading.labelled import load_labels
from lenet.reading.reader import Reader

FONTS = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf")
LETTERS = "ACDEFGHJKLMNPQRTUVWXYacdefhijkmnprtuvwxy"  # no I l O o S s Z z B b g q
UNSEEN = "AEHLPTWaehptw"  # as lenet.augmentation.outliers.HELD_OUT
SCRIBBLES, SIDE = 120, 96


def main(reject: str = "0.5") -> int:
    reader = Reader(layout="digit", reject=float(reject))
    table = Path(os.environ["LENET_DATA"]) / "reading" / "digits" / "labels.csv"
    digits = [image.source for image in load_labels(table)]
    rng = np.random.default_rng(0)
    shown = {
        "printed letters": [letter(sign, font) for font in FONTS for sign in LETTERS],
        "… unseen": [letter(sign, font) for font in FONTS for sign in UNSEEN],
        "scribbles": [scribble(rng) for _ in range(SCRIBBLES)],
        "real digits": digits,
    }
    for name, images in shown.items():
        readings = [reader.read(image) for image in images]
        refused = sum(reading.rejected or not reading.digits for reading in readings)
        print(f"{name:<16}{refused:>4} of {len(images)} refused  ({refused / len(images):.0%})")
    return 0


def letter(sign: str, font: str) -> Image.Image:
    """A letter, black on white."""
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    image = Image.new("L", (SIDE, SIDE), 255)
    middle = (SIDE // 2, SIDE // 2)
    kind = ImageFont.truetype(fonts / font, 56)
    ImageDraw.Draw(image).text(middle, sign, fill=0, font=kind, anchor="mm")
    return image


def scribble(rng: np.random.Generator) -> Image.Image:
    """A smooth line through five to nine points."""
    count = int(rng.integers(5, 10))
    points = rng.uniform(0.15 * SIDE, 0.85 * SIDE, (count, 2))
    line = make_interp_spline(np.arange(count), points)(np.linspace(0, count - 1, 200))
    image = Image.new("L", (SIDE, SIDE), 255)
    ImageDraw.Draw(image).line([tuple(point) for point in line], fill=0, width=5, joint="curve")
    return image


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
