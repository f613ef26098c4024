"""A run into a folder: what it leaves, and that stopping it anywhere changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from isolation import heed_interrupts
from lenet.augmentation.warp import Distortion
from lenet.data.digits import DigitSet
from lenet.engine.native_engine import available
from lenet.errors import InputError, LenetError, UsageError
from lenet.network.lenet5 import load
from lenet.training import fit as fit_module
from lenet.training.checkpoint import read_checkpoint
from lenet.training.fit import Callbacks, fit
from lenet.training.native_learner import NativeAdamW, NativeSdlm
from lenet.training.optimisers import AdamW, Sdlm
from lenet.training.recipe import Distillation, Recipe, RunConfig
from lenet.training.run_folder import read_record
from lenet.training.torch_learner import AdamWLearner, SdlmLearner

SDLM = Recipe(name="s", optimiser=Sdlm(rate_factor=0.3, curvature_patterns=20), passes=3)
ADAMW = Recipe(name="a", optimiser=AdamW(batch=8), passes=3, loss="eq9")
BENT = replace(ADAMW, distortion=Distortion(10, 0.1, 0.1, 1, 10, 3))
TAUGHT = replace(BENT, temperature=10.0, distillation=Distillation((ADAMW, SDLM), copies=2))
NATIVE = pytest.mark.skipif(not available(), reason="no compiled kernels on this machine")
EACH = pytest.mark.parametrize(
    "order",
    [
        pytest.param(RunConfig(SDLM, "tiny", engine="torch"), id="sdlm"),
        pytest.param(RunConfig(ADAMW, "tiny", engine="torch"), id="adamw"),
        pytest.param(RunConfig(BENT, "tiny", engine="torch"), id="bent"),
        pytest.param(RunConfig(TAUGHT, "tiny", engine="torch"), id="taught"),
        pytest.param(RunConfig(SDLM, "tiny", engine="native"), id="sdlm-native", marks=NATIVE),
        pytest.param(RunConfig(ADAMW, "tiny", engine="native"), id="adamw-native", marks=NATIVE),
        pytest.param(RunConfig(BENT, "tiny", engine="native"), id="bent-native", marks=NATIVE),
        pytest.param(RunConfig(TAUGHT, "tiny", engine="native"), id="taught-native", marks=NATIVE),
    ],
)


class StoppedError(Exception):
    """Stands for a kill at a chunk boundary."""


@pytest.fixture(autouse=True)
def _checkpoint_after_every_chunk(monkeypatch):
    monkeypatch.setattr(fit_module, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(SdlmLearner, "chunk", 30)
    monkeypatch.setattr(NativeSdlm, "chunk", 30)
    monkeypatch.setattr(AdamWLearner, "batches_per_chunk", 4)
    monkeypatch.setattr(NativeAdamW, "batches_per_chunk", 4)


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def stop_after(chunks):
    """A listener that ends the run after so many chunks."""
    seen = []

    def learnt(number, done, total):
        seen.append(done)
        if len(seen) == chunks:
            raise StoppedError

    return Callbacks(on_progress=learnt)


@pytest.mark.slow
@EACH
def test_what_a_run_leaves(order, tiny_set, tmp_path):
    lines = []
    run = fit(order, tiny_set, tmp_path / "run", callbacks=Callbacks(lines.append))
    assert [line["pass"] for line in lines] == [1, 2, 3]
    assert lines == run.history()
    assert lines[-1]["train_error_rate"] < lines[0]["train_error_rate"]
    about = json.loads((run.path / "run.json").read_text())
    assert Recipe.from_dict(about["recipe"]) == order.recipe
    assert about["engine"] == order.engine
    assert about["weights_sha256"] == sha256(run.path / "weights.safetensors")
    assert about["data_sha256"] == tiny_set.sha256
    assert about["versions"]["torch"] == torch.__version__
    network = load(run.path)
    answers = network.classify(tiny_set.test.images).values
    wrong = (answers != tiny_set.test.labels).mean()
    assert wrong == pytest.approx(lines[-1]["test_error_rate"])
    card = json.loads((run.path / "card.json").read_text())
    assert card["temperature"] == pytest.approx(network.temperature)


@pytest.mark.slow
@EACH
def test_the_same_seed_gives_the_same_bits_and_another_does_not(order, tiny_set, tmp_path):
    hashes = [
        fit(replace(order, seed=seed), tiny_set, tmp_path / name, callbacks=Callbacks()).record[
            "weights_sha256"
        ]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("chunks", [1, 2, 4, 6])
def test_stopped_anywhere_it_ends_the_same(order, chunks, tiny_set, tmp_path):
    whole = fit(order, tiny_set, tmp_path / "whole", callbacks=Callbacks())
    folder = tmp_path / "stopped"
    resume = False
    for _ in range(40):
        try:
            run = fit(order, tiny_set, folder, resume=resume, callbacks=stop_after(chunks))
            break
        except StoppedError:
            resume = True
            if chunks == 1:  # the chunk was learnt but not written: no progress, so let one through
                chunks = 2
    assert resume
    assert run.record["weights_sha256"] == whole.record["weights_sha256"]
    same = [{**line, "seconds": 0} for line in run.history()]
    assert same == [{**line, "seconds": 0} for line in whole.history()]


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["torn", "empty", "flipped"])
@pytest.mark.parametrize("how_many", [1, 2])
def test_a_harmed_checkpoint_is_noticed_and_the_one_before_used(harm, how_many, tiny_set, tmp_path):
    order = RunConfig(SDLM, "tiny")
    whole = fit(order, tiny_set, tmp_path / "whole", callbacks=Callbacks())
    with pytest.raises(StoppedError):
        fit(order, tiny_set, tmp_path / "run", callbacks=stop_after(7))
    files = sorted((tmp_path / "run/checkpoint").iterdir())
    assert len(files) == 2
    for file in files[-how_many:]:
        content = bytearray(file.read_bytes())
        if harm == "flipped":
            content[len(content) // 2] ^= 1
        file.write_bytes(content[: {"torn": len(content) // 2, "empty": 0}.get(harm)])
    said = []
    run = fit(
        order, tiny_set, tmp_path / "run", resume=True, callbacks=Callbacks(on_warning=said.append)
    )
    assert run.record["weights_sha256"] == whole.record["weights_sha256"]
    assert sum("torn or was changed" in text for text in said) == how_many
    assert sum("from the beginning" in text for text in said) == (how_many == 2)


def test_a_folder_with_a_run_is_not_overwritten(tiny_set, tmp_path):
    fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path, callbacks=Callbacks())
    before = sha256(tmp_path / "weights.safetensors")
    with pytest.raises(UsageError, match="already holds a run"):
        fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path, callbacks=Callbacks())
    with pytest.raises(UsageError, match="its seed differs"):
        fit(RunConfig(ADAMW, "tiny", 3), tiny_set, tmp_path, resume=True, callbacks=Callbacks())
    other = DigitSet("tiny", tiny_set.test, tiny_set.test, np.arange(3))
    with pytest.raises(UsageError, match="data_sha256"):
        fit(RunConfig(ADAMW, "tiny"), other, tmp_path, resume=True, callbacks=Callbacks())
    assert sha256(tmp_path / "weights.safetensors") == before
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(InputError, match="not the record of a run"):
        fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path, resume=True, callbacks=Callbacks())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("seed", value) for value in (-5, 10**400, "0", None, [1], True)),
        *(("data", value) for value in (3, [])),
        *(("device", "tpu"), ("engine", "steam"), ("holdout", "no"), ("score_every_pass", 7)),
        *(("recipe", value) for value in (3, {})),
    ],
)
def test_a_record_of_a_run_is_not_trusted(key, value, tmp_path):
    record = RunConfig(ADAMW, "tiny").to_dict() | {key: value}
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"run\.json: not the record of a run"):
        read_record(tmp_path)


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "\xff", " " * 2**20 + "{}"], ids=range(4))
def test_other_documents_are_no_record(text, tmp_path):
    (tmp_path / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=r"run\.json: not the record of a run"):
        read_record(tmp_path)


def test_a_folder_whose_name_is_no_text_is_resumed(tiny_set, tmp_path):
    config = RunConfig(ADAMW, os.fsdecode(b"caf\xe9"))
    fit(config, tiny_set, tmp_path, callbacks=Callbacks())
    assert RunConfig.from_dict(read_record(tmp_path)) == config
    fit(config, tiny_set, tmp_path, resume=True, callbacks=Callbacks())


def test_a_sparse_checkpoint_is_not_read(tmp_path):
    with (tmp_path / f"000001-{'0' * 64}.safetensors").open("wb") as file:
        file.truncate(60 * 2**30)
    said = []
    assert read_checkpoint(tmp_path, said.append) is None
    assert "at most" in said[0]


def test_a_record_without_provenance_is_completed(tiny_set, tmp_path):
    fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path, callbacks=Callbacks())
    record = json.loads((tmp_path / "run.json").read_text())
    del record["versions"], record["hardware"]
    (tmp_path / "run.json").write_text(json.dumps(record))
    again = fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path, resume=True, callbacks=Callbacks())
    assert again.record["versions"]
    del record["test_n"]
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(UsageError, match="its test_n differs"):
        fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path, resume=True, callbacks=Callbacks())


@pytest.mark.parametrize("every_pass", [False, True])
def test_test_digits_are_scored_once_unless_asked(every_pass, tiny_set, tmp_path):
    config = RunConfig(ADAMW, "tiny", score_every_pass=every_pass)
    run = fit(config, tiny_set, tmp_path / "run", callbacks=Callbacks())
    scored = [line["test_error_rate"] is not None for line in run.history()]
    assert scored == [every_pass, every_pass, True]
    once = fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path / "once", callbacks=Callbacks())
    assert once.record["weights_sha256"] == run.record["weights_sha256"]


def test_held_out_digits_are_not_learnt_and_test_is_scored_once(tiny_set, tmp_path):
    order = RunConfig(ADAMW, "tiny", holdout=True)
    history = fit(order, tiny_set, tmp_path / "a", callbacks=Callbacks()).history()
    assert [line["test_error_rate"] is None for line in history] == [True, True, False]
    assert all(0 <= line["validation_error_rate"] <= 1 for line in history)
    labels = tiny_set.train.labels.copy()
    labels[tiny_set.validation] = 0  # what is held out cannot matter to the weights
    train = type(tiny_set.train)(tiny_set.train.images, labels)
    changed = DigitSet("tiny", train, tiny_set.test, tiny_set.validation)
    fit(order, changed, tmp_path / "b", callbacks=Callbacks())
    hashes = {sha256(tmp_path / name / "weights.safetensors") for name in "ab"}
    assert len(hashes) == 1


def test_history_killed_after_its_checkpoint_is_written_again(tiny_set, tmp_path):
    run = fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path, callbacks=Callbacks())
    whole = run.history()
    (tmp_path / "history.jsonl").unlink()
    again = fit(RunConfig(ADAMW, "tiny"), tiny_set, tmp_path, resume=True, callbacks=Callbacks())
    assert again.history() == whole


def test_a_set_without_digits_to_score_is_refused(tiny_set, tmp_path):
    empty = tiny_set.test.take(np.arange(0))
    for order, digits in (
        (RunConfig(SDLM), DigitSet("s", tiny_set.train, empty, tiny_set.validation)),
        (RunConfig(SDLM, holdout=True), DigitSet("s", tiny_set.train, tiny_set.test, np.arange(0))),
        (RunConfig(SDLM), DigitSet("s", empty, tiny_set.test, np.arange(0))),
    ):
        with pytest.raises(InputError, match="s is too small"):
            fit(order, digits, tmp_path / "run", callbacks=Callbacks())
    assert not (tmp_path / "run").exists()


@NATIVE
def test_resuming_with_other_kernels_warns(tiny_set, tmp_path, monkeypatch):
    order, said = RunConfig(SDLM, "tiny", engine="native"), []
    with pytest.raises(StoppedError):
        fit(order, tiny_set, tmp_path, callbacks=stop_after(2))
    monkeypatch.setattr(fit_module, "kernels_of", lambda order: "abacus")
    fit(order, tiny_set, tmp_path, resume=True, callbacks=Callbacks(on_warning=said.append))
    assert any("resuming with the abacus kernels" in text for text in said)


def test_a_set_without_validation_digits_still_gets_its_weights(tiny_set, tmp_path):
    digits = DigitSet("s", tiny_set.train, tiny_set.test, np.arange(0))
    run = fit(RunConfig(ADAMW, "tiny"), digits, tmp_path, callbacks=Callbacks())
    assert load(run.path).temperature == 1.0


def test_a_diverging_recipe_says_so(tiny_set, tmp_path):
    wild = Recipe(name="w", optimiser=Sdlm(rates=(1e38,)), passes=1)
    with pytest.raises(LenetError, match="diverges"):
        fit(RunConfig(wild, "tiny"), tiny_set, tmp_path, callbacks=Callbacks())


def test_a_full_disk_leaves_the_last_checkpoint(tiny_set, tmp_path):
    """The kernel refuses files over 300 kB from some moment on, as a full disk would."""
    order = RunConfig(SDLM, "tiny")
    whole = fit(order, tiny_set, tmp_path / "whole", callbacks=Callbacks())
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def fill(number, done, total):
        if (number, done) == (2, 60):
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, kept[1]))

    try:
        with pytest.raises(LenetError, match=r"could not write .*untouched"):
            fit(order, tiny_set, tmp_path / "run", callbacks=Callbacks(on_progress=fill))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
        signal.signal(signal.SIGXFSZ, ignored)
    assert not list(tmp_path.rglob("*.part"))
    state = read_checkpoint(tmp_path / "run/checkpoint", warn=pytest.fail)
    assert state is not None
    assert (len(state[1].history), state[1].position) == (1, 30)
    run = fit(order, tiny_set, tmp_path / "run", resume=True, callbacks=Callbacks())
    assert run.record["weights_sha256"] == whole.record["weights_sha256"]


def test_a_second_run_in_the_same_folder_is_refused(tiny_set, tmp_path):
    order, refused = RunConfig(SDLM, "tiny"), []

    def again(line):
        for resume in (False, True):
            with pytest.raises(UsageError, match="is in use by another run"):
                fit(order, tiny_set, tmp_path, resume=resume, callbacks=Callbacks())
            refused.append(resume)

    fit(order, tiny_set, tmp_path, callbacks=Callbacks(on_pass=again))
    assert refused == [False, True] * SDLM.passes
    fit(order, tiny_set, tmp_path, resume=True, callbacks=Callbacks())


TOML = "passes = 40\n[sdlm]\nrate_factor = 0.3\n"


def command(folder, *more):
    arguments = ["train", "--data", "digits", "--out", str(folder), *more]
    return [sys.executable, "-m", "lenet", *arguments]


@pytest.mark.slow
def test_ctrl_c_leaves_a_run_that_resume_continues(tmp_path):
    recipe = tmp_path / "r.toml"
    recipe.write_text(TOML.replace("40", "3"))
    begin = command(tmp_path / "run", "--recipe", recipe)

    told = {"stderr": subprocess.PIPE, "text": True, "preexec_fn": heed_interrupts}
    with subprocess.Popen(begin, **told) as process:
        for line in process.stderr:  # after the first pass
            if line.startswith("pass"):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert "--resume" in rest
    again = subprocess.run(
        command(tmp_path / "run", "--resume", "--json"), capture_output=True, check=True, text=True
    )
    assert len(json.loads(again.stdout)["passes"]) == 3


@pytest.mark.slow
def test_twenty_kills_end_with_the_same_weights(tmp_path):
    """SIGKILL at twenty random moments, start-up and writing included."""
    recipe = tmp_path / "r.toml"
    recipe.write_text(TOML)
    started, whole = time.monotonic(), command(tmp_path / "whole", "--recipe", recipe)
    with subprocess.Popen(whole, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while b"pass" not in process.stderr.readline():
            pass
        first_pass = time.monotonic() - started  # from start-up to the end of the first pass
        process.stderr.read()
    assert process.returncode == 0
    generator = np.random.default_rng(int.from_bytes(os.urandom(4), "big"))
    resumed = command(tmp_path / "run", "--recipe", recipe, "--resume")
    kills = 0
    while kills < 20:
        process = subprocess.Popen(resumed, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            process.wait(timeout=generator.uniform(0.1, 1.3 * first_pass))
            shutil.rmtree(tmp_path / "run")  # it got to its end between two kills: once more
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    last = subprocess.run(resumed, check=True, capture_output=True, text=True)
    assert "Traceback" not in last.stderr
    weights = [tmp_path / name / "weights.safetensors" for name in ("whole", "run")]
    assert sha256(weights[0]) == sha256(weights[1])
