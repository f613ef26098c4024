"""IDX, the format of the MNIST files: a magic number, the sizes, then the numbers themselves."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"
# Images and labels are bytes, QMNIST's labels integers.
TYPES: dict[int, np.dtype[Any]] = {0x08: np.dtype(np.uint8), 0x0C: np.dtype(">i4")}
MOST_DIMENSIONS = 3  # images have 3, QMNIST's labels 2, other labels 1
MOST_BYTES = 2**30  # twenty times the largest MNIST file; no header makes us take more
CHUNK = 2**20  # bytes asked for at a time, so that memory follows what came, not what is promised


def read_idx(path: str | Path) -> NDArray[Any]:
    """Read one IDX file, gzipped or not; its first bytes decide, not its name.

    Returns
    -------
    array : uint8 or int32, in the shape that the header gives

    Raises
    ------
    InputError
        if the file is missing, torn, too long, or not IDX of bytes or 32-bit integers; it is read
        no further than its header promises.
    """
    file = Path(path)
    if not file.is_file():
        kind = "is not a file" if file.exists() else "does not exist"
        raise InputError(f"{file} {kind}; expected an IDX file, gzipped or not")
    try:
        with open_plain(file) as stream:
            return _read(file, stream)
    except (OSError, EOFError, zlib.error) as problem:
        raise InputError(f"{file}: cannot be read ({problem}); fetch it again") from problem


def open_plain(file: Path) -> BufferedIOBase:
    """The bytes of a file, unpacked if they are gzip."""
    with file.open("rb") as stream:
        zipped = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return gzip.open(file, "rb") if zipped else file.open("rb")


def _read(file: Path, stream: BufferedIOBase) -> NDArray[Any]:
    numbers, shape = _read_header(file, stream)
    promised = math.prod(shape) * numbers.itemsize
    if promised > MOST_BYTES:
        raise InputError(
            f"{file}: the header promises {promised:,} bytes, shape {shape}; "
            f"expected at most {MOST_BYTES:,}, so the header is damaged"
        )
    content = _read_at_most(stream, promised + 1)  # one more tells whether something follows
    if len(content) != promised:
        came = f"only {len(content):,} came" if len(content) < promised else "more follow"
        raise InputError(
            f"{file}: the header promises {promised:,} bytes, shape {shape}, but {came}; "
            "fetch it again"
        )
    array = np.frombuffer(content, numbers).reshape(shape)
    return array.astype(numbers.newbyteorder("="), copy=False)


def _read_header(file: Path, stream: BufferedIOBase) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Type and shape; the magic number is 0, 0, type, number of dimensions."""
    magic = stream.read(4)
    if not magic:
        raise InputError(f"{file} is empty; expected an IDX file, gzipped or not")
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise InputError(
            f"{file}: not an IDX file; it starts with {magic.hex(' ')}, expected 00 00 08 03 "
            "(images) or 00 00 08 01 (labels)"
        )
    kind, dimensions = magic[2:]
    if kind not in TYPES:
        known = ", ".join(f"{code:#04x} ({dtype.name})" for code, dtype in TYPES.items())
        raise InputError(f"{file}: numbers of IDX type {kind:#04x}; expected {known}")
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise InputError(f"{file}: {dimensions} dimensions; expected 1 to {MOST_DIMENSIONS}")
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise InputError(f"{file} ends within its header; fetch it again")
    return TYPES[kind], struct.unpack(f">{dimensions}I", sizes)


def _read_at_most(stream: BufferedIOBase, count: int) -> bytearray:
    content = bytearray()  # not bytes: the array made of it can be written to
    while len(content) < count and (chunk := stream.read(min(CHUNK, count - len(content)))):
        content += chunk
    return content
