"""What every verb shares: its usual options, and where its words go."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

SCHEMA = 1


class Where(str, Enum):
    """What does the work: this machine, or a Ray cluster."""

    local = "local"
    ray = "ray"


AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the result.")]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Where the data sets lie.", envvar="LENET_DATA", show_default="user cache"),
]
DataName = Annotated[
    str,
    typer.Option(help="digits (embedded), mnist, qmnist, fashion, usps, or a folder of classes."),
]
WeightsName = Annotated[str, typer.Option(help="A shipped name, a weights file, or a run folder.")]


def print_json(document: dict[str, Any]) -> None:
    """One JSON document on standard output, its schema first."""
    print(json.dumps({"schema": SCHEMA} | document, ensure_ascii=False, allow_nan=False))


def say(text: str, *, quiet: bool = False) -> None:
    """A word to the person at the terminal, on standard error."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def progress_bar(title: str, *, quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, nothing elsewhere; call what it gives with (what, done, total)."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(title)
        yield lambda what, done, total: bars.update(
            task, description=what, completed=done, total=total
        )
