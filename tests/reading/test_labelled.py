"""Tables of labelled images, and when an answer is right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ruled_sheets import ruled_sheet

from lenet.errors import InputError
from lenet.reading.batch import Settings
from lenet.reading.judged import judged
from lenet.reading.labelled import load_labels

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def table(tmp_path):
    """Writes labels.csv, and gives its path."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "labels.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_files_lie_beside_the_table_and_other_columns_are_kept(table, tmp_path):
    """With Excel's mark at the start, a quoted name, and an address."""
    path = table('\ufeffkind,file,label\r\na,"x, y.png",1|2\r\n,s3://scans/1.png,\r\n')
    first, second = load_labels(path)
    assert first == (
        "x, y.png",
        str(tmp_path / "x, y.png"),
        "1|2",
        {"kind": "a", "file": "x, y.png", "label": "1|2"},
    )
    assert (second.source, second.label) == ("s3://scans/1.png", "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no images"),
        ("file,label\n", "no images"),
        ("name,label\n1.png,1\n", "no column file in its first line, name,label"),
        ("file;label\n1.png;1\n", "no column file and no column label .* separated by commas"),
        ("file,label\n1.png,1\n2.png\n", "line 3: 1 cells, expected 2"),
        ("file,label\n1.png,10,200\n", "line 2: 3 cells, expected 2; put a label with a comma"),
        ("file,label\n,1\n", "line 2: no file"),
        ('file,label\n"1.png,1\n', "not CSV"),
        (b"file,label\n\xff.png,1\n", "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8"),
    ],
)
def test_what_is_no_table_is_refused(table, content, words):
    with pytest.raises(InputError, match=words):
        load_labels(table(content))


def test_a_table_that_is_not_there_or_no_file(tmp_path):
    for path, words in (
        (tmp_path / "none.csv", "no such file"),
        (tmp_path, "a folder; expected a CSV file"),
        (Path("/dev/zero"), "expected a regular file"),
    ):
        with pytest.raises(InputError, match=f"{path}: {words}"):
            load_labels(path)


@pytest.mark.parametrize(
    ("label", "digits_only", "right"),
    [
        ("32|5 8", False, True),
        ("3 2|58", False, True),
        ("32|58|", False, True),
        ("3258", False, False),
        ("32|57", False, False),
        ("3.2|58", False, False),
        ("3.2|-58", True, True),
        ("", False, False),
    ],
)
def test_whitespace_does_not_count_and_rows_do(table, tmp_path, label, digits_only, right):
    sheet = ruled_sheet([["3", "2"], ["5", "8"]], side=80)
    sheet.save(tmp_path / "sheet.png")
    images = load_labels(table(f"file,label\nsheet.png,{label}\n"))
    (each,) = judged(images, Settings(layout="grid", digits_only=digits_only))
    assert each.text == "3\t2\n5\t8"
    assert each.right == right


def test_bare_paper_is_right_without_a_label_and_what_is_missing_is_wrong(table, tmp_path):
    Image.fromarray(np.full((40, 40), 200, np.uint8)).save(tmp_path / "bare.png")
    images = load_labels(table("file,label\nbare.png,\nbare.png,7\nmissing.png,\n"))
    bare, numbered, missing = judged(images, Settings())
    assert (bare.right, numbered.right, missing.right) == (True, False, False)
    assert missing.confidence == 0
    assert "missing.png" in missing.answer.error
