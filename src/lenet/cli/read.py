"""`lenet read`: what digit each image shows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from lenet.cli.common import AsJson, Quiet, WeightsName, print_json, say
from lenet.errors import InputError, UsageError

if TYPE_CHECKING:
    from lenet.reading.result import Reading

STANDARD_INPUT = "-"
WIDE = 1.6  # width / height of ink that is hardly one digit


class Layout(str, Enum):
    """What an image holds."""

    auto = "auto"
    digit = "digit"


def read(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Images, folders of images, or - for standard input."
        ),
    ],
    layout: Annotated[Layout, typer.Option(help="What an image holds: one digit.")] = Layout.auto,
    weights: WeightsName = "1998",
    reject: Annotated[
        float, typer.Option(min=0, max=1, help="Reject answers of a confidence below this.")
    ] = 0.0,
    figure: Annotated[
        Path | None, typer.Option(help="A picture of the answers, and what the network saw.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read the handwritten digit in each image."""
    from lenet.preparation.image import load_image
    from lenet.reading.reader import Reader

    reader, files = Reader(weights, reject), list(_files(paths))
    _check_figure(figure, files)
    rows: list[dict[str, Any]] = []
    drawn: list[tuple[str, Any, Reading]] = []
    for name in files:
        try:
            grey = load_image(_content(name))
            reading = reader.read(grey)
        except InputError as problem:
            told = str(problem) if name != STANDARD_INPUT else f"standard input: {problem}"
            say(f"lenet: {told}")
            rows.append({"file": name, "text": "", "error": told, "digits": [], "rejected": False})
            continue
        rows.append({"file": name} | reading.to_dict())
        if figure:
            drawn.append((Path(name).name, grey, reading))
        if layout is Layout.auto and reading.digits:
            _wonder(name, reading, quiet)
        if not as_json:
            print(_line(name, reading, reject))
    if figure and drawn:
        _save(figure, drawn)
    if as_json:
        print_json({"files": rows})
    if any(row["error"] for row in rows):
        raise typer.Exit(InputError.exit_code)


def _files(paths: list[str]) -> Iterator[str]:
    """The images named, folders opened: their images sorted by name, hidden files left out."""
    from lenet.preparation.image import SUFFIXES

    for path in paths:
        try:
            is_folder = path != STANDARD_INPUT and Path(path).is_dir()
        except (OSError, ValueError):  # a name the system does not take; reading it says why
            is_folder = False
        if not is_folder:
            yield path
            continue
        try:
            inside = sorted(Path(path).iterdir())
        except OSError as problem:
            raise InputError(f"{path}: cannot be opened: {problem.strerror}") from problem
        images = [f for f in inside if f.suffix.lower() in SUFFIXES and f.name[0] != "."]
        if not images:
            raise InputError(
                f"{path}: a folder without images; expected files ending in "
                + ", ".join(sorted(SUFFIXES))
            )
        yield from map(str, images)


def _content(name: str) -> Path | BinaryIO:
    return sys.stdin.buffer if name == STANDARD_INPUT else Path(name)


def _check_figure(figure: Path | None, files: list[str]) -> None:
    from lenet.preparation.image import SUFFIXES

    if figure is None:
        return
    if figure.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--figure {figure}: expected a name ending in .png or another image's")
    if figure.exists() and any(Path(f).exists() and figure.samefile(f) for f in files):
        raise UsageError(f"--figure {figure} is one of the images; choose another name")


def _save(figure: Path, drawn: list[tuple[str, Any, Reading]]) -> None:
    from lenet.files import write_atomically
    from lenet.reading.figure import draw_readings, encode

    write_atomically(figure, encode(draw_readings(drawn), figure.suffix))


def _wonder(name: str, reading: Reading, quiet: bool) -> None:
    box = reading.digits[0].box
    if box.width > WIDE * box.height:
        say(
            f"lenet: {name}: this ink is wide for one digit; numbers of several are not read yet",
            quiet=quiet,
        )


def _line(name: str, reading: Reading, reject: float) -> str:
    if not reading.digits:
        return f"{name}: no digit found"
    best = reading.digits[0]
    confidence = f"{100 * best.confidence:.1f} %"
    if reading.rejected:
        return f"{name}: ?  (best {best.value} at {confidence}, below {100 * reject:g} %)"
    return f"{name}: {best.value}  ({confidence})"
