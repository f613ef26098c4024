"""Several processes learn what one learns; one of them killed, they go on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import distributed_cases
import numpy as np
import pytest

from lenet.data.datasets import load_sklearn_digits
from lenet.errors import UsageError
from lenet.network.weights import load_weights
from lenet.training.distributed import World
from lenet.training.fit import Callbacks, fit
from lenet.training.recipe import RunConfig
from lenet.training.recipes import load_recipe

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]


def assert_same_weights(one: Path, other: Path) -> None:
    """Equal but for rounding: sums of a batch are taken in another order.

    Units of F6 that are the same in all ten codes add as much to every penalty, so that nothing is
    to be learnt there: their gradients are rounding alone, which AdamW makes full steps of.
    """
    alone, shared = load_weights(one).tensors, load_weights(other).tensors
    codes = alone.get("output.codes", np.arange(2 * 84).reshape(2, 84))
    learning = (codes != codes[0]).any(0)
    for name, tensor in alone.items():
        told = learning if name.startswith("f6.") else ...
        expected, found = tensor[told], shared[name][told]
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6, err_msg=name)


def rates(folder: Path) -> list[tuple[float, float]]:
    lines = (folder / "history.jsonl").read_text().splitlines()
    return [(line["train_error_rate"], line["test_error_rate"]) for line in map(json.loads, lines)]


@pytest.mark.slow
def test_two_processes_learn_what_one_does(tmp_path):
    command = [*TORCHRUN, distributed_cases.__file__, str(tmp_path / "shared")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    for config in distributed_cases.CONFIGS:
        name = config.recipe.name
        fit(config, distributed_cases.tiny(), tmp_path / name, callbacks=Callbacks())
        assert_same_weights(tmp_path / name, tmp_path / "shared" / name)
        assert rates(tmp_path / name) == rates(tmp_path / "shared" / name)
    assert (tmp_path / "shared" / "refused").exists()  # other digits on another machine


def of_rank(rank: int, launcher: int) -> int:
    """The process of that rank among those that torchrun started."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    names = {pid: Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") for pid in children}
    (found,) = [int(pid) for pid, told in names.items() if b"RANK=%d" % rank in told]
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc on this machine")
def test_a_killed_process_is_replaced_and_the_run_goes_on(tmp_path):
    recipe = tmp_path / "r.toml"
    recipe.write_text('passes = 5\nloss = "eq9"\ntemperature = 10\n[adamw]\nbatch = 100\n')
    arguments = ["train", "--recipe", recipe, "--data", "digits", "--out", tmp_path / "shared"]
    command = [*TORCHRUN, "--max-restarts=1", "-m", "lenet", *map(str, arguments)]
    told = []
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        for line in run.stderr:
            told.append(line)
            if line.startswith("pass   2/5"):
                os.kill(of_rank(1, run.pid), signal.SIGKILL)
    assert run.returncode == 0, "".join(told)
    assert any("exitcode: -9" in line for line in told)
    assert sum(", 2 processes, into" in line for line in told) == 2  # begun anew
    passes = [int(line.split("/")[0].split()[1]) for line in told if re.match(r"pass +\d", line)]
    assert passes == [1, 2, 3, 4, 5]  # what the checkpoint holds is not learnt again
    config = RunConfig(load_recipe(recipe), "digits", engine="torch")
    fit(config, load_sklearn_digits(), tmp_path / "alone", callbacks=Callbacks())
    assert_same_weights(tmp_path / "alone", tmp_path / "shared")


def test_a_place_is_what_the_launcher_says():
    assert World.from_environment({}) == World.from_environment({"RANK": "3"}) == World()
    told = {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "TORCHELASTIC_RESTART_COUNT": "2"}
    assert World.from_environment(told) == World(
        rank=3, size=4, local_rank=1, restarts=2, machines=1
    )
    with pytest.raises(UsageError, match="WORLD_SIZE=two"):
        World.from_environment({"RANK": "0", "WORLD_SIZE": "two"})


def test_a_team_learns_mini_batches_in_pytorch():
    quick, world = RunConfig(load_recipe("quick")), World(size=2)
    assert [world.settle_engine(quick, engine).engine for engine in ("auto", "torch")] == [
        "torch"
    ] * 2
    with pytest.raises(UsageError, match="--engine native"):
        world.settle_engine(quick, "native")
    for recipe, why in (("1998", "after every single digit"), ("modern", "from teachers")):
        with pytest.raises(UsageError, match=why):
            world.settle_engine(RunConfig(load_recipe(recipe)), "torch")
        assert World().settle_engine(RunConfig(load_recipe(recipe)), "torch").engine == "torch"


@pytest.mark.parametrize("recipe", ["1998", "lines"])
def test_the_command_refuses_what_cannot_be_shared(recipe, run_lenet, tmp_path):
    place = os.environ | {"RANK": "0", "WORLD_SIZE": "2"}
    done = run_lenet("train", "--recipe", recipe, "--data", "digits", env=place, cwd=tmp_path)
    assert done.returncode == 2
    assert "without torchrun" in done.stderr
    assert not list(tmp_path.iterdir())
