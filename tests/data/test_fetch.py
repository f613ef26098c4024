"""Downloads from mirrors on this machine: sound, gone, lying, dying, deaf to ranges."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import stat
import time
from types import SimpleNamespace

import pytest

from lenet.data import download as fetching
from lenet.data.download import download_dataset
from lenet.data.registry import REGISTRY, DatasetInfo, RemoteFile
from lenet.errors import FetchError


@pytest.fixture
def source(mirror):
    """Make a source of one file that these kinds of mirror serve."""

    def make(*kinds: str) -> DatasetInfo:
        digest = hashlib.sha256(mirror.content).hexdigest()
        mirrors = tuple(f"{mirror.url}{kind}/" for kind in kinds)
        return DatasetInfo(
            "toy",
            "a toy",
            "none",
            mirrors,
            (RemoteFile("toy.gz", len(mirror.content), f"sha256:{digest}"),),
        )

    return make


def left_in(folder):
    return sorted(path.name for path in (folder / "toy").iterdir())


def test_a_sound_mirror(mirror, source, tmp_path):
    seen = []
    [file] = download_dataset(source("good"), tmp_path, lambda *sizes: seen.append(sizes))
    assert file.fetched
    assert file.path == tmp_path / "toy" / "toy.gz"
    assert file.path.read_bytes() == mirror.content
    assert left_in(tmp_path) == ["toy.gz"]
    assert seen[-1] == ("toy.gz", len(mirror.content), len(mirror.content))
    assert [here for _, here, _ in seen] == sorted({here for _, here, _ in seen})


def test_what_is_whole_is_not_fetched_again(mirror, source, tmp_path):
    download_dataset(source("good"), tmp_path)
    [file] = download_dataset(source("good"), tmp_path)
    assert not file.fetched
    assert len(mirror.requests) == 1


@pytest.mark.parametrize("first", ["gone", "wrong"])
def test_the_next_mirror_is_tried(mirror, source, tmp_path, first):
    download_dataset(source(first, "good"), tmp_path)
    assert mirror.requests == [(first, None), ("good", None)]
    assert left_in(tmp_path) == ["toy.gz"]


def test_a_dead_host_is_passed_over(mirror, source, tmp_path):
    dead = DatasetInfo("toy", "", "", ("http://127.0.0.1:9/", f"{mirror.url}good/"), source().files)
    [file] = download_dataset(dead, tmp_path)
    assert file.path.read_bytes() == mirror.content


def test_the_next_mirror_goes_on_where_one_died(mirror, source, tmp_path):
    [file] = download_dataset(source("dies", "good"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    assert mirror.requests == [("dies", None), ("good", f"bytes={len(mirror.content) // 2}-")]


def test_a_mirror_that_died_is_asked_for_the_rest(mirror, source, tmp_path):
    [file] = download_dataset(source("dies"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    assert [asked is None for _, asked in mirror.requests] == [True, False]


def test_what_came_is_kept_for_the_next_time(mirror, source, tmp_path):
    with pytest.raises(FetchError, match=r"dies-always/toy.gz: broke off midway"):
        download_dataset(source("dies-always"), tmp_path)
    assert left_in(tmp_path) == ["toy.gz.part"]  # nothing under the final name
    mirror.requests.clear()
    [file] = download_dataset(source("good"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    asked = int(mirror.requests[0][1].removeprefix("bytes=").removesuffix("-"))
    assert asked > len(mirror.content) // 2  # half at first, then half of the rest


def part_file(tmp_path, content):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "toy.gz.part").write_bytes(content)


def test_a_server_deaf_to_ranges_starts_again(mirror, source, tmp_path):
    part_file(tmp_path, mirror.content[:1000])
    [file] = download_dataset(source("ignores-range"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    assert mirror.requests == [("ignores-range", "bytes=1000-")]


def test_a_stale_part_is_thrown_away(mirror, source, tmp_path):
    part_file(tmp_path, b"of another file")
    [file] = download_dataset(source("good"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    assert mirror.requests == [("good", "bytes=15-"), ("good", None)]


def test_a_part_that_was_complete_is_taken(mirror, source, tmp_path):
    part_file(tmp_path, mirror.content)
    [file] = download_dataset(source("good"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    assert left_in(tmp_path) == ["toy.gz"]


def test_a_part_longer_than_the_file_is_thrown_away(mirror, source, tmp_path):
    part_file(tmp_path, mirror.content + b"more")
    [file] = download_dataset(source("good"), tmp_path)
    assert file.path.read_bytes() == mirror.content


def test_no_mirror_tells_all_and_what_to_do(mirror, source, tmp_path):
    known = source("gone", "wrong")
    dead = DatasetInfo("toy", "", "", (*known.mirrors, "http://127.0.0.1:9/"), known.files)
    with pytest.raises(FetchError) as refusal:
        download_dataset(dead, tmp_path)
    text = str(refusal.value)
    assert f"{mirror.url}gone/toy.gz: answered 404" in text
    assert f"{mirror.url}wrong/toy.gz: gave a file whose hash is not sha256:" in text
    assert "http://127.0.0.1:9/toy.gz: cannot be reached" in text
    assert str(tmp_path / "toy") in text
    assert "lenet data verify toy" in text
    assert refusal.value.exit_code == 4
    assert left_in(tmp_path) == []


def test_a_server_that_says_nothing(mirror, source, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "TIMEOUT", (0.2, 0.2))
    monkeypatch.setattr(mirror, "answer", lambda *_: mirror.thread.join(0.5))
    with pytest.raises(FetchError, match="did not answer in time"):
        download_dataset(source("silent"), tmp_path)


def test_a_mirror_that_drips_is_left(mirror, source, tmp_path, monkeypatch):
    """A byte every 25 seconds, so each in time: the whole would take months."""
    dripped = []
    monkeypatch.setattr(fetching, "time", SimpleNamespace(monotonic=lambda: 25.0 * len(dripped)))
    sound = mirror.answer

    def drip(to, kind, start):
        if kind == "good":
            sound(to, kind, start)
            return
        to.send_response(200)
        to.send_header("Content-Length", str(len(mirror.content)))
        to.end_headers()
        with contextlib.suppress(OSError):  # the other side hangs up
            for byte in mirror.content:
                dripped.append(to.wfile.write(bytes([byte])))
                time.sleep(0.02)

    monkeypatch.setattr(mirror, "answer", drip)
    [file] = download_dataset(source("drips", "good"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    assert [kind for kind, _ in mirror.requests] == ["drips", "good"]
    with pytest.raises(FetchError, match=r"drips/toy.gz: did not answer in time"):
        download_dataset(source("drips"), tmp_path / "again")


@pytest.mark.parametrize("length", [True, False])
def test_a_mirror_that_does_not_end_is_left(length, mirror, source, tmp_path, monkeypatch):
    sound, sent = mirror.answer, []

    def flood(to, kind, start):
        if kind == "good":
            sound(to, kind, start)
            return
        to.send_response(200)
        if length:
            to.send_header("Content-Length", str(2**40))
        to.end_headers()
        with contextlib.suppress(OSError):  # the other side hangs up
            while len(sent) < 2**10:
                sent.append(to.wfile.write(bytes(2**20)))

    monkeypatch.setattr(mirror, "answer", flood)
    [file] = download_dataset(source("floods", "good"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    assert len(sent) < 2**8
    with pytest.raises(FetchError, match=r"floods/toy.gz: sent more than the 400,000 bytes"):
        download_dataset(source("floods"), tmp_path / "again")
    assert not list((tmp_path / "again" / "toy").iterdir())


def test_every_file_has_a_hash_and_a_size_and_comes_by_https_first():
    for info in REGISTRY.values():
        secure = [mirror.startswith("https://") for mirror in info.mirrors]
        assert secure == sorted(secure, reverse=True)
        assert not info.mirrors or secure[0]
        for file in info.files:
            algorithm, digest = file.packed.split(":")
            assert len(digest) == {"md5": 32, "sha256": 64}[algorithm]
            assert 0 < file.size <= 2**25


def test_a_damaged_file_is_replaced(mirror, source, tmp_path):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "toy.gz").write_bytes(b"torn")
    [file] = download_dataset(source("good"), tmp_path)
    assert file.fetched
    assert file.path.read_bytes() == mirror.content


def test_stopping_leaves_the_part(mirror, source, tmp_path):
    def stop(_name, here, _total):
        if here > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_dataset(source("good"), tmp_path, stop)
    assert left_in(tmp_path) == ["toy.gz.part"]
    [file] = download_dataset(source("good"), tmp_path)
    assert file.path.read_bytes() == mirror.content
    assert mirror.requests[-1][1] is not None


def test_a_place_that_cannot_be_written(source, tmp_path):
    (tmp_path / "toy").write_text("a file where the folder should be")
    with pytest.raises(FetchError, match=r"cannot be written to .*--data-dir or LENET_DATA"):
        download_dataset(source("good"), tmp_path)


def test_files_packed_by_hand_are_left_alone(mirror, tmp_path):
    """Right contents in another gzip, or in none, are whole."""
    inside = hashlib.sha256(b"contents").hexdigest()
    file = RemoteFile("toy.gz", 1, "md5:" + "0" * 32, inside)
    source = DatasetInfo("toy", "", "", (f"{mirror.url}good/",), (file,))
    (tmp_path / "toy").mkdir()
    for name, content in {"toy": b"contents", "toy.gz": gzip.compress(b"contents")}.items():
        (tmp_path / "toy" / name).write_bytes(content)
        [found] = download_dataset(source, tmp_path)
        assert (found.path.name, found.fetched) == (name, False)
    assert mirror.requests == []


def test_the_file_has_the_usual_rights(source, tmp_path):
    """Temporary files are often their owner's alone; a shared data folder needs more."""
    before = os.umask(0o022)
    [file] = download_dataset(source("good"), tmp_path)
    os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o644
