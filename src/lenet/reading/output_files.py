"""Answers in a file: JSON Lines, CSV, Parquet or hOCR, written as they come, resumed at the end."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, BinaryIO

from lenet.errors import InputError, MissingExtraError, UsageError
from lenet.files import encodable, locked, refusing
from lenet.reading.hocr import hocr

WHOLE = (".parquet", ".hocr")  # made of all records at once
KINDS = (".jsonl", ".csv", *WHOLE)
TOGETHER = 100_000  # rows of a Parquet file that are held in memory at once
ENCODER = json.JSONEncoder(ensure_ascii=False)
COLUMNS = ("file", "text", "confidence", "rejected", "error", "boxes")
FREE = ("file", "error")  # columns that hold others' words; the others hold numbers
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")  # and the apostrophe, to tell it from ours
LONGEST_FIELD = 2**31 - 1  # characters; Python's limit of 131,072 is reached by 4,400 boxes
ADVICE = "make room or choose another place; --resume continues"


@dataclass(frozen=True)
class OutputFile:
    """The file that a run's answers go to.

    Records are written one by one, so that what a killed run has read is not lost. Parquet and hOCR
    are made of them at the end; until then they stand in a file of the same name and `.part.jsonl`.

    records : the file that they are written to: `path`, or the one beside a file of those kinds
    file : the same, opened; unbuffered, so that closing it does not try again what did not fit
    """

    path: Path
    records: Path
    file: io.FileIO

    @classmethod
    @contextmanager
    def open(cls, path: Path, *, resume: bool = False) -> Iterator[OutputFile]:
        """Open the file, and keep other runs out of it until it is closed.

        path : ends in one of KINDS
        resume : keep what the file holds and add to it; without it the file must hold no answers

        Raises
        ------
        UsageError
            if the name ends otherwise, the file holds answers, or another run has it open
        LenetError
            if it cannot be written
        """
        if path.suffix.lower() not in KINDS:
            raise UsageError(f"--out {path}: expected a name ending in {', '.join(KINDS)}")
        records, complete = path, False
        if path.suffix.lower() in WHOLE:
            if path.suffix.lower() == ".parquet":
                _pyarrow()
            records = path.with_name(f"{path.name}.part.jsonl")
            with refusing(path, ADVICE):
                complete = path.exists()
        if complete and resume and not records.exists():
            raise UsageError(f"--resume adds to {records}, which is missing; choose another --out")
        with locked(records, path) as file:
            if not resume and (complete or os.fstat(file.fileno()).st_size):
                raise UsageError(
                    f"--out {path} holds answers already; add to them with --resume or choose "
                    "another"
                )
            opened = cls(path, records, file)
            yield opened
            if records != path:
                opened._convert()

    def missing(self, names: Iterable[str]) -> list[str]:
        """The names that the file has no answer for; a record that was cut off is taken away.

        Only the names are held in memory, not the answers.
        """
        missing, end = {encodable(name): name for name in names}, 0
        known = _names_in_csv if self.is_csv else _names_in_json
        try:
            with self.records.open("rb") as file:
                for name in known(takewhile(lambda line: line.endswith(b"\n"), file)):
                    missing.pop(name, None)
                    end = file.tell()
                file.seek(end)
                first = ",".join(COLUMNS) if self.is_csv else '{"file": "'
                if not end and not first.encode().startswith(file.read(len(first))):
                    raise ValueError(f"it does not begin with {first}")
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise InputError(
                f"{self.records}: not answers of lenet read ({problem}); choose another --out"
            ) from problem
        with refusing(self.path, ADVICE):
            self.file.truncate(end)
            self.file.seek(end)
        return list(missing.values())

    def add(self, row: dict[str, Any]) -> None:
        """Write one file's entry, as `Answer.to_dict` gives it; LenetError if it does not fit.

        For hOCR it has the image's `size`, too.
        """
        if self.is_csv:
            text = io.StringIO()
            if not self.file.tell():
                csv.writer(text).writerow(COLUMNS)
            cells = flat(row) | {name: _harmless(row[name] or "") for name in FREE}
            csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerow(cells.values())
            self._write(text.getvalue().encode())
        else:
            self._write(ENCODER.encode(row).encode() + b"\n")

    def add_table(self, rows: Iterable[Iterable[str]]) -> None:
        """Write a table by itself, as the whole of a CSV file."""
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
        self._write(text.getvalue().encode())

    def _write(self, record: bytes) -> None:
        with refusing(self.path, ADVICE):
            while record:  # a full disk takes a part, then refuses
                record = record[self.file.write(record) :]

    @property
    def is_csv(self) -> bool:
        return self.records.suffix.lower() == ".csv"

    @property
    def is_hocr(self) -> bool:
        return self.path.suffix.lower() == ".hocr"

    def _convert(self) -> None:
        whole = self.path.with_name(f"{self.path.name}.part")
        try:
            with refusing(self.path, ADVICE):
                with self.records.open(encoding="utf-8") as lines, whole.open("wb") as content:
                    records = map(json.loads, lines)
                    if self.is_hocr:
                        content.writelines(part.encode() for part in hocr(records))
                    else:
                        _write_parquet(records, content)
                whole.replace(self.path)
        finally:
            whole.unlink(missing_ok=True)


def _write_parquet(records: Iterator[dict[str, Any]], content: BinaryIO) -> None:
    """Into an open file, for pyarrow opens no names that are not UTF-8."""
    arrow, parquet = _pyarrow()
    schema = _schema(arrow)
    with parquet.ParquetWriter(content, schema) as file:
        while rows := [flat(record) for record in islice(records, TOGETHER)]:
            file.write_table(arrow.Table.from_pylist(rows, schema))


def _names_in_json(lines: Iterator[bytes]) -> Iterator[str]:
    """The file that each line answers."""
    return (json.loads(line)["file"] for line in lines)


def _names_in_csv(lines: Iterator[bytes]) -> Iterator[str]:
    """The file that each record answers; a field in quotes may hold line ends."""
    csv.field_size_limit(LONGEST_FIELD)
    rows = csv.reader((line.decode() for line in lines), strict=True)
    try:
        columns = next(rows, COLUMNS)
        if tuple(columns) != COLUMNS:
            raise ValueError(f"its columns are {', '.join(columns)}")
        for row in rows:
            if len(row) != len(COLUMNS):
                raise ValueError(f"{len(row)} columns in the record at line {rows.line_num}")
            yield row[0][row[0].startswith("'") :]
    except csv.Error as problem:
        if str(problem) != "unexpected end of data":  # within quotes: the record was cut off
            raise ValueError(f"{problem} at line {rows.line_num}") from problem


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet computes: with an apostrophe before what could be a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """One file's entry with a single value in each of COLUMNS; boxes as JSON."""
    boxes = [[digit["value"], *digit["box"]] for digit in row["digits"]]
    named = {key: row[key] for key in COLUMNS[:-1]}
    return named | {"error": row["error"] or "", "boxes": json.dumps(boxes)}


def _schema(arrow: Any) -> Any:
    types = {"confidence": arrow.float64(), "rejected": arrow.bool_()}
    return arrow.schema([(name, types.get(name, arrow.string())) for name in COLUMNS])


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as missing:
        raise MissingExtraError("--out FILE.parquet", "pyarrow", "parquet") from missing
    return pyarrow, pyarrow.parquet
