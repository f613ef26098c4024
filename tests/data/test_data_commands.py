"""`lenet data list|fetch|verify` as a person meets them: words, exit codes, JSON."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from lenet.cli import main
from lenet.data.registry import REGISTRY, RemoteFile, check_file


@pytest.fixture
def lenet(monkeypatch, capsys, tmp_path):
    """Run the command with a data folder of its own."""
    monkeypatch.setenv("LENET_DATA", str(tmp_path))

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["lenet", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return SimpleNamespace(code=end.value.code or 0, **capsys.readouterr()._asdict())

    return run


@pytest.fixture
def toy(mirror, monkeypatch):
    """Let "mnist" be one small file on the mirror that the test names."""

    def make(kind):
        digest = hashlib.sha256(mirror.content).hexdigest()
        file = RemoteFile("toy.gz", len(mirror.content), f"sha256:{digest}")
        source = replace(REGISTRY["mnist"], mirrors=(f"{mirror.url}{kind}/",), files=(file,))
        monkeypatch.setitem(REGISTRY, "mnist", source)

    return make


def test_fetch_then_verify_then_damage_then_mend(lenet, toy, mirror, tmp_path):
    toy("good")
    file = tmp_path / "mnist" / "toy.gz"
    answer = lenet("data", "fetch", "mnist")
    assert (answer.code, answer.out, answer.err) == (0, f"{file}  fetched\n", "")
    assert lenet("data", "fetch").out == f"{file}  was there\n"
    assert "mnist    whole" in lenet("data", "verify").out
    file.write_bytes(b"torn")
    for words in (["verify"], ["verify", "mnist"], ["verify", "mnist", "--json", "--quiet"]):
        answer = lenet("data", *words)
        assert answer.code == 3
        came, expected = (hashlib.sha256(text).hexdigest() for text in (b"torn", mirror.content))
        assert f"{file}: SHA256 of the file is {came}, expected {expected}" in answer.err
        assert "lenet data fetch mnist" in answer.err
        assert "Traceback" not in answer.err
    assert "mnist    damaged" in lenet("data", "list").out
    assert lenet("data", "fetch").out == f"{file}  fetched\n"
    assert file.read_bytes() == mirror.content


def test_the_json_documents(lenet, toy, tmp_path):
    toy("good")
    fetched = json.loads(lenet("data", "fetch", "--json").out)
    file = str(tmp_path / "mnist" / "toy.gz")
    assert fetched == {
        "schema": 1,
        "data_dir": str(tmp_path),
        "name": "mnist",
        "files": [{"file": file, "fetched": True}],
    }
    for verb in ("list", "verify"):
        answer = lenet("data", verb, "mnist", "--json")
        document = json.loads(answer.out)
        assert (answer.code, answer.err, document["schema"]) == (0, "", 1)
        [row] = document["sets"]
        assert (row["name"], row["state"]) == ("mnist", "whole")
        assert row["files"] == [{"file": file, "state": "whole", "problem": None}]


def test_list_shows_all_sets_and_where(lenet, tmp_path):
    answer = lenet("data", "list")
    assert answer.code == 0
    assert str(tmp_path) in answer.err
    states = [line.split()[:2] for line in answer.out.splitlines()]
    assert states == [[n, "embedded" if n == "digits" else "missing"] for n in REGISTRY]
    assert lenet("data", "list", "--quiet").err == ""
    other = lenet("data", "list", "--data-dir", "/elsewhere", "--json").out
    assert json.loads(other)["data_dir"] == "/elsewhere"


def test_verify_of_what_is_missing_in_part_or_whole(lenet, write_idx_set, tmp_path):
    assert lenet("data", "verify").code == 0  # no set is there, so none is broken
    answer = lenet("data", "verify", "usps")
    assert answer.code == 3
    assert f"{tmp_path / 'usps' / 'usps.t.bz2'}: missing" in answer.err
    names = [file.name for file in REGISTRY["mnist"].files]
    write_idx_set(tmp_path / "mnist", names)
    (tmp_path / "mnist" / names[0]).unlink()
    (tmp_path / "mnist" / names[1]).write_bytes(b"\x1f\x8btorn")
    (tmp_path / "mnist" / names[2]).unlink()
    (tmp_path / "mnist" / names[2]).mkdir()
    answer = lenet("data", "verify")
    assert answer.code == 3
    assert [line.split()[-1] for line in answer.out.splitlines()] == ["embedded", "damaged"]
    assert f"{names[0]}: missing" in answer.err
    assert f"{names[1]}: cannot be read" in answer.err
    assert f"{names[2]}: cannot be read" in answer.err
    assert f"{names[3]}: SHA256 of its contents is " in answer.err


def test_no_mirror_is_exit_4(lenet, toy, tmp_path):
    toy("gone")
    answer = lenet("data", "fetch", "mnist", "--json")
    assert (answer.code, answer.out) == (4, "")
    assert "answered 404" in answer.err
    assert str(tmp_path / "mnist") in answer.err


@pytest.mark.parametrize("verb", ["list", "fetch", "verify"])
def test_an_unknown_set_is_exit_2(lenet, verb):
    answer = lenet("data", verb, "mnits")
    assert answer.code == 2
    assert all(word in answer.err for word in ("'mnits'", "digits, mnist"))


def test_nothing_to_fetch_for_embedded_digits(lenet):
    answer = lenet("data", "fetch", "digits")
    assert (answer.code, answer.out) == (0, "")
    assert "nothing to fetch" in answer.err


def test_bars_on_a_terminal_only(lenet, toy, tmp_path, monkeypatch):
    toy("good")
    assert lenet("data", "fetch").err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    for words, bars in ((["--quiet"], False), ([], True)):
        (tmp_path / "mnist" / "toy.gz").unlink()
        answer = lenet("data", "fetch", *words)
        assert answer.out.endswith("toy.gz  fetched\n")
        assert ("toy.gz" in answer.err) == bars
    assert "400.0/400.0 kB" in answer.err


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda b: gzip.compress(b, 1)])
def test_contents_decide_where_their_hash_is_known(tmp_path, pack):
    inside = b"contents" * 100
    file = RemoteFile("toy.gz", 1, "md5:" + "0" * 32, hashlib.sha256(inside).hexdigest())
    (tmp_path / "toy.gz").write_bytes(pack(inside))
    assert check_file(file, tmp_path).state == "whole"
    (tmp_path / "toy.gz").write_bytes(pack(inside + b"!"))
    state = check_file(file, tmp_path)
    assert state.state == "damaged"
    assert hashlib.sha256(inside + b"!").hexdigest() in state.problem
    assert file.unpacked in state.problem
