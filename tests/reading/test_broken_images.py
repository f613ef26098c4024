"""Two hundred broken and hostile inputs: refused or answered, never a crash, a hang or litter."""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
import struct
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

import lenet
from lenet.errors import InputError
from lenet.preprocessing import image
from lenet.reading.reader import Reader
from lenet.reading.result import Reading

READER = Reader()


def encoded(kind: str, mode: str = "L", size: tuple[int, int] = (40, 50)) -> bytes:
    image = Image.new(mode, size, 1 if mode == "1" else 255 if mode == "L" else (255, 250, 245))
    image.paste(0 if mode in "1L" else (0, 0, 0), (15, 10, 20, 40))
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


WHOLE = {
    "png": encoded("PNG"),
    "jpg": encoded("JPEG", "RGB"),
    "tif": encoded("TIFF"),
    "bmp": encoded("BMP", "RGB"),
    "gif": encoded("GIF"),
    "webp": encoded("WEBP", "RGB"),
    "pbm": encoded("PPM", "1"),
    "pgm": encoded("PPM"),
}


def png_header(width: int, height: int, depth: int = 8) -> bytes:
    """A PNG that promises this size and holds almost nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def float_tiff(value: float) -> bytes:
    grey = np.ones((30, 30), np.float32)
    grey[5:20, 10:14] = 0
    grey[0, 0] = value
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "TIFF")
    return file.getvalue()


def hostile() -> dict[str, bytes]:
    """Content by file name."""
    rng = np.random.default_rng(7)
    found = {}
    for kind, content in WHOLE.items():
        for part in (1, 2, 5, 9, 10):  # tenths: truncated, and one byte short
            kept = len(content) * part // 10 - (part == 10)
            found[f"truncated-{part}.{kind}"] = content[:kept]
        for k in range(14):
            mutated = bytearray(content)
            for place in rng.integers(0, min(len(mutated), 200), 1 + k % 5):
                mutated[place] = rng.integers(0, 256)
            found[f"mutated-{k}.{kind}"] = bytes(mutated)
        found[f"tail.{kind}"] = content[len(content) // 2 :]
        found[f"wrong-name.{kind}"] = WHOLE["png" if kind != "png" else "gif"]
    for width, height in ((50_000, 50_000), (2**31 - 1, 1), (0, 10), (10, 0), (9_000, 9_000)):
        found[f"size-{width}x{height}.png"] = png_header(width, height)
    found["size.bmp"] = (
        b"BM"
        + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHH", 40, 50_000, 50_000, 1, 24)
    ).ljust(54, b"\0")
    found["size.gif"] = b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b"\x2c"
    found["size.pgm"] = b"P5 50000 50000 255\n" + b"\0" * 100
    found["ascii.pbm"] = b"P1 99999999 99999999\n1 0"
    found["words.pgm"] = b"P2 ten ten 255"
    found |= {f"{value}.tif": float_tiff(value) for value in (np.nan, np.inf, -np.inf)}
    found |= {
        "empty.png": b"",
        "zero.png": b"\0",
        "text.png": b"a letter, not a picture",
        "html.jpg": b"<!doctype html><title>404</title>",
        "zip.png": b"PK\x03\x04" + b"\0" * 100,
        "pdf.png": b"%PDF-1.7\n",
        "eps.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "svg.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "noise.png": rng.bytes(5_000),
        "elf.jpg": b"\x7fELF" + rng.bytes(500),
    }
    return found


HOSTILE = hostile()


def test_there_are_two_hundred():
    assert len(HOSTILE) >= 190  # and a dozen more below, of kinds that are no content


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_refused_or_read(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    try:
        answer = READER.read(path)
    except InputError as refusal:
        answer = refusal
    if isinstance(answer, InputError):
        assert str(path) in str(answer)
        assert len(str(answer)) < 500
    else:
        assert name.startswith(("mutated", "truncated", "wrong-name"))
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_through_the_command_all_at_once(tmp_path, run_lenet):
    for name, content in HOSTILE.items():
        (tmp_path / name).write_bytes(content)
    figure = tmp_path / "sheet.png"
    done = run_lenet("read", *sorted(tmp_path.iterdir()), "-q", "--json", "--figure", figure)
    rows = json.loads(done.stdout)["files"]
    assert done.returncode == 3
    assert len(rows) == len(HOSTILE)
    assert "Traceback" not in done.stderr
    refused = [row for row in rows if row["error"]]
    assert len(refused) > 60
    assert len(done.stderr.splitlines()) == len(refused)
    assert {path.name for path in tmp_path.iterdir()} == {*HOSTILE, "sheet.png"}


def places(folder):
    """Paths that are no readable file."""
    (folder / "folder.png").mkdir()
    (folder / "empty-folder").mkdir()
    (folder / "loop.png").symlink_to("loop.png")
    (folder / "dangling.png").symlink_to("nowhere.png")
    os.mkfifo(folder / "pipe.png")
    names = ("folder.png", "empty-folder", "loop.png", "dangling.png", "pipe.png", "missing.png")
    strange = ["/dev/zero", "/dev/null", f"{folder}/{'n' * 300}.png", f"{folder}/missing.png/x"]
    return [str(folder / name) for name in names] + strange


def test_paths_that_are_no_file(tmp_path, run_lenet):
    for path in places(tmp_path):
        done = run_lenet("read", path, "--json", timeout=20)
        assert done.returncode == 3, path
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("lenet: ")


@pytest.mark.parametrize("size", [0, 10, 10**6])
def test_a_file_of_another_size_than_it_was_said_to_have(size, tmp_path, monkeypatch):
    """It grows while it is read, or shrinks, or lies in /proc, where all sizes are 0."""
    file = tmp_path / "3.png"
    file.write_bytes(WHOLE["png"])
    told = os.stat_result((stat.S_IFREG | 0o644, 0, 0, 1, 0, 0, size, 0, 0, 0))
    monkeypatch.setattr(image.Path, "stat", lambda self, **_: told)
    assert image.read_file(file) == WHOLE["png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(WHOLE["png"])
    path.chmod(0)
    with pytest.raises(InputError, match="Permission denied"):
        READER.read(path)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (2, 2), (3000, 3)])
@pytest.mark.parametrize("fill", ["black", "white", "noise", "half"])
def test_odd_sizes(shape, fill, rng):
    grey = {
        "black": np.zeros(shape),
        "white": np.ones(shape),
        "noise": rng.random(shape),
        "half": np.arange(np.prod(shape)).reshape(shape) % 2.0,
    }[fill]
    assert isinstance(READER.read(grey), Reading)


@settings(max_examples=150, deadline=None)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=3, max_side=40)))
def test_any_bytes_are_read_or_refused(array):
    try:
        assert isinstance(READER.read(array), Reading)
    except InputError:
        assert array.ndim == 3


@settings(max_examples=150, deadline=None)
@given(
    arrays(
        np.float32, array_shapes(min_dims=2, max_dims=2, max_side=30), elements=st.floats(width=32)
    )
)
@example(np.array([[1e-45, 0]], np.float32))
@example(array=np.array([[3.4028235e38, -1.0141205e31]], np.float32))
def test_any_floats_are_read_or_refused(array):
    try:
        assert isinstance(READER.read(array), Reading)
    except InputError:
        assert not np.isfinite(array).all()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(sorted(WHOLE)))
def test_any_file_is_read_or_refused(tail, kind):
    content = WHOLE[kind][:60] + tail
    with contextlib.suppress(InputError):
        assert isinstance(lenet.read(content), Reading)
