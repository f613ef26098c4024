"""Writing files so that a reader, or a run that was killed, never finds half of one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lenet.errors import LenetError


def write_atomically(path: Path, content: bytes) -> None:
    """Put content at path: afterwards it is all there, or what was there before still is.

    Raises
    ------
    LenetError
        when the disk is full or the place cannot be written; nothing is left behind then.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as problem:
        raise LenetError(
            f"could not write {path}: {problem.strerror or problem}; "
            "what was there before is untouched; make room or choose another place"
        ) from problem
    finally:
        with suppress(OSError):  # it is gone already, or its folder never was
            unfinished.unlink()
