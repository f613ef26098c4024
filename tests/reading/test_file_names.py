"""File names that are no text, move the cursor, or begin as formulas do."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.cli import main
from lenet.reading.batch import Answer, Settings, answers
from lenet.reading.output_files import OutputFile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")

NAMES = {
    os.fsdecode(b"a\xff.png"): r"a\udcff.png",
    "b\x1b]0;owned\x07.png": r"b\x1b]0;owned\x07.png",
    "c\nd.png: 7  (100.0 %).png": r"c\nd.png: 7  (100.0 %).png",
    "e\u202egnp.7.png": r"e\u202egnp.7.png",
    "=1+1.png": "=1+1.png",
    "'f.png": "'f.png",
}  # as they are, and as a terminal shows them


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a bare sheet under each name; it is the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        Image.fromarray(np.full((30, 30), 255, np.uint8)).save(name)
    return tmp_path


def read(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["lenet", "read", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code or 0


def test_a_terminal_shows_them_escaped(folder, monkeypatch, capsys):
    assert read(monkeypatch, *NAMES, "gone\x1b[2J.png") == 3
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        f"{name}: no digits found  (100.0 %)" for name in NAMES.values()
    ]
    assert shown.err == r"lenet: gone\x1b[2J.png: no such file; check the name" + "\n"
    assert read(monkeypatch, "--layout", "digit", "--weights", "w\x1b.safetensors", "'f.png") == 3
    assert r"w\x1b.safetensors: no such weights" in capsys.readouterr().err


def test_json_is_text_for_every_reader(folder, monkeypatch, capsys):
    assert read(monkeypatch, *NAMES, "--json") == 0
    files = [row["file"] for row in json.loads(capsys.readouterr().out.encode())["files"]]
    assert files == [r"a\udcff.png", *list(NAMES)[1:]]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_they_are_written_and_resumed(kind, folder, monkeypatch):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    shutil.copy(next(iter(NAMES)), "z.png")
    out = Path(os.fsdecode(b"answers\xfe.") + kind)
    assert read(monkeypatch, *NAMES, "--out", str(out)) == 0
    before = out.read_bytes()
    with OutputFile.open(out, resume=True) as results:
        assert results.missing(["z.png", *NAMES]) == ["z.png"]
    if kind != "parquet":
        assert out.read_bytes() == before
        assert b"udcff.png" in before


def test_csv_cells_are_no_formulas(folder):
    rows = [
        *(answer.to_dict() for answer in answers(["=1+1.png", "'f.png"], Settings())),
        Answer("@SUM(A1).png", None, '=HYPERLINK("http://x")').to_dict(),
        Answer("\t-2.png", None, "+1").to_dict(),
        Answer("s3://a/b.png", None, "no").to_dict() | {"text": "-157", "confidence": 0.5},
    ]
    with OutputFile.open(Path("answers.csv")) as results:
        for row in rows:
            results.add(row)
    with Path("answers.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))
    expected = ["'=1+1.png", "''f.png", "'@SUM(A1).png", "'\t-2.png", "s3://a/b.png"]
    assert [row["file"] for row in cells] == expected
    assert [row["error"] for row in cells[2:]] == ['\'=HYPERLINK("http://x")', "'+1", "no"]
    assert cells[-1]["text"] == "-157"  # a number that was read stays one
    with OutputFile.open(Path("answers.csv"), resume=True) as results:
        assert results.missing([row["file"] for row in rows]) == []


def test_numbers_are_quoted_but_confidences_are_not(folder):
    row = Answer("a.png", None, "").to_dict() | {"text": "00123", "confidence": 0.25}
    with OutputFile.open(Path("answers.csv")) as results:
        results.add(row)
    line = Path("answers.csv").read_text().splitlines()[1]
    assert line == '"a.png","00123",0.25,False,"","[]"'
    pandas = pytest.importorskip("pandas")
    assert pandas.read_csv("answers.csv", dtype={"text": str})["text"].tolist() == ["00123"]


def test_processes_take_them(folder, monkeypatch):
    names = list(NAMES)
    assert [answer.file for answer in answers(names, Settings(), jobs=2)] == names
