"""What an image may cost: conversion by strips, memory for a pixel, time of a decoder."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from hostile_images import jpeg_of_scans
from lenet.errors import InputError
from lenet.preprocessing import image
from lenet.preprocessing.image import load_image, load_planes

MODES = "RGBA RGB L LA P PA CMYK YCbCr HSV LAB RGBX RGBa 1 I F I;16 I;16B".split()  # noqa: SIM905


def in_every_mode(rng: np.random.Generator) -> dict[str, Image.Image]:
    """Images of 61 × 83 pixels by mode, with every kind of transparency."""
    pixels = rng.integers(0, 256, (83, 61, 4), dtype=np.uint8)
    pixels[:40, :, 3] //= 4
    whole = Image.fromarray(pixels)
    grey = whole.convert("L")
    found = {mode: (grey if "I;" in mode else whole.convert("RGB")) for mode in MODES}
    found |= dict.fromkeys(("RGBA", "LA", "PA", "RGBa"), whole)
    found["I;16B"] = grey.convert("I")
    found = {mode: found[mode].convert(mode) for mode in MODES}
    wide = Image.fromarray(rng.normal(size=(83, 61)).astype(np.float32) * 1000)
    found |= {"F wide": wide, "I wide": wide.convert("I")}
    palette = whole.convert("RGB").quantize(16)
    for name, source, transparency in (
        ("P one", palette, 3),
        ("P many", palette, rng.bytes(16)),
        ("L one", grey, int(pixels[0, 0, 0])),
        ("RGB one", whole.convert("RGB"), tuple(map(int, pixels[0, 0, :3]))),
        ("1 one", grey.convert("1"), 0),
    ):
        found[name] = source.copy()
        found[name].info["transparency"] = transparency
    for name, alpha in (("dark", 90), ("light", 90), ("clear", 0), ("opaque", 250)):
        pixels[..., :3] = 200 if name == "light" else rng.integers(0, 90, (83, 61, 1))
        pixels[..., 3] = np.where(rng.random((83, 61)) < 0.5, alpha, alpha // 3)
        found[f"RGBA {name}"] = Image.fromarray(pixels)
    return found


def whole_plane(source: Image.Image) -> np.ndarray:
    """The grey plane, converted as a whole: what strips must equal."""
    if source.mode in ("I", "F") or source.mode.startswith("I;"):
        values = np.asarray(source.convert("F"))
        low, high = min(0.0, float(values.min())), max(1.0, float(values.max()))
        return ((values.astype(np.float64) - low) / (high - low)).astype(np.float32)
    transparent = source.has_transparency_data
    coloured = source.convert("RGBA") if transparent else source
    opaque = coloured if coloured.mode in ("RGB", "L") else coloured.convert("RGB")
    grey = np.array(opaque.convert("L"), np.float32) / np.float32(255)
    if not transparent:
        return grey
    opacity = np.asarray(coloured.getchannel("A")).astype(np.float32) / np.float32(255)
    if not opacity.any():
        return np.ones_like(grey)
    usual = float(np.median(grey[opacity > 0.5])) if (opacity > 0.5).any() else 1.0
    patch = usual >= 0.5 and (grey[opacity > 0.5] < usual - image.WRITING / 255).mean() >= 0.01
    if opacity.mean() < 0.5 and not patch:
        ground = 1.0 if np.average(grey, weights=opacity) < 0.5 else 0.0
    else:
        ground = usual
    return grey * opacity + np.float32(ground) * (1 - opacity)


@pytest.mark.parametrize("pixels", [1, 1000, 10**9])
def test_strips_equal_the_whole_in_every_mode(monkeypatch, rng, pixels):
    monkeypatch.setattr(image, "STRIP", pixels)
    for mode, source in in_every_mode(rng).items():
        planes = load_planes(source, image.MAX_PIXELS, "red")
        assert planes.whole.tobytes() == whole_plane(source).tobytes(), mode
        assert planes.grey.shape == planes.whole.shape


MEASURE = """
import io, resource, sys
from PIL import Image
from lenet.preprocessing import image
from lenet.preprocessing.image import load_image

mode, kind, transparency, most = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
side, file = 2500, io.BytesIO()
options = {"transparency": bytes([0, 200])} if transparency else {}
source = Image.new(mode, (side, side))
source.save(file, kind, **({"lossless": True} if kind == "WEBP" else options))
del source
small = io.BytesIO()
Image.new(mode, (9, 9)).save(small, kind, **options)
load_image(small.getvalue())  # what is imported and allocated once
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
limit = used + most * side**2 + 2**24
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
load_image(file.getvalue())
"""
CASES = [
    ("RGBA", "WEBP", "", 20),
    ("RGB", "WEBP", "", 20),
    ("RGBA", "PNG", "", image.DECODING_BYTES),
    ("LA", "PNG", "", image.DECODING_BYTES),
    ("I;16", "PNG", "", image.DECODING_BYTES),
    ("P", "PNG", "yes", image.DECODING_BYTES),
    ("F", "TIFF", "", image.DECODING_BYTES),
    ("I", "TIFF", "", image.DECODING_BYTES),
    ("CMYK", "TIFF", "", image.DECODING_BYTES),
    ("RGB", "JPEG", "", image.DECODING_BYTES),
]


@pytest.mark.subprocess
@pytest.mark.skipif(sys.platform != "linux", reason="limits and counts memory as Linux does")
@pytest.mark.parametrize(("mode", "kind", "transparency", "most"), CASES)
def test_the_memory_that_a_pixel_takes(mode, kind, transparency, most):
    """Before, 21 to 31 bytes for all but RGB, CMYK and JPEG."""
    command = [sys.executable, "-c", MEASURE, mode, kind, transparency, str(most)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_decoder_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(image, "DECODING_SECONDS", 0.1)
    assert load_image(jpeg_of_scans(400, 10)).shape == (400, 400)
    with pytest.raises(InputError, match=r"over 0\.1 s"):
        load_image(jpeg_of_scans(1200, 10_000))


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "L", {}),
        ("TIFF", "L", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGB", {"exif": b"Exif\0\0"}),
    ],
)
def test_a_limit_of_pixels_for_files(monkeypatch, kind, mode, options):
    file = io.BytesIO()
    Image.new(mode, (1200, 1000)).save(file, kind, **options)
    assert load_image(file.getvalue(), max_pixels=12 * 10**5).shape == (1000, 1200)
    if kind == "WEBP":  # Pillow takes memory for all pixels as it opens one
        monkeypatch.setattr(image, "_opened", None)
    with pytest.raises(InputError, match=r"1200 × 1000 pixels, at most 1 million"):
        load_image(file.getvalue(), max_pixels=10**6)
