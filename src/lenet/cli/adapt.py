"""`lenet adapt`: the line reader, adapted to labelled pictures of one's own numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from typer import Argument, Option

from lenet.cli.common import AsJson, ColourName, DataDir, DataName, Quiet, log, print_result
from lenet.errors import InputError
from lenet.files import encodable, printable


def adapt(
    table: Annotated[
        Path,
        Argument(
            metavar="LABELS.csv",
            help="Pictures of numbers: a table with the columns file and label; a column group "
            "names the writer or the source.",
        ),
    ],
    out: Annotated[Path, Option(metavar="FOLDER", help="A new folder for the weights.")],
    weights: Annotated[
        str | None,
        Option(
            help="What to start from: 1998, modern, or a folder made by lenet adapt.",
            show_default="modern",
        ),
    ] = None,
    layout: Annotated[
        Literal["auto", "line"], Option(help="What a picture contains: a line; auto decides.")
    ] = "auto",
    colour_dropout: ColourName = "auto",
    digits_only: Annotated[
        bool, Option("--digits-only", help="Compare digits alone; leave signs as they are.")
    ] = False,
    data: DataName = "mnist",
    data_dir: DataDir = None,
    seed: Annotated[int, Option(min=0, max=2**63 - 1, help="Random seed.")] = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Adapt the reader to your own forms, from labelled pictures of numbers.

    A fifth of the pictures is held out and read before and after. Nothing is written if the adapted
    reader is worse. Use the weights with --weights FOLDER. Takes minutes.
    """
    from lenet.reading.reader import Reader

    reader = Reader(weights, 0.0, layout, colour_dropout=colour_dropout, digits_only=digits_only)

    def tell(text: str) -> None:
        log(text, quiet=quiet)

    found = reader.adapt(table, out, data=data, data_dir=data_dir, seed=seed, tell=tell)
    for problem in found.unreadable:
        log(f"lenet: {printable(problem)}")
    used = f"{found.learnt} pictures learnt, {found.validated} to choose by"
    left = [f"{count} left out: {reason}" for reason, count in found.left_out.items()]
    print_result(
        {"out": encodable(str(out))} | found.to_dict(),
        "; ".join([used, *left]),
        f"before: {found.before.summary}",
        f"after:  {found.after.summary}",
        f"{out}: use it with --weights {out}",
        as_json=as_json,
    )
    if found.unreadable:
        raise typer.Exit(InputError.exit_code)
