"""The same images read by lenet and by Tesseract, by the same rule: all digits right, nothing more.

    LENET_DATA=… python benchmarks/reading_tesseract.py [--most 300]

Needs Debian's tesseract-ocr. Tesseract gets what suits it: dark ink on light paper, enlarged to 64
pixels at least, 20 pixels of paper around, digits only, one line (or one character for `digits`).
The first `most` images of each set are read.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from lenet.preparation.image import load_image
from lenet.preparation.ink import is_dark_on_light
from lenet.reading.reader import Reader

SETS = {"digits": "10", "amounts": "7", "cells": "7"}  # Tesseract's page segmentation mode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=300)
    most = parser.parse_args().most
    if not shutil.which("tesseract"):
        print("tesseract is not installed; on Debian: apt install tesseract-ocr", file=sys.stderr)
        return 1
    lenet = Reader()
    print(f"{'':<10}{'n':>5}{'lenet':>9}{'tesseract':>11}   ms an image each")
    for name, mode in SETS.items():
        folder = Path(os.environ["LENET_DATA"]) / "reading" / name
        with (folder / "labels.csv").open() as file:
            rows = list(csv.DictReader(file))[:most]
        ours = measured(rows, folder, lambda path: lenet.read(path).text)
        theirs = measured(rows, folder, lambda path, mode=mode: tesseract(path, mode))
        print(
            f"{name:<10}{len(rows):>5}{ours[0]:>9.1%}{theirs[0]:>11.1%}"
            f"   {ours[1]:.1f}, {theirs[1]:.1f}"
        )
    return 0


def measured(
    rows: list[dict[str, str]], folder: Path, read: Callable[[Path], str]
) -> tuple[float, float]:
    """Share of whole numbers right, and milliseconds an image."""
    started = time.perf_counter()
    right = sum(read(folder / row["file"]) == row["label"] for row in rows)
    return right / len(rows), 1000 * (time.perf_counter() - started) / len(rows)


def tesseract(path: Path, mode: str) -> str:
    grey = load_image(path)
    dark = grey if is_dark_on_light(grey) else 1 - grey
    scale = max(1, -(-64 // dark.shape[0]))
    image = Image.fromarray((dark * 255).astype(np.uint8))
    image = image.resize((image.width * scale, image.height * scale), Image.Resampling.BICUBIC)
    padded = Image.new("L", (image.width + 40, image.height + 40), int(np.median(dark) * 255))
    padded.paste(image, (20, 20))
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        padded.save(file.name)
        command = ["tesseract", file.name, "-", "--psm", mode]
        command += ["-c", "tessedit_char_whitelist=0123456789"]
        environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return "".join(done.stdout.split())


if __name__ == "__main__":
    sys.exit(main())
