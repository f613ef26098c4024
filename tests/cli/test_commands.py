"""The documents others read, and what a wrong call gets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from lenet.files import LOCK, locked


def document(done):
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == 1
    assert next(iter(found)) == "schema"
    return found


def test_info(run_lenet):
    found = document(run_lenet("info", "--json"))
    assert (found["parameters"], found["connections"]) == (60_000, 340_908)
    assert [layer["name"] for layer in found["layers"]] == [
        "C1",
        "S2",
        "C3",
        "S4",
        "C5",
        "F6",
        "output",
    ]
    assert found["layers"][2]["shape"] == [16, 10, 10]
    assert {"name", "shape", "parameters", "connections"} <= set(found["layers"][0])
    simplified = document(run_lenet("info", "--network", "simplified", "--json"))
    assert simplified["parameters"] == 61_706
    assert run_lenet("info", "--network", "nope").returncode == 3


def test_train_then_evaluate(tmp_path, run_lenet):
    out = tmp_path / "run"
    options = ("--recipe", "quick", "--passes", 2, "--out", out)
    trained = run_lenet("train", "--data", "digits", *options, "--json")
    found = document(trained)
    keys = {"out", "recipe", "seed", "engine", "seconds", "passes", "weights_sha256"}
    assert keys <= set(found)
    assert [line["pass"] for line in found["passes"]] == [1, 2]
    assert {"pass", "train_error_rate", "test_error_rate", "seconds"} <= set(found["passes"][0])
    made = {path.name for path in out.iterdir()}
    wanted = {"run.json", "history.jsonl", "weights.safetensors", "card.json", "checkpoint"}
    assert wanted | {"figures", LOCK} == made
    evaluated = document(run_lenet("evaluate", "--weights", out, "--data", "digits", "--json"))
    assert (evaluated["dataset"], evaluated["split"], evaluated["n"]) == ("digits", "test", 397)
    assert evaluated["error_rate"] == evaluated["errors"] / 397
    assert evaluated["error_rate"] == found["passes"][-1]["test_error_rate"]
    assert sum(map(sum, evaluated["confusion"])) == 397
    assert len(evaluated["wrong"]) == evaluated["errors"]
    assert set(evaluated["wrong"][0]) == {"index", "label", "answer"}
    again = run_lenet("train", "--data", "digits", *options)
    assert again.returncode == 2
    assert "already holds a run" in again.stderr
    resumed = document(run_lenet("train", "--resume", "--out", out, "--json"))
    assert resumed["weights_sha256"] == found["weights_sha256"]
    other = run_lenet("train", "--resume", "--out", out, "--seed", 4)
    assert (other.returncode, "its seed differs" in other.stderr) == (2, True)


def test_a_quiet_run_says_only_the_result(tmp_path, run_lenet):
    options = ("--recipe", "quick", "--passes", 1, "--out", tmp_path / "run", "--quiet")
    done = run_lenet("train", "--data", "digits", *options)
    assert done.stderr == ""
    assert "test digits" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("frobnicate",), 2),
        (("train", "--data", "digits", "--recipe", "nope"), 2),
        (("train", "--data", "digits", "--engine", "steam"), 2),
        (("train", "--data", "digits", "--device", "cuda"), 2),
        (("train", "--data", "digits", "--passes", "0"), 2),
        (("train", "--data", "digits", "--seed", "-1"), 2),
        (("train", "--data", "digits", "--recipe", "lines", "--resume"), 2),
        (("train", "--data", "digits", "--recipe", "missing.toml"), 3),
        (("train", "--data", "no-such-folder"), 3),
        (("train", "--data", "mnist", "--data-dir", "nowhere"), 4),
        (("evaluate", "--data", "digits", "--split", "all"), 2),
        (("evaluate", "--data", "digits", "--weights", "nope"), 3),
        (("evaluate", "--data", "mnist", "--data-dir", "nowhere"), 4),
        (("train", "--data", "digits", "--out", "/proc/run"), 1),
        (("train", "--data", "digits", "--out", "file"), 1),
        (("show", "file"), 3),
        (("read", "file"), 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_calls(arguments, code, tmp_path, run_lenet):
    import torch

    if "cuda" in arguments and torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    (tmp_path / "file").write_text("not an image")
    done = run_lenet(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


LONG = "a" * 300  # the system takes 255


@pytest.mark.parametrize(
    "arguments",
    [
        ("info", "--network", LONG),
        ("evaluate", "--data", LONG),
        ("evaluate", "--data", "mnist", "--data-dir", LONG),
        ("train", "--data", "digits", "--recipe", "quick", "--resume", "--out", LONG),
        ("read", "file", "--figure", f"{LONG}.png"),
    ],
    ids=lambda words: " ".join(words)[:30],
)
def test_a_name_that_the_system_refuses(arguments, tmp_path, run_lenet):
    (tmp_path / "file").write_text("not an image")
    done = run_lenet(*arguments, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith("lenet: ")
    assert "File name too long" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_of_a_folder_lies_in_runs(tmp_path, run_lenet):
    """Not at runs/quick-../../scans, outside."""
    for digit in "01":
        for k in range(10):
            (tmp_path / "scans" / digit).mkdir(parents=True, exist_ok=True)
            plane = np.full((28, 28), 255, np.uint8)
            plane[4 + k : 10 + k, 10 : 14 + 4 * int(digit)] = 0
            Image.fromarray(plane).save(tmp_path / "scans" / digit / f"{k}.png")
    (tmp_path / "deep" / "here").mkdir(parents=True)
    options = ("--data", "../../scans", "--recipe", "quick", "--passes", 1, "--json")
    found = document(run_lenet("train", *options, cwd=tmp_path / "deep" / "here"))
    assert found["out"] == "runs/quick-scans-seed0"


@pytest.mark.parametrize(
    "command",
    [
        ("train", "--data", "digits"),
        ("train", "--data", "digits", "--recipe", "lines"),
        ("reproduce", "lenet-5", "--quick"),
    ],
    ids=" ".join,
)
def test_a_folder_in_use_is_refused(command, tmp_path, run_lenet):
    with locked(tmp_path / LOCK, tmp_path):
        done = run_lenet(*command, "--out", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path} is in use by another run" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]
