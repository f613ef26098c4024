"""All verbs under one command."""

from __future__ import annotations

import typer

from lenet.cli import info

# No rich help and no rich tracebacks: `lenet --help` must answer at once.
app = typer.Typer(
    name="lenet",
    help="LeNet-5 as published in 1998: see it, train it, score it, and read digits with it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("info")(info.info)
