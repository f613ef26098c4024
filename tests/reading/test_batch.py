"""Many files: processes, answers in files, resumed runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.errors import InputError
from lenet.reading import batch
from lenet.reading.batch import Settings, answer, answers, files_of, reader_for, several

EXAMPLES = Path(__file__).parents[2] / "examples"
SAMPLES = sorted(str(path) for path in EXAMPLES.iterdir() if path.name[0].isdigit())


def test_folders_and_patterns_are_opened(tmp_path):
    for name in ("b.png", "a.jpg", ".hidden.png", "words.txt"):
        (tmp_path / name).write_bytes(b"")
    expected = [str(tmp_path / "a.jpg"), str(tmp_path / "b.png")]
    assert list(files_of([str(tmp_path)])) == expected
    assert list(files_of([f"{tmp_path}/[ab].*"])) == expected
    (tmp_path / "b.folder").mkdir()
    assert list(files_of([f"{tmp_path}/[ab].*"])) == expected
    assert list(files_of(["-", "nothing*.png"])) == ["-", "nothing*.png"]


def test_web_addresses_are_not_opened():
    (name,) = files_of(["https://example.org/3.png"])
    (answer,) = answers([name], Settings())
    assert answer.error.startswith("https://example.org/3.png: an address, not a file; download")


def test_sub_folders_are_opened(tmp_path):
    for name in ("b/2.png", "b/a/1.jpg", "3.png", ".hidden/4.png", "b/.5.png", "b/words.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    expected = [str(tmp_path / name) for name in ("3.png", "b/2.png", "b/a/1.jpg")]
    assert list(files_of([str(tmp_path)])) == expected
    assert list(files_of([f"{tmp_path}/b/"])) == expected[1:]
    (tmp_path / "b" / "bare").mkdir()
    with pytest.raises(InputError, match="a folder without images"):
        list(files_of([str(tmp_path / "b" / "bare")]))


def test_a_sub_folder_that_may_not_be_read_is_reported(tmp_path, monkeypatch):
    (tmp_path / "shut").mkdir()
    (tmp_path / "a.png").write_bytes(b"")
    scan = os.scandir

    def scandir(path):  # root may read everything
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    names = list(files_of([str(tmp_path)]))
    assert names == [str(tmp_path / "a.png"), str(tmp_path / "shut")]
    with pytest.raises(InputError, match="cannot be opened: Permission denied"):
        list(files_of([str(tmp_path / "shut")]))


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


def test_the_command_writes_and_resumes(tmp_path, run_lenet):
    for k in range(3):
        Image.fromarray(np.full((30, 30), 255, np.uint8)).save(tmp_path / f"{k}.png")
    out = tmp_path / "answers.jsonl"
    first = run_lenet("read", tmp_path / "0.png", "--out", out)
    assert (first.returncode, first.stdout) == (0, "")
    assert run_lenet("read", tmp_path, "--out", out).returncode == 2
    done = run_lenet("read", f"{tmp_path}/*.png", "--out", out, "--resume", "--jobs", "2")
    assert done.returncode == 0
    assert done.stderr == f"2 read; results in {out}\n"  # and no leak that a worker reports
    assert [Path(row["file"]).name for row in map(json.loads, out.read_text().splitlines())] == [
        "0.png",
        "1.png",
        "2.png",
    ]
    assert run_lenet("read", tmp_path, "--resume").returncode == 2


@pytest.mark.slow
@pytest.mark.subprocess
def test_workers_end_with_a_run_that_is_killed():
    command = [sys.executable, "-m", "lenet", "read", "--jobs", "2", *(SAMPLES * 200)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()  # the workers have begun
        process.kill()
        process.communicate(timeout=5)  # the pipe ends with the last of them


@pytest.mark.parametrize("pixels", [1, 40_000, 10**9])
def test_images_that_are_loaded_ahead_give_the_same_answers(monkeypatch, tmp_path, pixels):
    """Bad ones among them keep their place, and nothing is left over at the end."""
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    photo = str(Path(__file__).parents[2] / "examples" / "5-thick-marker.png")
    names = [photo, str(bad), photo, str(tmp_path / "gone.png"), photo]
    expected = [answer(name, reader_for(Settings())).to_dict() for name in names]
    monkeypatch.setattr(batch, "PIXELS_AHEAD", pixels)
    found = several(names, reader_for(Settings()))
    assert [each.to_dict() for each in found] == expected
