"""Options and output shared by the commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

SCHEMA = 1
Progress = Callable[[str, int, int | None], None]  # description, done, total if known


Where = Annotated[
    Literal["local", "ray"],
    typer.Option(help="Run on this machine (local) or on a Ray cluster (ray)."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document, and nothing else, on stdout.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the result.")]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder of the data sets.", envvar="LENET_DATA", show_default="user cache"),
]
DataName = Annotated[
    str,
    typer.Option(help="digits (embedded), mnist, qmnist, fashion, usps, or a folder of classes."),
]
WeightsName = Annotated[str, typer.Option(help="1998, modern, a weights file, or a run folder.")]


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on standard output, the schema first."""
    print(json.dumps({"schema": SCHEMA} | document, ensure_ascii=False, allow_nan=False))


def log(text: str, *, quiet: bool = False) -> None:
    """Print a message on standard error."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def progress_bar(
    title: str, *, quiet: bool = False, in_bytes: bool = False
) -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar on a terminal, else nothing; yields update(description, done, total)."""
    if quiet or not sys.stderr.isatty():
        yield lambda description, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = Progress.get_default_columns()
    if in_bytes:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        columns += (TimeRemainingColumn(),)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(title)
        yield lambda description, done, total: bars.update(
            task, description=description, completed=done, total=total
        )
