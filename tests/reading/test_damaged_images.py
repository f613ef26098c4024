"""Images of all kinds, drawn at random and damaged: an answer or an InputError, and soon.

python tests/reading/test_damaged_images.py 10000    the long run: so many images, in one process
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.errors import InputError
from lenet.reading.reader import Reader

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLES = sorted(path for path in EXAMPLES.iterdir() if path.name[0].isdigit())
SLOWEST = 5.0  # seconds


def damaged(rng: np.random.Generator) -> bytes:
    """A sample's file with bytes changed, cut off or put in."""
    content = bytearray(SAMPLES[rng.integers(len(SAMPLES))].read_bytes())
    for _ in range(int(rng.integers(1, 12))):
        place = int(rng.integers(len(content)))
        kind = rng.integers(3)
        if kind == 0:
            content[place] = int(rng.integers(256))
        elif kind == 1:
            content[place:place] = rng.bytes(int(rng.integers(1, 20)))
        elif rng.random() < 0.3 and place > 1:
            del content[place:]
    return bytes(content)


def drawn(rng: np.random.Generator) -> np.ndarray:
    """An array of strokes, noise, stripes or nothing, of any size up to 400 pixels."""
    high, wide = (int(side) for side in np.exp(rng.uniform(0, 6, 2)).astype(int) + 1)
    kind = rng.integers(5)
    plane = np.full((high, wide), rng.random(), np.float64)
    if kind == 1:
        plane = rng.random((high, wide))
    elif kind == 2:
        plane[:: int(rng.integers(1, 9))] = rng.random()
        plane[:, :: int(rng.integers(1, 9))] = rng.random()
    elif kind == 3:
        for _ in range(int(rng.integers(1, 200))):
            y, x = rng.integers(high), rng.integers(wide)
            plane[y : y + rng.integers(1, 30), x : x + rng.integers(1, 30)] = rng.random()
    elif kind == 4:
        small = Image.fromarray((rng.random((6, 6)) * 255).astype(np.uint8))
        plane = np.asarray(small.resize((wide, high), Image.Resampling.BICUBIC)) / 255
    return plane if rng.random() < 0.5 else (plane * 255).astype(np.uint8)


def encoded(rng: np.random.Generator) -> bytes:
    """A drawn image in a random mode and format."""
    image = Image.fromarray((np.asarray(drawn(rng), np.float64) % 256).astype(np.uint8))
    mode, kind = (
        ("L", "PNG"), ("RGBA", "PNG"), ("P", "GIF"), ("1", "TIFF"), ("CMYK", "JPEG"),
        ("RGB", "WEBP"), ("RGB", "BMP"), ("L", "PPM"), ("LA", "PNG"),
    )[rng.integers(9)]  # fmt: skip
    content = io.BytesIO()
    image.convert(mode).save(content, kind)
    return content.getvalue()


def fuzz(count: int, seed: int) -> tuple[int, float]:
    """How many were refused, and the slowest, in seconds."""
    rng = np.random.default_rng(seed)
    readers = [Reader(layout=layout) for layout in ("auto", "line", "page", "digit")]
    refused, slowest = 0, 0.0
    for number in range(count):
        source = (damaged, drawn, encoded)[number % 3](rng)
        started = time.process_time()  # however busy the machine is with other things
        try:
            reading = readers[number % 4].read(source)
            assert 0 <= reading.confidence <= 1
            assert set(reading.text) <= set("0123456789.,-/: \t\n")
            for digit in reading.digits:
                assert 0 <= digit.box.top < digit.box.bottom
                assert 0 <= digit.box.left < digit.box.right
        except InputError:
            refused += 1
        slowest = max(slowest, time.process_time() - started)
    return refused, slowest


@pytest.mark.parametrize("seed", range(4))
def test_any_image_is_read_or_refused(seed):
    refused, slowest = fuzz(40, seed)
    assert refused < 40
    assert slowest < SLOWEST


@pytest.mark.parametrize("shape", [(1, 3_000_000), (3_000_000, 1), (2, 90_000), (90_000, 2)])
def test_threads_of_pixels_cost_no_memory(shape):
    for layout in ("auto", "line", "page"):
        assert Reader(layout=layout).read(np.random.default_rng(0).random(shape)).size == shape


if __name__ == "__main__":
    print(fuzz(int(sys.argv[1]), 0))
