"""A reader adapted to labelled pictures: what it takes, what it writes, and what it refuses."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import lenet
from isolation import heed_interrupts
from lenet.cli.app import app
from lenet.data.datasets import load_sklearn_digits
from lenet.engine import native_engine
from lenet.errors import InputError, LenetError, UsageError
from lenet.network.sdnn import Sdnn
from lenet.reading.adaptation import HELD_OUT, MIN_PICTURES, Picture, _split

pytest.importorskip("torch")
pytest.importorskip("sklearn")
if not native_engine.available():
    pytest.skip("the kernels are not built here", allow_module_level=True)

from lenet.lines import adapt as lines_adapt
from lenet.lines.adapt import CANDIDATES, AdaptRecipe
from lenet.lines.adapt_sdnn import SdnnTuning
from lenet.lines.train_signs import composed_numbers
from lenet.training.optimisers import AdamW

SLOW_RATE = AdamW(batch=16, peak_rate=1e-6)
TUNING = replace(CANDIDATES, updates=2, method=SLOW_RATE)
TINY = AdaptRecipe(
    composed=8, sdnn=SdnnTuning(updates=2, method=SLOW_RATE), candidates=TUNING, signs=TUNING
)
COUNT = 40


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """A table of composed numbers, each a picture."""
    folder = tmp_path_factory.mktemp("numbers")
    rows = ["file,label"]
    for k, (grey, text) in enumerate(composed_numbers(load_sklearn_digits().train, COUNT, 7)):
        Image.fromarray(np.uint8(255 * grey.clip(0, 1))).save(folder / f"{k}.png")
        rows.append(f'{k}.png,"{text}"')
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def table(numbers, tmp_path):
    shutil.copytree(numbers, tmp_path / "numbers")
    return tmp_path / "numbers" / "labels.csv"


def rows(table, *more, count=COUNT):
    """Write the table anew: so many of its rows, and more."""
    lines = table.read_text().splitlines()[: count + 1]
    table.write_text("\n".join([*lines, *more]) + "\n")


@pytest.fixture(scope="module")
def adapted(numbers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "mine"
    with pytest.MonkeyPatch.context() as patch:  # four pictures must not decide anything here
        patch.setattr(lines_adapt, "mixed", lambda weights, numbers: weights)
        found = lenet.Reader().adapt(numbers / "labels.csv", folder, data="digits", recipe=TINY)
    return folder, found


def test_the_folder_is_what_the_adapted_reader_reads_with(adapted, numbers, run_lenet):
    folder, found = adapted
    assert found.learnt + found.validated + found.before.total == COUNT
    assert found.after.errors <= found.before.errors
    assert not [path for path in folder.parent.iterdir() if path != folder]
    mine, shipped = lenet.Reader(folder).all_weights, lenet.Reader().all_weights
    for one, other in (
        (mine.lines.sdnn.tensors, shipped.lines.sdnn.tensors),
        (mine.lines.network.tensors, shipped.lines.network.tensors),
    ):
        assert any(not np.array_equal(one[key], other[key]) for key in one)
    for key, tensor in shipped.digits.tensors.items():  # single digits are read as before
        assert np.array_equal(tensor, mine.digits.tensors[key])
    picture = numbers / "0.png"
    done = run_lenet("read", picture, "--weights", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert lenet.Reader(folder).read(picture).text in done.stdout


def test_a_folder_made_anew_is_read_anew(adapted, tmp_path):
    folder = shutil.copytree(adapted[0], tmp_path / "mine")
    lenet.Reader(folder)
    shipped = lenet.Reader().all_weights
    shutil.rmtree(folder)
    shipped.save(folder)
    tensors = lenet.Reader(folder).all_weights.lines.sdnn.tensors
    for key, tensor in shipped.lines.sdnn.tensors.items():
        assert np.array_equal(tensors[key], tensor)


def test_the_card_says_what_was_learnt_and_gained(adapted, numbers):
    folder, found = adapted
    card = json.loads((folder / "card.json").read_text())["adapted"]
    assert card["learnt"] == found.learnt
    assert card["before"]["interval_95"] == list(found.before.interval_95)
    assert set(card["started_from_sha256"]) == {"digits", "lines", "sdnn", "signs"}
    assert (card["seed"], card["dataset"], card["left_out"]) == (0, "digits", {})
    assert str(numbers) not in json.dumps(card)  # no path of this machine


@pytest.mark.parametrize(
    "lost", ["lines/sdnn.safetensors", "lines/context.safetensors", "lines/signs/card.json"]
)
def test_a_damaged_folder_is_refused(adapted, tmp_path, lost):
    folder = shutil.copytree(adapted[0], tmp_path / "damaged")
    (folder / lost).write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"damaged"):
        lenet.Reader(folder)


def test_the_command_reports_and_passes_over_what_it_cannot_use(table, tmp_path, monkeypatch):
    monkeypatch.setattr(lines_adapt, "adapt_weights", lambda lines, signs, *_, **__: (lines, signs))
    folder = table.parent
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    for name, source in (("same", "0"), ("other", "1")):
        shutil.copy(folder / f"{source}.png", folder / f"{name}.png")
    first = table.read_text().splitlines()[1].partition(",")[2]
    rows(
        table,
        f"same.png,{first}",
        "other.png,987654",
        *("0.png,abc", "0.png,12|34", "0.png,"),
        *("broken.png,5", "none.png,6"),
    )
    command = ["adapt", str(table), "--out", str(tmp_path / "mine"), "--data", "digits", "--json"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 3, done.output
    found = json.loads(done.stdout)
    assert found["left_out"] == {
        "duplicate": 1,
        "same picture, different labels": 2,
        "not a number": 1,
        "several rows": 1,
        "empty label": 1,
        "unreadable": 2,
    }
    assert found["learnt"] + found["validated"] + found["before"]["n"] == COUNT - 1
    assert found["after"]["right"] >= found["before"]["right"]
    assert "none.png: no such file" in done.stderr
    assert (tmp_path / "mine" / "weights.safetensors").is_file()


def test_a_worse_reader_is_not_written(numbers, tmp_path, monkeypatch):
    def spoilt(lines, signs, *_, **__):
        nothing = {name: np.zeros_like(t) for name, t in lines.sdnn.tensors.items()}
        zero = {name: np.zeros_like(t) for name, t in lines.network.tensors.items()}
        network = replace(lines.network, tensors=zero)
        return replace(lines, sdnn=Sdnn(nothing), network=network), signs

    monkeypatch.setattr(lines_adapt, "adapt_weights", spoilt)
    with pytest.raises(LenetError, match=r"worse on the pictures held out.*Nothing was written"):
        lenet.Reader().adapt(numbers / "labels.csv", tmp_path / "mine", data="digits")
    assert not list(tmp_path.iterdir())


def test_wrong_calls(table, tmp_path):
    reader, out = lenet.Reader(), tmp_path / "mine"
    with pytest.raises(UsageError, match="already exists"):
        reader.adapt(table, table.parent, data="digits")
    with pytest.raises(UsageError, match="layout page reads no single line"):
        lenet.Reader(layout="page").adapt(table, out)
    with pytest.raises(LenetError, match="could not write"):
        reader.adapt(table, "/proc/mine/out", data="digits")
    with pytest.raises(InputError, match="no such file"):
        reader.adapt(tmp_path / "none.csv", out)
    rows(table, "0.png,letters", count=MIN_PICTURES - 1)
    with pytest.raises(InputError, match=r"29 pictures .* at least 30; 1 left out: not a number"):
        reader.adapt(table, out, data="digits")
    table.write_text(
        "file,label,group\n" + "".join(f"{k}.png,{k},{'ab'[k % 2]}\n" for k in range(COUNT))
    )
    with pytest.raises(InputError, match="names 2 of them, expected at least 3"):
        reader.adapt(table, out, data="digits")
    assert not out.exists()


def test_without_torch_the_extra_is_named(table, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lenet.lines.adapt", None)
    with pytest.raises(LenetError, match=r"needs .*pip install"):
        lenet.Reader().adapt(table, tmp_path / "mine", data="digits")


@pytest.mark.subprocess
def test_ctrl_c_leaves_nothing(table, tmp_path):
    command = [sys.executable, "-m", "lenet", "adapt", table, "--out", tmp_path / "mine"]
    told = {"stderr": subprocess.PIPE, "text": True, "preexec_fn": heed_interrupts}
    with subprocess.Popen([*map(str, command), "--data", "digits"], **told) as process:
        assert process.stderr.readline().startswith("before: ")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert "Traceback" not in process.stderr.read()
    assert [path.name for path in tmp_path.iterdir()] == ["numbers"]


def test_pictures_of_one_group_stay_in_one_part(rng):
    pictures = [Picture("", "1", str(k % 23)) for k in range(200)]
    parts = _split(pictures, rng)
    groups = [{picture.group for picture in part} for part in parts]
    assert sum(map(len, groups)) == 23
    assert abs(len(parts.held_out) - HELD_OUT * 200) < 10
    assert all(groups)
