"""The `lenet` command and its subcommands."""

from __future__ import annotations

from typing import Annotated

import typer

from lenet.cli import bench, data, evaluate, export, info, read, reproduce, serve, show, train

# No rich help and no rich tracebacks: `lenet --help` must answer at once.
app = typer.Typer(
    name="lenet",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("info")(info.info)
app.add_typer(data.data_app, name="data")
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("read")(read.read)
app.command("show")(show.show)
app.command("serve")(serve.serve)
app.add_typer(export.export_app, name="export")
app.command("bench")(bench.bench)
app.command("reproduce")(reproduce.reproduce)


def _version(shown: bool) -> None:
    if shown:
        from importlib.metadata import version

        print(f"lenet {version('lenet')}")
        raise typer.Exit


@app.callback()
def lenet(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """LeNet-5 as published in 1998: inspect it, train it, evaluate it, and read digits with it."""
