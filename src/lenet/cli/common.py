"""What every verb shares: its usual options, and where its words go."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

SCHEMA = 1

AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the result.")]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Where the data sets lie.", envvar="LENET_DATA", show_default="user cache"),
]


def print_json(document: dict[str, Any]) -> None:
    """One JSON document on standard output, its schema first."""
    print(json.dumps({"schema": SCHEMA} | document, ensure_ascii=False, allow_nan=False))


def say(text: str, *, quiet: bool = False) -> None:
    """A word to the person at the terminal, on standard error."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)
