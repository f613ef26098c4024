"""`lenet evaluate --images`: the reader on one's own labelled images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lenet.evaluation.score import Score

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = ("0-blue-ink.png", "1-black-pen.png", "3-photo.jpg", "7-pencil-shadow.jpg")


@pytest.fixture
def table(tmp_path):
    """Four digits, of which the last has a wrong label."""
    (tmp_path / "img").mkdir()
    rows = ["writer,file,label"]
    for file in FILES:
        shutil.copy(EXAMPLES / file, tmp_path / "img")
        rows.append(f"me,img/{file},{file[0] if file != FILES[3] else 2}")
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_right_wrong_interval_and_what_rejection_does(table, tmp_path, run_lenet):
    report = tmp_path / "report.html"
    done = run_lenet("evaluate", "--images", table, "--report", report, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["schema"], found["n"], found["right"], found["errors"]) == (1, 4, 3, 1)
    assert found["error_rate"] == 0.25
    assert found["interval_95"] == list(Score(4, 1).interval_95)
    (wrong,) = found["wrong"]
    assert (wrong["index"], wrong["file"]) == (3, f"img/{FILES[3]}")
    assert (wrong["label"], wrong["answer"], wrong["error"]) == ("2", "7", None)
    first, *_, last = found["rejection"]
    assert (first["threshold"], first["rejected"], first["errors"]) == (0, 0, 1)
    assert (last["threshold"], last["errors"]) == (0.999, 0)
    page = report.read_text(encoding="utf-8")
    assert page.count("<article") == page.count("<img") == 1
    printed = run_lenet("evaluate", "--images", table).stdout
    assert printed.startswith("3 of 4 right: 75.0 % (95 % interval 30.1–95.4 %)\n")
    assert f"img/{FILES[3]}: 2 > 7  ({100 * wrong['confidence']:.1f} %)" in printed


def test_images_that_cannot_be_read_are_reported_and_wrong(table, tmp_path, run_lenet):
    """The others are scored, as in every batch."""
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with table.open("a") as file:
        file.write("me,img/none.png,4\nme,broken.png,5\n")
    done = run_lenet("evaluate", "--images", table, "--report", tmp_path / "r.html", "--json")
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert (found["n"], found["right"]) == (6, 3)
    assert [mistake["file"] for mistake in found["wrong"][1:]] == ["img/none.png", "broken.png"]
    assert all(mistake["error"] and not mistake["confidence"] for mistake in found["wrong"][1:])
    assert done.stderr.count("lenet: ") == 2
    assert (tmp_path / "r.html").read_text(encoding="utf-8").count("<article") == 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--images", "none.csv"), 3, "none.csv: "),
        (("--images", "bad.csv"), 3, "no column label"),
        (("--images", "labels.csv", "--data", "digits"), 2, "leave out --data"),
        (("--images", "labels.csv", "--layout", "circle"), 2, "circle"),
        (("--images", "labels.csv", "--report", "report.pdf"), 2, "ending in .html"),
        (("--images", "labels.csv", "--weights", "nope"), 3, "nope"),
        (("--report", "report.html"), 2, "need --images"),
        (("--digits-only",), 2, "need --images"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_calls(arguments, code, words, table, run_lenet):
    (table.parent / "bad.csv").write_text("file,text\nimg/1.png,1\n")
    done = run_lenet("evaluate", *arguments, cwd=table.parent)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_report_that_cannot_be_written_does_not_lose_the_result(table, run_lenet):
    done = run_lenet("evaluate", "--images", table, "--report", "/proc/report.html")
    assert done.returncode == 1
    assert "could not write" in done.stderr
    assert done.stdout.startswith("3 of 4 right")
