"""Tesseract, what one would read numbers with otherwise: Debian's package, called as a program."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from lenet.lines.line_ink import at_working_height
from lenet.preprocessing.digit_ink import is_dark_on_light
from lenet.preprocessing.image import Grey

LEAST = 64  # pixels of height that an image is enlarged to
MARGIN = 20  # pixels of paper around
ONE_CHARACTER, ONE_LINE = "10", "7"  # its modes of page segmentation
PATIENCE = 60  # seconds


def installed() -> str | None:
    """Its version, or None where it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return (said.stdout or said.stderr).splitlines()[0]


def tesseract(grey: Grey, mode: str) -> str:
    """The digits it reads, given what suits it: dark on light, enlarged, padded, digits only."""
    dark = grey if is_dark_on_light(grey) else 1 - grey
    high = dark.shape[0]
    enlarged, _ = at_working_height(dark, max(1, -(-LEAST // high)) * high)
    padded = np.pad(enlarged, MARGIN, constant_values=float(np.median(dark)))
    height, width = padded.shape
    header = f"P5 {width} {height} 255\n".encode()
    command = ["-", "--psm", mode, "-c", "tessedit_char_whitelist=0123456789"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "number.pgm"
        file.write_bytes(header + np.rint(padded * 255).astype(np.uint8).tobytes())
        done = subprocess.run(  # noqa: S603
            [shutil.which("tesseract") or "tesseract", str(file), *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
    return "".join(done.stdout.split())
