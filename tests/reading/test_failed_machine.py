"""What the machine could not do is no verdict on an image: not recorded, read again later."""

from __future__ import annotations

import errno
import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from lenet.errors import ResourceError
from lenet.preprocessing import image
from lenet.reading.batch import Settings, answer, answers, reader_for
from lenet.reading.reader import Reader

SAMPLE = str(Path(__file__).parents[2] / "examples" / "5-slanted.png")


def fails(problem: BaseException):
    def call(*_, **__):
        raise type(problem)(*problem.args)  # a new one: its traceback keeps a reader alive

    return call


@pytest.mark.parametrize(
    ("where", "name", "problem"),
    [
        (image, "open", OSError(errno.EMFILE, "Too many open files")),
        (image, "open", OSError(errno.EIO, "Input/output error")),
        (image, "_opened", MemoryError()),
        (Image.Image, "convert", MemoryError()),
        (Reader, "read_planes", MemoryError()),
    ],
)
def test_a_machine_that_fails_is_not_a_damaged_image(monkeypatch, where, name, problem):
    reader_for(Settings())  # its weights are files, too
    monkeypatch.setattr(where, name, fails(problem), raising=False)
    (got,) = answers([SAMPLE], Settings())
    assert got.failed
    assert got.error.startswith((SAMPLE, repr(SAMPLE)))
    assert "damaged" not in got.error
    monkeypatch.undo()
    assert not next(answers([SAMPLE], Settings())).error


def test_an_address_that_does_not_answer_is_asked_again(monkeypatch):
    unreachable = fails(ResourceError("cannot be read: timed out"))
    monkeypatch.setattr("lenet.reading.remote.content_at", unreachable)
    got = answer("s3://forms/1.png", reader_for(Settings()))
    assert got.failed
    assert got.error == "s3://forms/1.png: cannot be read: timed out"


@pytest.mark.skipif(sys.platform != "linux", reason="limits its memory as Linux does")
def test_what_did_not_fit_into_memory_is_read_when_it_fits(run_lenet, tmp_path):
    import resource

    large, out = tmp_path / "a.png", tmp_path / "answers.jsonl"
    Image.new("L", (7000, 7000), 255).save(large)
    limit = 400 * 2**20
    options = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))}
    short = run_lenet("read", large, SAMPLE, "--out", out, **options)
    assert short.returncode == ResourceError.exit_code, short.stderr
    assert "memory" in short.stderr
    assert "Traceback" not in short.stderr
    files = [json.loads(line)["file"] for line in out.read_text().splitlines()]
    assert files == [SAMPLE]
    again = run_lenet("read", large, SAMPLE, "--out", out, "--resume")
    assert again.returncode == 0, again.stderr
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(row["file"], row["error"]) for row in rows] == [(SAMPLE, None), (str(large), None)]
