"""`lenet export`: the network for other places."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lenet.cli.common import AsJson, print_json

export_app = typer.Typer(no_args_is_help=True, help="Take the network elsewhere.")


@export_app.callback()
def _export() -> None:
    """Take the network elsewhere."""


@export_app.command("page")
def page(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")],
    as_json: AsJson = False,
) -> None:
    """Write the page with its networks, for any web host or to be opened from the disk."""
    from lenet.page.assemble import export_page

    files = export_page(folder)
    size = sum(file.stat().st_size for file in files)
    if as_json:
        print_json({"files": [str(file) for file in files], "bytes": size})
    else:
        print(f"{folder / 'index.html'}: open it in a browser, or put the folder on any web host")
        print(f"{len(files)} files, {size:,} bytes; a network is loaded when it is first chosen")
