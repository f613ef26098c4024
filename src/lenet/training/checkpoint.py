"""Checkpoints that survive anything: named by their content, written whole or not at all.

A checkpoint is one safetensors file, `000123-<SHA-256 of the file>.safetensors`, with the tensors a
`Learner` continues from and the progress as JSON in its header. The two newest are kept, so that
when one is torn or tampered with (its name gives it away), the one before it is there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.numpy import load, save

from lenet.errors import InputError
from lenet.files import read_limited, write_atomically
from lenet.training.learner import State

KEPT = 2
MAX_CHECKPOINT = 2**28  # bytes; the widest teacher has 100 MB
NAME = re.compile(r"\d{6}-[0-9a-f]{64}\.safetensors")  # number, SHA-256


@dataclass
class Progress:
    """How far a run has come.

    history : a line for each finished pass
    position : digits learnt in the pass under way
    errors : of those, misread before their update
    seconds : spent in the pass under way, without interruptions
    """

    history: list[dict[str, Any]] = field(default_factory=list)
    position: int = 0
    errors: int = 0
    seconds: float = 0.0


def write_checkpoint(folder: Path, state: State, progress: Progress) -> None:
    """Add a checkpoint to the folder, then delete all but the newest two."""
    written = _newest_first(folder)
    number = 1 + (int(written[0].name[:6]) if written else 0)
    content = save(state, metadata={"progress": json.dumps(asdict(progress))})
    digest = hashlib.sha256(content).hexdigest()
    write_atomically(folder / f"{number:06d}-{digest}.safetensors", content)
    for old in written[KEPT - 1 :]:
        old.unlink(missing_ok=True)


def read_checkpoint(folder: Path, warn: Callable[[str], None]) -> tuple[State, Progress] | None:
    """The newest checkpoint that is whole, or None; warns of each damaged one."""
    for file in _newest_first(folder):
        try:
            content = read_limited(file, MAX_CHECKPOINT)
        except (OSError, InputError) as problem:
            warn(f"checkpoint {file.name} cannot be read ({problem}); using the one before it")
            continue
        if hashlib.sha256(content).hexdigest() != file.stem[7:]:
            warn(f"checkpoint {file.name} is torn or was changed; using the one before it")
            continue
        with safe_open(file, framework="numpy") as opened:
            progress = json.loads(opened.metadata()["progress"])
        return load(content), Progress(**progress)
    return None


def _newest_first(folder: Path) -> list[Path]:
    files = folder.iterdir() if folder.is_dir() else ()
    return sorted((f for f in files if NAME.fullmatch(f.name)), reverse=True)
