"""Answers in a file: JSON Lines, CSV or Parquet, written as they come, resumed where they end."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from lenet.errors import InputError, MissingExtraError, UsageError

KINDS = (".jsonl", ".csv", ".parquet")
TOGETHER = 100_000  # rows of a Parquet file that are held in memory at once
ENCODER = json.JSONEncoder(ensure_ascii=False)
COLUMNS = ("file", "text", "confidence", "rejected", "error", "boxes")


class OutputFile:
    """The file that a run's answers go to.

    Lines are written one by one, so that what a killed run has read is not lost. A Parquet file is
    made of them at the end; until then they stand in a file of the same name and `.part.jsonl`.

    path : ends in one of KINDS
    resume : keep what the file holds and add to it; without it the file must not exist
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        self.kind = path.suffix.lower()
        if self.kind not in KINDS:
            raise UsageError(f"--out {path}: expected a name ending in {', '.join(KINDS)}")
        if self.kind == ".parquet":
            _pyarrow()
        self.path = path
        self.lines = path.with_name(f"{path.name}.part.jsonl") if self.kind == ".parquet" else path
        if not resume and (path.exists() or self.lines.exists()):
            raise UsageError(
                f"--out {path} holds answers already; add to them with --resume or choose another"
            )
        self.done = set(self._begun())
        self._file: TextIO | None = None

    def _begun(self) -> Iterator[str]:
        """The files answered already; a last line that was cut off is taken away."""
        if not self.lines.exists():
            return
        try:
            content = self.lines.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            text = whole.decode("utf-8")
            if self.kind == ".csv":
                rows = list(csv.DictReader(io.StringIO(text, newline="")))
                if rows and tuple(rows[0]) != COLUMNS:
                    raise ValueError(f"its columns are {', '.join(map(str, rows[0]))}")
                yield from (row["file"] for row in rows)
            else:
                yield from (json.loads(line)["file"] for line in text.split("\n")[:-1])
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise InputError(
                f"{self.lines}: not answers of lenet read ({problem}); choose another --out"
            ) from problem
        if len(whole) < len(content):
            self.lines.write_bytes(whole)

    def __enter__(self) -> OutputFile:
        try:
            self.lines.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.lines.open("a", encoding="utf-8", newline="")
        except OSError as problem:
            raise InputError(f"{self.lines}: cannot be written: {problem.strerror}") from problem
        if self.kind == ".csv" and not self._file.tell():
            csv.writer(self._file).writerow(COLUMNS)
        return self

    def add(self, row: dict[str, Any]) -> None:
        """Write one file's entry, as `Answer.to_dict` gives it."""
        assert self._file is not None
        if self.kind == ".csv":
            csv.writer(self._file).writerow(flat(row).values())
        else:
            self._file.write(ENCODER.encode(row) + "\n")
        self._file.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        self._file.close()
        if problem is None and self.kind == ".parquet":
            self._convert()

    def _convert(self) -> None:
        arrow, parquet = _pyarrow()
        whole, schema = self.path.with_name(f"{self.path.name}.part"), _schema(arrow)
        with (
            self.lines.open(encoding="utf-8") as lines,
            parquet.ParquetWriter(whole, schema) as file,
        ):
            while rows := [flat(json.loads(line)) for line in islice(lines, TOGETHER)]:
                file.write_table(arrow.Table.from_pylist(rows, schema))
        whole.replace(self.path)


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
