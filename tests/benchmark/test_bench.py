"""What a run of the benchmark answers; no test looks at how fast anything was."""

from __future__ import annotations

import json

import numpy as np
import pytest

from isolation import forget_modules
from lenet.benchmark import bench as bench_module
from lenet.benchmark import end_to_end, inference
from lenet.benchmark.bench import bench
from lenet.benchmark.engines import ENGINES
from lenet.benchmark.report import Report
from lenet.benchmark.timing import Plan, Timing, interleaved
from lenet.cli.bench import _report

TINY = Timing(rounds=2, block_seconds=0.0, pause_seconds=0.0)
RESULT_KEYS = {
    "work",
    "engine",
    "threads",
    "batch",
    "per_second",
    "seconds",
    "network",
    "p50_us",
    "ratio_to_native",
    "share_of_peak",
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(
        TINY,
        batches=(1, 3),
        thread_counts=(1,),
        left_out={"torch-compile": "not now"},
        end_to_end=False,
    )


@pytest.fixture(scope="module")
def on_progress() -> list[tuple[str, int, int]]:
    return []


@pytest.fixture(scope="module")
def report(plan, on_progress) -> Report:
    return bench(plan, on_progress=lambda *report: on_progress.append(report))


def test_the_document(report):
    document = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert set(document) == {"hardware", "results", "agreement", "skipped"}
    assert {"cpu", "cores", "memory", "os", "python", "versions"} <= set(document["hardware"])
    assert {"numpy", "torch", "onnxruntime", "openvino"} <= set(document["hardware"]["versions"])
    for row in document["results"]:
        assert set(row) >= RESULT_KEYS
        assert row["work"] in ("inference", "train-1998", "read")
        assert row["seconds"] > 0
        assert row["per_second"] == pytest.approx(row["batch"] / row["seconds"])
        answers_one = row["batch"] == 1 and row["work"] != "train-1998"
        assert (row["p50_us"] is not None) == answers_one
    for row in document["skipped"]:
        assert set(row) == {"engine", "work", "reason"}


def test_every_engine_is_timed_or_left_out(report):
    left_out = {row["engine"] for row in report.skipped if row["work"] == "inference"}
    for network in inference.networks():
        rows = [r for r in report.results if (r.work, r.network) == ("inference", network)]
        assert {row.engine for row in rows} | left_out == set(ENGINES)
        assert {row.engine for row in rows} & left_out == set()
        assert {row.batch for row in rows} == {1, 3}
    learners = {row.engine for row in report.results if row.work == "train-1998"}
    assert {"torch", "torch-naive"} <= learners
    assert len([row for row in report.results if row.work == "read"]) == 1
    assert {row["work"] for row in report.skipped} >= {"inference", "time-to-1%"}


def test_the_answers_agree(report):
    engines = {(r.work, r.engine, r.network) for r in report.results if r.work == "inference"}
    compared = {(r.work, r.engine, r.network) for r in report.agreement if r.work == "inference"}
    assert engines == compared
    for row in report.agreement:
        assert row.n == (1_400 if row.work == "train-1998" else 1_797)
        assert row.disagreements == 0, row
        assert row.max_relative_difference < 1e-4
    assert "torch-naive" in {row.engine for row in report.agreement if row.work == "train-1998"}


def test_ratios_are_to_native(report):
    for row in report.results:
        same = {
            other.engine: other
            for other in report.results
            if (other.work, other.network, other.threads, other.batch)
            == (row.work, row.network, row.threads, row.batch)
        }
        if "native" in same:
            ratio = row.per_second / same["native"].per_second
            assert row.ratio_to_native == pytest.approx(ratio)
        else:
            assert row.ratio_to_native is None
        if row.share_of_peak is not None:
            assert (row.engine, row.work) == ("native", "inference")
            assert row.share_of_peak > 0


def test_progress_is_reported(report, on_progress):
    assert [done for _, done, _ in on_progress] == list(range(len(on_progress)))
    assert on_progress[-1][1] == on_progress[-1][2] == 2 * 2 + 2


def test_the_table(report):
    text = _report(report)
    for word in ("inference, network 1998", "train-1998", "read", "agreement", "skipped"):
        assert word in text
    for result in report.results:
        assert result.engine in text
    assert "torch-compile" in text
    assert "not now" in text
    assert all(len(line) <= 125 for line in text.splitlines())


def test_without_mnist_the_whole_run_is_left_out(tmp_path):
    report = Report()
    end_to_end.measure_end_to_end(tmp_path, report)
    assert report.results == []
    assert report.skipped[0]["work"] == "time-to-1%"
    assert "lenet data fetch mnist" in report.skipped[0]["reason"]


@pytest.mark.parametrize(
    ("rate", "code", "said"), [(0.0098, 0, None), (0.0113, 0, "1.13%"), (0.0, 1, "exit code 1")]
)
def test_a_whole_run(rate, code, said, monkeypatch, tmp_path):
    class Done:
        returncode, stderr = code, "a line\nthe last line"
        stdout = json.dumps({"engine": "torch", "passes": [{"test_error_rate": rate}]})

    monkeypatch.setattr(end_to_end, "load_set", lambda name, folder: None)
    monkeypatch.setattr(end_to_end, "_train", lambda out, data_dir: Done)
    report = Report()
    end_to_end.measure_end_to_end(tmp_path, report)
    if said:
        assert said in report.skipped[0]["reason"]
        assert report.results == []
    else:
        (row,) = report.results
        assert (row.work, row.engine, row.test_error_rate) == ("time-to-1%", "torch", rate)
        assert "0.98%" in _report(Report({**EMPTY_MACHINE}, [row]))


EMPTY_MACHINE = {"cpu": "cpu", "cores": 2, "memory": None, "os": "os", "versions": {}}


def test_turns_are_taken_in_rounds():
    calls_made: list[str] = []
    calls = {name: (lambda name=name: calls_made.append(name)) for name in "abc"}
    taken = interleaved(calls, Timing(rounds=3, block_seconds=0.0, pause_seconds=0.0))
    assert set(taken) == set("abc")
    assert (
        "".join(calls_made[::2]) == "abcbcacab"
    )  # one call untimed and one timed; another one first
    assert calls_made[::2] == calls_made[1::2]


def test_without_torch_its_learners_are_left_out(monkeypatch, plan):
    import sys

    network = ("lenet.network.lenet5", "lenet.network.layers")
    forget_modules(
        monkeypatch, "lenet.benchmark.torch_peers", "lenet.training.torch_learner", *network
    )
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(bench_module, "measure_inference", lambda *given: None)
    monkeypatch.setattr(bench_module, "measure_reading", lambda *given: None)
    report = bench(plan)
    left_out = {
        row["engine"]: row["reason"] for row in report.skipped if row["work"] == "train-1998"
    }
    assert {"torch", "torch-naive"} <= set(left_out)
    assert "torch, which is not installed" in left_out["torch"]


def test_the_plans():
    quick, full = Plan.quick(), Plan.full()
    assert set(quick.left_out) < set(ENGINES)
    assert not full.left_out
    assert not quick.end_to_end
    assert full.end_to_end
    assert np.prod((quick.timing.rounds, quick.timing.block_seconds)) < full.timing.rounds
