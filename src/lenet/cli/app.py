"""The `lenet` command. A subcommand's module is imported only when it is called or listed."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer import Option
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS = (
    *("info", "train", "adapt", "evaluate", "read", "show"),
    *("serve", "bench", "reproduce", "data", "export"),
)


class LazyGroup(TyperGroup):
    """The commands of `lenet.cli`: each module holds a function or an `app` for its command."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"lenet.cli.{cmd_name}")
        subcommand = getattr(module, "app", None)
        if subcommand is None:
            subcommand = typer.Typer(add_completion=False, rich_markup_mode=None)
            subcommand.command(cmd_name)(getattr(module, cmd_name))
        return get_command(subcommand)


# No rich help and no rich tracebacks: `lenet --help` must answer at once.
app = typer.Typer(
    name="lenet",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(shown: bool) -> None:
    if shown:
        import lenet

        print(f"lenet {lenet.__version__}")
        raise typer.Exit


@app.callback()
def lenet(
    version: Annotated[
        bool,
        Option("--version", callback=_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """LeNet-5 as published in 1998: inspect it, train it, evaluate it, and read digits with it."""
