"""Many files: processes, answers in files, resumed runs."""

from __future__ import annotations

import contextlib
import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.errors import InputError, UsageError
from lenet.reading.batch import Answer, Settings, answers, files_of
from lenet.reading.output_files import COLUMNS, OutputFile

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLES = sorted(str(path) for path in EXAMPLES.iterdir() if path.name[0].isdigit())


def test_folders_and_patterns_are_opened(tmp_path):
    for name in ("b.png", "a.jpg", ".hidden.png", "words.txt"):
        (tmp_path / name).write_bytes(b"")
    expected = [str(tmp_path / "a.jpg"), str(tmp_path / "b.png")]
    assert list(files_of([str(tmp_path)])) == expected
    assert list(files_of([f"{tmp_path}/[ab].*"])) == expected
    assert list(files_of(["-", "nothing*.png"])) == ["-", "nothing*.png"]


def test_processes_answer_as_one_does_and_in_order(tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    names = [*SAMPLES[:5], str(bad), *SAMPLES[5:]] * 2
    settings = Settings(layout="digit")
    alone = [answer.to_dict() for answer in answers(names, settings)]
    together = [answer.to_dict() for answer in answers(names, settings, jobs=2)]
    assert together == alone
    assert [row["file"] for row in alone] == names
    assert [row["file"] for row in alone if row["error"]] == [str(bad)] * 2


def rows_of(path: Path) -> list[dict]:
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".parquet":
        return pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist()
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


@pytest.mark.parametrize("kind", [".jsonl", ".csv", ".parquet"])
def test_a_run_that_was_killed_goes_on(tmp_path, kind):
    if kind == ".parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"answers{kind}"
    found = [answer.to_dict() for answer in answers(SAMPLES[:4], Settings(layout="digit"))]
    records = OutputFile(out)
    with contextlib.suppress(KeyboardInterrupt), records:
        records.add(found[0])
        records.add(found[1])
        raise KeyboardInterrupt
    with records.lines.open("a") as file:
        file.write('{"file": "cut o')  # killed while writing
    with pytest.raises(UsageError, match="--resume"):
        OutputFile(out)
    again = OutputFile(out, resume=True)
    assert again.done == {row["file"] for row in found[:2]}
    with again:
        for row in found:
            if row["file"] not in again.done:
                again.add(row)
    rows = rows_of(out)
    assert [row["file"] for row in rows] == SAMPLES[:4]
    assert [row["text"] for row in rows] == [row["text"] for row in found]
    if kind != ".jsonl":
        assert set(rows[0]) == set(COLUMNS)
        assert json.loads(rows[0]["boxes"]) == [
            [found[0]["digits"][0]["value"], *found[0]["digits"][0]["box"]]
        ]


@pytest.mark.parametrize("kind", [".jsonl", ".parquet"])
def test_line_ends_within_names_and_files_beyond_a_part(tmp_path, kind, monkeypatch):
    if kind == ".parquet":
        pytest.importorskip("pyarrow")
    monkeypatch.setattr("lenet.reading.output_files.TOGETHER", 2)
    rows = [Answer(f"a\u2028{k}.png", None, "no").to_dict() for k in range(5)]
    records = OutputFile(tmp_path / f"answers{kind}")
    with records:
        for row in rows:
            records.add(row)
    assert [row["file"] for row in rows_of(records.path)] == [row["file"] for row in rows]
    assert OutputFile(records.path, resume=True).done == {row["file"] for row in rows}


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.txt", "", UsageError),
        ("a.jsonl", "not json\n", InputError),
        ("a.jsonl", '{"other": 1}\n', InputError),
        ("a.csv", "one,two\n1,2\n", InputError),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, error):
    (tmp_path / name).write_text(content)
    with pytest.raises(error):
        OutputFile(tmp_path / name, resume=True)
    assert (tmp_path / name).read_text() == content


def test_the_command_writes_and_resumes(tmp_path, run_lenet):
    for k in range(3):
        Image.fromarray(np.full((30, 30), 255, np.uint8)).save(tmp_path / f"{k}.png")
    out = tmp_path / "answers.jsonl"
    first = run_lenet("read", tmp_path / "0.png", "--out", out)
    assert (first.returncode, first.stdout) == (0, "")
    assert run_lenet("read", tmp_path, "--out", out).returncode == 2
    done = run_lenet("read", f"{tmp_path}/*.png", "--out", out, "--resume", "--jobs", "2")
    assert done.returncode == 0
    assert "2 read" in done.stderr
    assert [Path(row["file"]).name for row in rows_of(out)] == ["0.png", "1.png", "2.png"]
    assert run_lenet("read", tmp_path, "--resume").returncode == 2
