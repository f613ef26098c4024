"""Whether the files of a set are there and are the published ones, byte for byte."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Literal

from lenet.data.idx import CHUNK, open_plain
from lenet.data.registry import DatasetInfo, RemoteFile

State = Literal["whole", "missing", "damaged"]


@dataclass(frozen=True)
class FileState:
    """What is known of one file; problem says what came and what was expected, if not whole."""

    path: Path
    state: State
    problem: str | None = None


def check_dataset(source: DatasetInfo, folder: Path) -> list[FileState]:
    """The state of each file of a set that lies in folder/NAME."""
    return [check_file(file, folder / source.name) for file in source.files]


def check_file(file: RemoteFile, folder: Path) -> FileState:
    """Compare one file with its published hash; what is inside decides where that is known."""
    path = file.find(folder)
    if path is None:
        return FileState(folder / file.name, "missing", "missing")
    try:
        problem = _difference(file, path)
    except (OSError, EOFError, zlib.error) as trouble:
        problem = f"cannot be read ({trouble})"
    return FileState(path, "damaged" if problem else "whole", problem)


def _difference(file: RemoteFile, path: Path) -> str | None:
    algorithm, expected = file.packed.split(":")
    with path.open("rb") as stream:
        came = _hash(stream, algorithm)
    if came == expected:
        return None
    what = f"{algorithm.upper()} of the file"
    if file.unpacked:  # perhaps packed by another gzip, or unpacked
        with open_plain(path) as stream:
            algorithm, expected, came = "sha256", file.unpacked, _hash(stream, "sha256")
        if came == expected:
            return None
        what = "SHA256 of its contents"
    return f"{what} is {came}, expected {expected}"


def _hash(stream: BufferedIOBase, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
