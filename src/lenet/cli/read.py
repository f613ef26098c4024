"""`lenet read`: the handwritten numbers in images."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from lenet.cli.common import (
    AsJson,
    ColourName,
    LayoutName,
    Quiet,
    Where,
    log,
    print_result,
    progress_bar,
)
from lenet.errors import InputError, ResourceError, UsageError, needs
from lenet.files import printable

if TYPE_CHECKING:
    from lenet.reading.batch import Answer, Answers, Settings
    from lenet.reading.output_files import OutputFile


def read(
    paths: Annotated[
        list[str],
        Argument(
            metavar="PATH...",
            help="Images, folders with their sub-folders, glob patterns, any of them in a store "
            "(s3://…), or - for standard input.",
        ),
    ],
    layout: LayoutName = "auto",
    colour_dropout: ColourName = "auto",
    digits_only: Annotated[
        bool, Option("--digits-only", help="Leave out points, commas, dashes, slashes, colons.")
    ] = False,
    weights: Annotated[
        str | None,
        Option(
            help="For single digits: 1998, modern, a weights file, or a run folder.",
            show_default="modern",
        ),
    ] = None,
    reject: Annotated[
        float, Option(min=0, max=1, help="Reject answers with a confidence below this.")
    ] = 0.0,
    jobs: Annotated[
        int | None,
        Option(
            min=1, max=256, help="Number of reader processes.", show_default="1; on Ray every core"
        ),
    ] = None,
    engine: Where = "local",
    out: Annotated[
        str | None,
        Option(
            help="Write the results to FILE.jsonl, .csv, .parquet or .hocr, here or in a store."
        ),
    ] = None,
    resume: Annotated[
        bool, Option("--resume", help="Read only files missing from --out, and append.")
    ] = False,
    figure: Annotated[
        Path | None, Option(help="Save an image of the results and of the network's inputs.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read the handwritten numbers in images."""
    from lenet.reading.batch import Settings, files_of

    answers, names = _answers(engine), list(files_of(paths))
    _check_figure(figure, names)
    if resume and out is None:
        raise UsageError("--resume appends to the file of --out; give --out too")
    settings = Settings(weights, reject, layout, colour_dropout, digits_only)
    settings.check()
    with ExitStack() as stack:
        results = None
        if out:
            from lenet.reading.output_files import OutputFile

            file = stack.enter_context(_target(out, resume=resume))
            results = stack.enter_context(OutputFile.open(file, resume=resume))
            names = results.missing(names) if resume else names
        update = stack.enter_context(progress_bar("reading", quiet=quiet))
        found = answers(names, settings, jobs, keep=figure is not None)
        rows, drawn, bad, failed = [], [], 0, 0
        for number, answer in enumerate(found, 1):
            update("reading", number, len(names))
            bad += answer.error is not None
            failed += answer.failed
            alone = len(names) == 1 and not resume
            _report(answer, results, settings, alone=alone, silent=as_json)
            if as_json:
                rows.append(answer.to_dict())
            if figure and answer.reading is not None:
                drawn.append((printable(Path(answer.file).name), answer.grey, answer.reading))
    if figure and drawn:
        _save(figure, drawn)
    if results and out:
        unread = f", {bad - failed:,} of them unreadable" if bad > failed else ""
        again = f"; {failed:,} failed, read them with --resume" if failed else ""
        log(f"{len(names) - failed:,} read{unread}{again}; results in {out}", quiet=quiet)
    if as_json:
        print_result({"files": rows}, as_json=True)
    if bad:
        raise typer.Exit(ResourceError.exit_code if failed else InputError.exit_code)


def _target(out: str, *, resume: bool) -> AbstractContextManager[Path]:
    """The file on this machine that --out names or, in the end, fills."""
    if "://" not in out:
        return nullcontext(Path(out))
    if resume:
        raise UsageError(f"--resume cannot add to {out}; resume in a file on this machine")
    from lenet.reading.remote import uploaded

    return uploaded(out, lambda text: log(f"lenet: {text}"))


def _answers(engine: str) -> Answers:
    """The function that reads files, here or on a cluster."""
    if engine == "local":
        from lenet.reading.batch import answers

        return answers
    with needs("ray", "--engine ray"):
        from lenet.cluster import reading
    return reading.answers


def _report(
    answer: Answer, results: OutputFile | None, settings: Settings, *, alone: bool, silent: bool
) -> None:
    """Write one answer to --out, or print it.

    alone : of one image with one table, a CSV file gets the table
    """
    if answer.error is not None:
        log(f"lenet: {printable(answer.error)}")
    tables = answer.reading.tables if answer.reading and not answer.reading.rejected else ()
    if results and results.is_csv and alone and len(tables) == 1:
        results.add_table(tables[0].rows)
    elif results and not answer.failed:
        size = {"size": answer.reading.size} if answer.reading and results.is_hocr else {}
        results.add(answer.to_dict() | size)
    elif answer.error is None and not silent:
        for line in _lines(answer, settings):
            print(line)


def _lines(answer: Answer, settings: Settings) -> Iterator[str]:
    """The text output for one file: a line, or for a page one per row."""
    reading = answer.reading
    assert reading is not None
    name = printable(answer.file)
    if settings.layout == "grid" and not reading.tables:
        yield f"{name}: no table found; try --layout auto"
        return
    confidence = f"{100 * reading.confidence:.1f} %"
    if reading.rejected:
        best = " / ".join(reading.best.splitlines()) or "no digits"
        below = math.floor(1e4 * reading.confidence) / 100  # not rounded up to --reject
        yield f"{name}: ?  (best {best} at {below:.2f} %, below {100 * settings.reject:g} %)"
    elif not reading.digits:
        yield f"{name}: no digits found  ({confidence})"
    elif "\n" not in reading.text:
        yield f"{name}: {reading.text}  ({confidence})"
    else:
        yield f"{name}:  ({confidence})"
        yield from (f"  {row}" for row in reading.text.splitlines())


def _check_figure(figure: Path | None, files: list[str]) -> None:
    from lenet.preprocessing.image import SUFFIXES

    if figure is None:
        return
    if figure.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--figure {figure}: expected an image suffix such as .png")
    if figure.exists() and any(Path(f).exists() and figure.samefile(f) for f in files):
        raise UsageError(f"--figure {figure} is one of the images; choose another name")


def _save(figure: Path, drawn: list[tuple[str, Any, Any]]) -> None:
    from lenet.files import write_atomically
    from lenet.reading.annotate import draw_readings, encode

    write_atomically(figure, encode(draw_readings(drawn), figure.suffix))
