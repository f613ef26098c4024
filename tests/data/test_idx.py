"""The IDX reader, against files written byte by byte here and broken in every way we know."""

from __future__ import annotations

import contextlib
import gzip
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lenet.data.idx import MOST_BYTES, read_idx
from lenet.errors import InputError

WHOLE = b"\0\0\x08\x03" + struct.pack(">3I", 2, 3, 4) + bytes(range(24))
ZIPPED = gzip.compress(WHOLE)


def header(*sizes: int, kind: int = 0x08) -> bytes:
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", ["images", "images.gz", "images.txt"])
def test_the_bytes_decide_about_gzip_not_the_name(tmp_path, pack, name):
    (tmp_path / name).write_bytes(pack(WHOLE))
    array = read_idx(tmp_path / name)
    np.testing.assert_array_equal(array, np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    assert array.dtype == np.uint8
    assert array.flags.writeable  # torch warns about arrays that are not


def test_integers_are_read_big_end_first(tmp_path):
    numbers = [0, 1, -1, 7, 2**31 - 1, -(2**31)]
    (tmp_path / "labels").write_bytes(header(3, 2, kind=0x0C) + struct.pack(">6i", *numbers))
    array = read_idx(str(tmp_path / "labels"))
    assert array.dtype == np.int32
    assert array.dtype.isnative
    assert array.tolist() == [[0, 1], [-1, 7], [2**31 - 1, -(2**31)]]


@given(
    arrays.arrays(
        st.sampled_from([np.uint8, np.int32]), arrays.array_shapes(max_dims=3, min_side=0)
    ),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read(tmp_path_factory, array, zipped):
    kind = 0x08 if array.dtype == np.uint8 else 0x0C
    content = (
        header(*array.shape, kind=kind) + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )
    file = tmp_path_factory.mktemp("idx") / "file"
    file.write_bytes(gzip.compress(content) if zipped else content)
    np.testing.assert_array_equal(read_idx(file), array)


BROKEN = {
    "empty": (b"", "is empty"),
    "one byte": (b"\0", "not an IDX file"),
    "three bytes": (b"\0\0\x08", "not an IDX file"),
    "text": (b"label,pixel0,pixel1\n", "not an IDX file"),
    "html": (b"<!DOCTYPE html><html>", "not an IDX file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(40), "not an IDX file"),
    "little end first": (struct.pack("<4I", 2051, 2, 3, 4) + bytes(24), "not an IDX file"),
    "numpy": (b"\x93NUMPY\x01\0", "not an IDX file"),
    "bzip2": (b"BZh91AY&SY", "not an IDX file"),
    "zip": (b"PK\x03\x04" + bytes(30), "not an IDX file"),
    "signed bytes": (header(1, kind=0x09) + b"\1", "IDX type 0x09"),
    "short integers": (header(1, kind=0x0B) + b"\0\1", "IDX type 0x0b"),
    "floats": (header(1, kind=0x0D) + bytes(4), "IDX type 0x0d"),
    "doubles": (header(1, kind=0x0E) + bytes(8), "IDX type 0x0e"),
    "type 0": (header(1, kind=0) + b"\0", "IDX type 0x00"),
    "type 255": (header(1, kind=255) + b"\0", "IDX type 0xff"),
    "no dimension": (header(), "0 dimensions"),
    "four dimensions": (header(1, 1, 1, 1) + b"\1", "4 dimensions"),
    "255 dimensions": (header(*[1] * 255) + b"\1", "255 dimensions"),
    "magic alone": (WHOLE[:4], "ends within its header"),
    "half a header": (WHOLE[:9], "ends within its header"),
    "header but a byte": (WHOLE[:15], "ends within its header"),
    "header alone": (WHOLE[:16], "but only 0 came"),
    "a byte missing": (WHOLE[:-1], "but only 23 came"),
    "a byte too many": (WHOLE + b"\0", "but more follow"),
    "twice": (WHOLE * 2, "but more follow"),
    "integers cut": (header(2, kind=0x0C) + bytes(7), "but only 7 came"),
    "sizes zero, content not": (header(0, 28, 28) + b"\1", "but more follow"),
    "promises 4 GB": (header(2**32 - 1), "the header is damaged"),
    "promises 2^96": (header(*[2**32 - 1] * 3) + bytes(99), "the header is damaged"),
    "promises just too much": (header(MOST_BYTES + 1), "the header is damaged"),
    "gzip of nothing": (gzip.compress(b""), "is empty"),
    "gzip of text": (gzip.compress(b"hello there"), "not an IDX file"),
    "gzip in gzip": (gzip.compress(ZIPPED), "not an IDX file"),
    "gzip a byte too many": (gzip.compress(WHOLE + b"\0"), "but more follow"),
    "gzip a byte missing": (gzip.compress(WHOLE[:-1]), "but only 23 came"),
    "gzip magic alone": (ZIPPED[:2], "cannot be read"),
    "gzip header alone": (ZIPPED[:10], "cannot be read"),
    "gzip torn midway": (ZIPPED[: len(ZIPPED) // 2], "cannot be read"),
    "gzip without its end": (ZIPPED[:-8], "cannot be read"),
    "gzip a byte of its end missing": (ZIPPED[:-1], "cannot be read"),
    "gzip with a wrong checksum": (ZIPPED[:-8] + b"\1\2\3\4" + ZIPPED[-4:], "cannot be read"),
    "gzip with a wrong length": (ZIPPED[:-4] + b"\1\2\3\4", "cannot be read"),
    "gzip of another method": (ZIPPED[:2] + b"\7" + ZIPPED[3:], "cannot be read"),
    "gzip with damaged content": (ZIPPED[:10] + b"\xff" * 20, "cannot be read"),
    "gzip then rubbish": (ZIPPED + b"rubbish", "cannot be read"),
    "gzip promising 4 GB": (gzip.compress(header(2**32 - 1) + bytes(99)), "the header is damaged"),
}


@pytest.mark.parametrize(("content", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused_by_name(tmp_path, content, words):
    file = tmp_path / "broken-idx3-ubyte"
    file.write_bytes(content)
    with pytest.raises(InputError) as refusal:
        read_idx(file)
    assert words in str(refusal.value)
    assert str(file) in str(refusal.value)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_damage_is_refused_or_harmless(tmp_path_factory, data):
    """Bytes changed or cut anywhere: an InputError or an array, never another error."""
    content = bytearray(data.draw(st.sampled_from([WHOLE, ZIPPED])))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=3)):
        content[place] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.mktemp("idx") / "file"
    file.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(InputError):
        assert read_idx(file).ndim in (1, 2, 3)


def test_missing_folder_and_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for name, words in {
        "none": "does not exist",
        ".": "is not a file",
        "pipe": "is not a file",
    }.items():
        with pytest.raises(InputError, match=words):
            read_idx(tmp_path / name)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    file = tmp_path / "locked"
    file.write_bytes(WHOLE)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(file), "open", refuse)  # root may read everything
    with pytest.raises(InputError, match=r"locked: cannot be read .*Permission denied"):
        read_idx(file)


def test_memory_follows_what_came_not_what_is_promised(tmp_path):
    promise = tmp_path / "promise"
    promise.write_bytes(header(MOST_BYTES) + bytes(1000))
    bomb = tmp_path / "bomb"
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(2**20)
    pieces = [packer.compress(header(1000)), *(packer.compress(zeros) for _ in range(64))]
    bomb.write_bytes(b"".join(pieces) + packer.flush())  # 64 MiB behind a promise of 1,000 bytes
    tracemalloc.start()
    for file, words in ((promise, "only 1,000 came"), (bomb, "more follow")):
        with pytest.raises(InputError, match=words):
            read_idx(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20
