"""Answers in files: cut off anywhere, locked, on a full disk, too many to hold."""

from __future__ import annotations

import csv
import json
import resource
import tracemalloc
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

import pytest

from lenet.errors import InputError, LenetError, UsageError
from lenet.reading.batch import Answer
from lenet.reading.output_files import COLUMNS, OutputFile

KINDS = [".jsonl", ".csv", ".parquet"]


@pytest.fixture(params=KINDS)
def path(request, tmp_path):
    if request.param == ".parquet":
        pytest.importorskip("pyarrow")
    return tmp_path / f"answers{request.param}"


def row(name: str, text: str = "", digits: int = 0) -> dict:
    digit = {"value": 7, "confidence": 0.5, "box": [10, 20, 30, 40]}
    return Answer(name, None, "none").to_dict() | {"text": text, "digits": [digit] * digits}


ROWS = [row("1.png", "1\n2", 2), row('"2",\r.png', '3"\r\n"4', 1), row("é3.png", "5\n", 1)]
NAMES = [each["file"] for each in ROWS]


def write(path: Path, rows: Iterable[dict], *, resume: bool = False) -> None:
    with OutputFile.open(path, resume=resume) as results:
        if resume:
            wanted = results.missing([each["file"] for each in rows])
            rows = [each for each in rows if each["file"] in wanted]
        for each in rows:
            results.add(each)


def rows_of(path: Path) -> list[dict]:
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".parquet":
        return pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist()
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


@contextmanager
def full_disk(size: int):
    """No file grows beyond this size, as on a full disk."""
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)


@pytest.mark.parametrize("kind", [".jsonl", ".csv"])
def test_a_file_cut_off_anywhere_is_completed(tmp_path, kind):
    path = tmp_path / f"answers{kind}"
    write(path, ROWS)
    whole = path.read_bytes()
    for end in range(0, len(whole) + 1, 3 if kind == ".jsonl" else 1):
        path.write_bytes(whole[:end])
        write(path, ROWS, resume=True)
        assert path.read_bytes() == whole, end


def test_each_kind_holds_every_row(path):
    write(path, ROWS[:2])
    write(path, ROWS, resume=True)
    rows = rows_of(path)
    assert [each["file"] for each in rows] == NAMES
    assert [each["text"] for each in rows] == [each["text"] for each in ROWS]
    if path.suffix != ".jsonl":
        assert tuple(rows[0]) == COLUMNS
        assert json.loads(rows[0]["boxes"]) == [[7, 10, 20, 30, 40]] * 2


def test_a_full_disk_takes_no_answer_away(tmp_path):
    """What was cut off goes in place; a file written anew would lose all, killed or full."""
    path = tmp_path / "answers.jsonl"
    write(path, ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"file": "cut o')
    with full_disk(10), OutputFile.open(path, resume=True) as results:
        assert results.missing([*NAMES, "new.png"]) == ["new.png"]
    assert path.read_bytes() == whole


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is /dev/full")
def test_a_full_disk_is_told(path):
    records = path.with_name(f"{path.name}.part.jsonl") if path.suffix == ".parquet" else path
    records.symlink_to("/dev/full")
    with pytest.raises(LenetError, match=r"could not write .*No space left.*--resume") as told:
        write(path, ROWS)
    assert told.value.exit_code == 1


@pytest.mark.parametrize("name", ["file/answers", "a" * 300])
def test_a_name_that_cannot_be_written_is_told(path, name):
    (path.parent / "file").touch()
    with pytest.raises(LenetError, match="could not write") as told:
        write(path.parent / f"{name}{path.suffix}", ROWS)
    assert told.value.exit_code == 1


def test_a_disk_that_fills_half_way_is_resumed(path):
    with full_disk(400), pytest.raises(LenetError, match="could not write"):
        write(path, [row(f"{k}.png") for k in range(100)])
    write(path, [row(f"{k}.png") for k in range(100)], resume=True)
    assert [each["file"] for each in rows_of(path)] == [f"{k}.png" for k in range(100)]


def test_a_disk_too_full_for_parquet_leaves_the_records(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "answers.parquet"
    with full_disk(1_000), pytest.raises(LenetError, match="could not write"):
        write(path, ROWS[1:])
    assert [each.name for each in tmp_path.iterdir()] == ["answers.parquet.part.jsonl"]
    write(path, ROWS[1:], resume=True)
    assert [each["file"] for each in rows_of(path)] == NAMES[1:]


def test_what_is_done_is_not_held_in_memory(tmp_path):
    path, count = tmp_path / "answers.jsonl", 500
    write(path, [row(f"{k}.png", digits=100) for k in range(count)])
    assert path.stat().st_size > 2_500_000
    with OutputFile.open(path, resume=True) as results:
        tracemalloc.start()
        assert not results.missing(f"{k}.png" for k in range(count))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 300_000


def test_a_second_run_is_refused(path):
    with OutputFile.open(path) as results:
        results.add(ROWS[0])
        for resume in (False, True):
            with (
                pytest.raises(UsageError, match="is in use by another run"),
                OutputFile.open(path, resume=resume),
            ):
                pass
        results.add(ROWS[1])
    assert [each["file"] for each in rows_of(path)] == NAMES[:2]


def test_a_page_of_very_many_digits_is_found_again(tmp_path):
    path = tmp_path / "answers.csv"
    write(path, [row("1.png", "7" * 10_000, 10_000)])
    with OutputFile.open(path, resume=True) as results:
        assert results.missing(["1.png", "2.png"]) == ["2.png"]


def test_parquet_without_its_records_is_refused(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "answers.parquet"
    write(path, ROWS)
    whole = path.read_bytes()
    (tmp_path / "answers.parquet.part.jsonl").unlink()
    with pytest.raises(UsageError, match=r"part\.jsonl, which is missing"):
        write(path, ROWS[:1], resume=True)
    assert path.read_bytes() == whole


HEADER = ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.txt", "", UsageError),
        ("a.jsonl", "not json\n", InputError),
        ("a.jsonl", '{"other": 1}\n', InputError),
        ("a.jsonl", "[1]\n", InputError),
        ("a.jsonl", "a note without a line end", InputError),
        ("a.csv", "one,two\n1,2\n", InputError),
        ("a.csv", "one,two", InputError),
        ("a.csv", f"{HEADER}1.png,2\r\n", InputError),
        # half a field, as an earlier version left it, swallows what follows
        ("a.csv", f'{HEADER}1.png,"1\r\n2.png,7,1,False,,"[[7, 1, 2, 3, 4]]"\r\n', InputError),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, error):
    (tmp_path / name).write_bytes(content.encode())
    with pytest.raises(error):
        write(tmp_path / name, ROWS, resume=True)
    assert (tmp_path / name).read_bytes() == content.encode()


def test_line_ends_within_names_and_files_beyond_a_part(path, monkeypatch):
    monkeypatch.setattr("lenet.reading.output_files.TOGETHER", 2)
    names = [f"a\u2028{k}.png" for k in range(5)]
    write(path, [row(name) for name in names])
    assert [each["file"] for each in rows_of(path)] == names
    with OutputFile.open(path, resume=True) as results:
        assert not results.missing(names)


def test_an_interrupted_run_is_resumed(path):
    def interrupted():
        yield ROWS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, interrupted())
    with pytest.raises(UsageError, match="--resume"):
        write(path, ROWS)
    write(path, ROWS, resume=True)
    assert [each["file"] for each in rows_of(path)] == NAMES
