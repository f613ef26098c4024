"""Crops of 100×40 pixels with three digits each, as PNG: what the service's benchmarks send.

Composed from the sample images, so that they need no data set: dark digits on grainy paper.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from lenet.preprocessing.prepare import prepare_file

EXAMPLES = Path(__file__).parents[1] / "examples"
HEIGHT, WIDTH, DIGITS = 40, 100, 3


def crops(count: int, seed: int = 0) -> list[bytes]:
    """PNG files, each a different number."""
    rng = np.random.default_rng(seed)
    samples = [
        prepare_file(path).image for path in sorted(EXAMPLES.iterdir()) if path.name[0].isdigit()
    ]
    return [_crop(rng, samples) for _ in range(count)]


def _crop(rng: np.random.Generator, samples: list[np.ndarray]) -> bytes:
    paper = rng.normal(225, 4, (HEIGHT, WIDTH))
    for place in range(DIGITS):
        digit = samples[rng.integers(len(samples))]
        top, left = 4 + rng.integers(0, 5), 4 + 31 * place + rng.integers(0, 4)
        paper[top : top + 28, left : left + 28] -= digit * 0.75
    file = io.BytesIO()
    Image.fromarray(paper.clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
