"""Files read without trusting their size; written so that neither a killed run nor a second one
leaves half of one."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any

from lenet.errors import InputError, LenetError, UsageError

LOCK = ".lock"  # what is locked in a run folder; it stays there, empty
FAR = 2**62  # the byte that is locked on Windows, where a locked one cannot be read
MAX_DOCUMENT = 2**20  # bytes of a card or a run's record; ours have a few thousand


def printable(text: str, kept: str = "") -> str:
    """Text for a terminal: what it would not print, but for `kept`, as Python's escapes.

    So a file name neither moves the cursor nor begins a line of its own.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in kept else each.encode("unicode_escape").decode()
        for each in text
    )


def encodable(text: str) -> str:
    """Text for a file in UTF-8: the bytes of a name that are none, as Python's escapes \\udc80 …"""
    written = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if written == text else written  # a batch holds its names once


def is_address(name: str) -> bool:
    """Whether this names an image in a store, such as s3://bucket/image.png."""
    return "://" in name and not name.startswith(("http://", "https://"))


def read_limited(path: Path, limit: int = MAX_DOCUMENT) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises
    ------
    InputError
        for a folder, a pipe, a device, or a larger file, however sparse.
    OSError
        when there is no such file, or it may not be read.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path}: expected a regular file")
    if status.st_size > limit:
        raise InputError(f"{path}: has {status.st_size:,} bytes, expected at most {limit:,}")
    with path.open("rb") as file:
        return file.read(limit)


def write_atomically(path: Path, content: bytes) -> None:
    """Put content at path: afterwards it is all there, or what was there before still is.

    Raises
    ------
    LenetError
        when the disk is full or the place cannot be written; nothing is left behind then.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    advice = "what was there before is untouched; make room or choose another place"
    try:
        with refusing(path, advice):
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
    finally:
        with suppress(OSError):  # it is gone already, or its folder never was
            unfinished.unlink()


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Put a document at path, as `write_atomically` does.

    A name that is no text becomes the JSON escapes \\udc80 …, which read back as the same name.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False)
    write_atomically(path, f"{text}\n".encode("utf-8", "backslashreplace"))


@contextmanager
def refusing(path: Path | str, advice: str) -> Iterator[None]:
    """Raise a LenetError that names the path if it cannot be written in the block."""
    try:
        yield
    except OSError as problem:
        reason = problem.strerror or problem
        raise LenetError(f"could not write {path}: {reason}; {advice}") from problem


@contextmanager
def locked(path: Path, place: Path) -> Iterator[FileIO]:
    """Open path to append, unbuffered, and keep other runs out of it until the block ends.

    The system takes the lock from a process that dies. Where a file system knows no locks, there is
    none.

    place : the file or folder that the lock is for, as the message names it

    Raises
    ------
    UsageError
        if another run has it
    LenetError
        if it cannot be written
    """
    with refusing(path, "make room or choose another place"):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab", buffering=0)
    with file:
        if not _lock(file.fileno()):
            raise UsageError(
                f"{place} is in use by another run; wait for its end or choose another --out"
            )
        yield file


def _lock(descriptor: int) -> bool:
    """Whether no other process has locked this file."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return True
    return True
