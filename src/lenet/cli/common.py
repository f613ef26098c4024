"""Options and output shared by the commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from typer import Option

from lenet.files import printable

SCHEMA = 1
Progress = Callable[[str, int, int | None], None]  # description, done, total if known

Where = Annotated[
    Literal["local", "ray"], Option(help="Run on this machine (local) or on a Ray cluster (ray).")
]
AsJson = Annotated[
    bool, Option("--json", help="Print one JSON document, and nothing else, on stdout.")
]
Quiet = Annotated[bool, Option("--quiet", "-q", help="Print only the result.")]
DataDir = Annotated[
    Path | None,
    Option(help="Folder of the data sets.", envvar="LENET_DATA", show_default="user cache"),
]
DataName = Annotated[
    str, Option(help="digits (embedded), mnist, qmnist, fashion, usps, or a folder of classes.")
]
LayoutName = Annotated[
    Literal["auto", "digit", "line", "page", "grid"],
    Option(help="What an image contains: a digit, a line, a page, a table; auto decides."),
]
ColourName = Annotated[
    Literal["auto", "none", "red", "green", "blue"],
    Option(help="Leave out the printed colour of a form; auto finds out if there is one."),
]
WeightsName = Annotated[str, Option(help="1998, modern, a weights file, or a run folder.")]


def print_result(document: dict[str, Any], *lines: str, as_json: bool) -> None:
    """Print what a command found: the document if JSON is asked for, else the lines."""
    if as_json:
        print(json.dumps({"schema": SCHEMA} | document, ensure_ascii=False, allow_nan=False))
    else:
        for line in lines:
            print(printable(line, kept="\n"))


def row(cells: Iterable[object], first: int, width: int) -> str:
    """A row of a table: its first cell to the left, the others to the right."""
    name, *others = cells
    return f"{name!s:<{first}}" + "".join(f"{cell!s:>{width}}" for cell in others)


def save_plots(save: Callable[[Any], None], *, quiet: bool) -> None:
    """Draw with matplotlib if it is installed."""
    try:
        from lenet.plots import comparison_plots
    except ModuleNotFoundError:
        log("no plots drawn: matplotlib is not installed (lenet[visual])", quiet=quiet)
    else:
        save(comparison_plots)


def log(text: str, *, quiet: bool = False) -> None:
    """Print a message on standard error."""
    if not quiet:
        print(printable(text, kept="\n"), file=sys.stderr, flush=True)


@contextmanager
def progress_bar(title: str, *, quiet: bool = False, in_bytes: bool = False) -> Iterator[Progress]:
    """A progress bar on a terminal, else nothing; yields update(description, done, total)."""
    if quiet or not sys.stderr.isatty():
        yield lambda description, done, total: None
        return
    from rich import progress
    from rich.console import Console

    shown = progress.Progress.get_default_columns()
    if in_bytes:
        shown = (*shown[:2], progress.DownloadColumn(), progress.TimeRemainingColumn())
    with progress.Progress(*shown, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(title)
        yield lambda description, done, total: bars.update(
            task, description=description, completed=done, total=total
        )
