"""Work on several Ray nodes, one of them killed: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from threadpoolctl import threadpool_limits

from drawn import drawn_digits
from lenet.errors import LenetError, UsageError
from lenet.experiments.experiment import Budget, Experiment, Job
from lenet.experiments.report import Report, Row
from lenet.experiments.runner import Folder, reproduce
from lenet.reading.batch import Settings
from lenet.reading.batch import answers as local

pytestmark = [
    pytest.mark.slow,
    # Importing ray.data 2.60 sets deprecated fields of its own.
    pytest.mark.filterwarnings("ignore:`use_:DeprecationWarning:ray.data.context"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """600 images of 30 kinds, and one that is none."""
    place = tmp_path_factory.mktemp("images")
    digits = drawn_digits(90).images
    kinds = [np.hstack(digits[k : k + 3]) for k in range(0, 90, 3)]
    for k in range(600):
        Image.fromarray(255 - kinds[k % 30]).save(place / f"{k:03}.png")
    (place / "bad.png").write_bytes(b"nothing")
    return place


def test_a_node_dies_and_every_image_is_answered_once(connected, folder, monkeypatch):
    from lenet.cluster import reading

    monkeypatch.setattr(reading, "BATCH", 16)
    names, settings = sorted(map(str, folder.iterdir())), Settings(layout="line")
    found, seen = {}, Counter()
    for answer in reading.answers(names, settings):
        if not found:
            connected.kill_one(at=b"MapBatches(_read)")
        found[answer.file] = answer.to_dict()
        seen[answer.file] += 1
    assert seen == Counter(names)
    with threadpool_limits(1):  # as Ray's workers have it: several threads add in another order
        kinds = [row.to_dict() for row in local(names[:30], settings)]
    for k, name in enumerate(names[:-1]):
        assert found[name] == kinds[k % 30] | {"file": name}
    assert "not an image" in found[names[-1]]["error"]


def test_the_command_writes_what_a_local_run_writes(nodes, folder, run_lenet, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    there = os.environ | {"RAY_ADDRESS": nodes.cluster.address}
    some, rows = [folder / "bad.png", *(folder / f"{k:03}.png" for k in range(40))], {}
    for engine in ("local", "ray"):
        out = tmp_path / f"{engine}.parquet"
        done = run_lenet("read", *some, "--engine", engine, "--out", out, env=there)
        assert done.returncode == 3, done.stderr
        assert done.stderr.count("bad.png") == 1
        assert "41 read, 1 of them unreadable" in done.stderr
        rows[engine] = sorted(parquet.read_table(out).to_pylist(), key=lambda row: row["file"])
    assert rows["ray"] == rows["local"]
    more = ("--engine", "ray", "--out", tmp_path / "ray.parquet", "--resume")
    done = run_lenet("read", *some, folder / "041.png", *more, env=there)
    assert (done.returncode, "1 read; results" in done.stderr) == (0, True)
    assert parquet.read_table(tmp_path / "ray.parquet").num_rows == 42


def squared(workplace, number):
    time.sleep(0.4)
    return {"square": number * number}


def failing(workplace, number):
    raise LenetError("this job cannot be had")


def experiment(work):
    def report(plan, found):
        return Report([], [Row(name, float(each["square"])) for name, each in found.items()], [])

    jobs = [Job(f"n-{n}", work, {"number": n}) for n in range(6)]
    return Experiment("squares", "Squares", lambda plan: jobs, report)


def test_a_node_dies_and_every_piece_is_found(connected, lenet_data, tmp_path):
    import ray.cloudpickle

    from lenet.cluster.experiments import computed

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers have no tests
    told = []

    def hear(what, done, total):
        if what.startswith("squares") and not told:
            connected.kill_one(at=b"compute")
        told.append(what)

    asked, home = [experiment(squared)], Folder(tmp_path)
    (document,) = reproduce(asked, Budget(), home, lenet_data, hear, computed=computed)
    assert [row["ours"] for row in document["rows"]] == [0, 1, 4, 9, 16, 25]
    assert Counter(told[1:]) == Counter(f"squares: n-{n}" for n in range(6))
    assert json.loads(home.document("squares").read_text())["rows"] == document["rows"]
    with pytest.raises(LenetError, match=r"^this job cannot be had$"):
        reproduce(
            [experiment(failing)], Budget(), Folder(tmp_path / "b"), lenet_data, computed=computed
        )


def test_standard_input_is_refused():
    pytest.importorskip("ray")
    from lenet.cluster.reading import answers

    with pytest.raises(UsageError, match="standard input"):
        next(answers(["-"], Settings()))


@pytest.mark.parametrize("named", ["by RAY_ADDRESS", "as a client's", "by the last cluster"])
def test_a_cluster_that_is_gone_is_refused_at_once(named, monkeypatch, tmp_path):
    ray = pytest.importorskip("ray")
    from lenet.cluster import connected

    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = f"127.0.0.1:{gone.getsockname()[1]}"
    monkeypatch.setattr(ray, "init", lambda **_: pytest.fail("Ray would wait for 14 minutes"))
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    if named == "by the last cluster":
        (tmp_path / "ray").mkdir()
        (tmp_path / "ray" / "ray_current_cluster").write_text(address)
    else:
        address = f"ray://{address}" if named == "as a client's" else address
        monkeypatch.setenv("RAY_ADDRESS", address)
    told = f"no cluster answers at {address} .*RAY_ADDRESS=local"
    with pytest.raises(LenetError, match=told), connected():
        pass


@pytest.mark.parametrize("address", ["nonsense", "host:port", "no-such-host.invalid:6379"])
def test_addresses_that_are_none(address, monkeypatch):
    pytest.importorskip("ray")
    from lenet.cluster import connected

    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(LenetError, match=f"no cluster answers at {address}"), connected():
        pass


@pytest.mark.parametrize("verb", [("read", "a.png"), ("reproduce", "table")])
def test_without_ray_one_sentence_says_what_to_install(verb):
    code = """
import sys
sys.modules["ray"] = None
sys.argv = ["lenet", *sys.argv[1:]]
from lenet.cli import main
main()
"""
    command = [sys.executable, "-c", code, *verb, "--engine", "ray"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'lenet[ray]'" in done.stderr
