"""Images and answers named by address: local files, and an object store as moto imitates S3."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import pytest

from lenet.cli import main
from lenet.errors import InputError
from lenet.preprocessing.image import MAX_PIXELS, load_planes
from lenet.reading import batch, remote
from lenet.reading.batch import Settings, answer, answers, files_of, reader_for, several

pytest.importorskip("pyarrow")
SAMPLE = next(iter(sorted((Path(__file__).parents[2] / "examples").glob("[0-9]*"))))


@pytest.fixture(scope="module")
def store():
    """The address of a server that speaks as S3 does."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


class Bucket:
    """The objects of s3://forms by their keys."""

    def __init__(self, system) -> None:
        self.system = system

    def __setitem__(self, key: str, content: bytes) -> None:
        with self.system.open_output_stream(f"forms/{key}") as file:
            file.write(content)

    def __getitem__(self, key: str) -> bytes:
        return self.system.open_input_stream(f"forms/{key}").read()

    def __iter__(self):
        selector = remote._arrow().FileSelector("forms", recursive=True)
        return iter(sorted(info.base_name for info in self.system.get_file_info(selector)))


@pytest.fixture
def bucket(store, monkeypatch):
    """An empty bucket s3://forms."""
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{store}",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    system = remote._arrow().S3FileSystem(
        endpoint_override=store, scheme="http", allow_bucket_creation=True
    )
    system.create_dir("forms")
    system.delete_dir_contents("forms")
    remote._system.cache_clear()
    yield Bucket(system)
    remote._system.cache_clear()


@pytest.fixture
def read(monkeypatch, capsys):
    """Call `lenet read …`: its exit code and what it said."""

    def call(*words) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lenet", "read", "--layout", "digit", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, capsys.readouterr().err

    return call


def test_a_bucket_is_read_as_a_folder_is(bucket):
    bucket["scans/b.png"] = b"nothing"
    bucket["scans/a 1.jpg"] = SAMPLE.read_bytes()
    bucket["scans/.hidden.png"] = bucket["scans/words.txt"] = b"x"
    names = list(files_of(["s3://forms/scans/"]))
    assert names == ["s3://forms/scans/a 1.jpg", "s3://forms/scans/b.png"]
    good, bad = (each.to_dict() for each in answers(names, Settings(layout="digit")))
    reader = reader_for(Settings(layout="digit"))
    assert good == answer(str(SAMPLE), reader).to_dict() | {"file": names[0]}
    assert bad["error"].startswith("s3://forms/scans/b.png: ")
    gone = answer("s3://forms/scans/gone.png", reader)
    assert gone.error.startswith("s3://forms/scans/gone.png: cannot be read: ")
    bucket["other/words.txt"] = b"x"
    with pytest.raises(InputError, match="without images"):
        list(files_of(["s3://forms/other"]))


def test_sub_folders_count_and_hidden_ones_do_not(bucket):
    for key in ("scans/b/2.png", "scans/a/b/1.jpg", "scans/.cache/3.png", "scans/a/notes.txt"):
        bucket[key] = b"x"
    assert list(files_of(["s3://forms"])) == [
        "s3://forms/scans/a/b/1.jpg",
        "s3://forms/scans/b/2.png",
    ]


def test_patterns_are_opened(bucket):
    for key in ("a1.png", "a2.jpg", "b1.png", "sub/a3.png", "sub/deep/a4.png", ".a5.png"):
        bucket[f"scans/{key}"] = b"x"

    def keys(pattern):
        found = files_of([f"s3://forms/{pattern}"])
        return [name.removeprefix("s3://forms/scans/") for name in found]

    assert keys("scans/*.png") == ["a1.png", "b1.png"]
    assert keys("scans/[ab]?.*") == ["a1.png", "a2.jpg", "b1.png"]
    assert keys("scans/**/a*.png") == ["a1.png", "sub/a3.png", "sub/deep/a4.png"]
    assert keys("scans/**") == keys("scans/**/*")
    assert keys("*/sub/*.png") == ["sub/a3.png"]
    assert keys("scans/a1.png") == ["a1.png"]
    bucket["scans/[x].png"] = b"x"
    assert keys("scans/[x].png") == ["[x].png"]
    for none in ("scans/*.gif", "none/*.png", "scans/[z-a].png"):
        assert list(files_of([f"s3://forms/{none}"])) == [f"s3://forms/{none}"]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_answers_go_to_an_address(kind, bucket, read, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    bucket["scans/a.jpg"] = SAMPLE.read_bytes()
    address = f"s3://forms/made/answers.{kind}"
    assert read("s3://forms/scans", "--out", address) == (0, f"1 read; results in {address}\n")
    assert list(tmp_path.iterdir()) == []  # no ./s3:/forms, nothing left behind
    local = tmp_path / f"answers.{kind}"
    assert read("s3://forms/scans", "--out", local)[0] == 0
    assert bucket[f"made/answers.{kind}"] == local.read_bytes()
    code, told = read("s3://forms/scans", "--out", address)
    assert (code, "is there already" in told) == (2, True)
    code, told = read("s3://forms/scans", "--out", address, "--resume")
    assert (code, "resume in a file on this machine" in told) == (2, True)


def test_answers_that_do_not_arrive_are_kept(bucket, read, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    code, told = read(SAMPLE, "--out", "s3://nowhere/answers.jsonl")
    assert (code, "could not write s3://nowhere/answers.jsonl" in told) == (1, True), told

    def refuse(*_):
        raise OSError("no space left in the store")

    monkeypatch.setattr(remote, "copyfileobj", refuse)
    code, told = read(SAMPLE, "--out", "s3://forms/answers.jsonl")
    assert code == 1
    assert "could not write s3://forms/answers.jsonl: no space left in the store" in told
    kept = Path(told.split("the answers are kept in ")[1].split("\n")[0])
    assert json.loads((kept / "answers.jsonl").read_text())["file"] == str(SAMPLE)


@pytest.mark.parametrize(
    ("out", "code"),
    [("s3://forms/answers.txt", 2), ("https://127.0.0.1/answers.csv", 3), ("ftp://h/a.csv", 3)],
)
def test_addresses_that_answers_cannot_go_to(out, code, bucket, read, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read(SAMPLE, "--out", out)[0] == code
    assert list(tmp_path.iterdir()) == []


def test_images_from_elsewhere_are_fetched_side_by_side(bucket, monkeypatch):
    bucket["a.jpg"] = SAMPLE.read_bytes()
    names, settings = ["s3://forms/a.jpg"] * 8, Settings(layout="digit")
    reader, fetch, together = reader_for(settings), remote.content_at, threading.Barrier(8)
    expected = [answer(name, reader).to_dict() for name in [*names, str(SAMPLE)]]

    def content_at(address: str) -> bytes:
        together.wait(timeout=20)
        return fetch(address)

    monkeypatch.setattr(remote, "content_at", content_at)
    found = [each.to_dict() for each in several([*names, str(SAMPLE)], reader)]
    assert found == expected


def test_no_more_is_fetched_ahead_than_is_held(monkeypatch):
    """A batch may be a hundred thousand photos: they are not all in memory at once."""
    begun: list[str] = []

    def content_at(address: str) -> bytes:
        begun.append(address)
        return SAMPLE.read_bytes()

    class Slow:
        reads = 0

        def load(self, source):
            return load_planes(source, MAX_PIXELS, "none")

        def read_planes(self, planes):
            time.sleep(0.2 if self.reads == 0 else 0)  # in which all would be fetched
            loaded = self.reads + batch.PIXELS_AHEAD // planes.whole.size + 1
            assert len(begun) <= loaded + batch.FETCHED
            self.reads += 1

    monkeypatch.setattr(remote, "content_at", content_at)
    monkeypatch.setattr(batch, "PIXELS_AHEAD", 100_000)
    names = [f"s3://forms/{k}.jpg" for k in range(40)]
    assert [each.file for each in several(names, Slow())] == names
    assert begun.count(names[-1]) == 1
    assert len(begun) == len(names)


def test_files_have_addresses_too(tmp_path):
    (tmp_path / "a.png").write_bytes(SAMPLE.read_bytes())
    address = f"file://{tmp_path}"
    assert list(files_of([address])) == [f"{address}/a.png"]
    assert list(files_of([f"{address}/gone.png"])) == [f"{address}/gone.png"]
    assert remote.content_at(f"{address}/a.png") == SAMPLE.read_bytes()
    with pytest.raises(InputError, match="cannot be read"):
        remote.content_at(f"{address}/gone.png")
    with pytest.raises(InputError, match=r"ftp://.*cannot be opened"):
        list(files_of(["ftp://host/folder"]))
