"""Images of known text: their table, and when a text is right."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

from lenet.errors import InputError, verdict
from lenet.files import is_address, read_limited

MAX_TABLE = 2**26  # bytes
COLUMNS = ("file", "label")
NO_DIGITS, WHITESPACE = r"[^0-9]", r"\s"


class LabelledImage(NamedTuple):
    """One row of a table of labelled images.

    file : as the table names it
    source : the same, seen from here
    label : what the image shows, its rows separated by `|`; empty for a blank one
    row : every column of the table
    """

    file: str
    source: str
    label: str
    row: dict[str, str]


def load_labels(path: Path) -> list[LabelledImage]:
    """The images of a CSV file in UTF-8 with the columns `file`, relative to it, and `label`.

    Raises InputError, which names the line, for what is no such table.
    """
    if path.is_dir():
        raise InputError(f"{path}: a folder; expected a CSV file with the columns file and label")
    try:
        content = read_limited(path, MAX_TABLE).decode("utf-8-sig")
    except FileNotFoundError as problem:
        raise InputError(f"{path}: no such file; check the name") from problem
    except OSError as problem:
        raise verdict(problem, str(path), f"cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise InputError(f"{path}: not UTF-8; save the table as CSV in UTF-8") from problem
    rows = csv.DictReader(io.StringIO(content, newline=""), strict=True)
    try:
        images = [_labelled(row, path, rows) for row in rows]
    except csv.Error as problem:
        raise InputError(f"{path}, line {rows.line_num}: not CSV: {problem}") from problem
    if not images:
        raise InputError(f"{path}: no images; expected a row with file and label for each")
    return images


def _labelled(row: dict[str, str], path: Path, rows: csv.DictReader[str]) -> LabelledImage:
    columns = list(rows.fieldnames or ())
    if lacking := [name for name in COLUMNS if name not in columns]:
        raise InputError(
            f"{path}: no column {' and no column '.join(lacking)} in its first line, "
            f"{','.join(columns)}; expected columns file and label, separated by commas"
        )
    beyond = row.pop(None, ())  # type: ignore[call-overload]  # csv's name for more cells
    cells = sum(cell is not None for cell in (*row.values(), *beyond))
    if cells != len(columns):
        raise InputError(
            f"{path}, line {rows.line_num}: {cells} cells, expected {len(columns)}; "
            "put a label with a comma into quotes"
        )
    file = row["file"]
    if not file:
        raise InputError(f"{path}, line {rows.line_num}: no file is named")
    return LabelledImage(
        file, file if is_address(file) else str(path.parent / file), row["label"], row
    )


def rows_of(text: str, digits_only: bool = False) -> list[str]:
    """The rows of a label or an answer that hold something, without what does not count.

    digits_only : all but digits does not count; else whitespace
    """
    ignored = NO_DIGITS if digits_only else WHITESPACE
    rows = (re.sub(ignored, "", row) for row in re.split(r"[|\n]", text))
    return [row for row in rows if row]
