"""Which engine a run gets, and what it is told when it cannot have it."""

from __future__ import annotations

import json

import pytest

from lenet.engine import native_engine
from lenet.errors import LenetError, UsageError
from lenet.training.engines import choose_engine


@pytest.fixture(params=[True, False], ids=["built", "not built"])
def built(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(native_engine, "_kernels", None)
    elif not native_engine.available():
        pytest.skip("no compiled kernels on this machine")
    return request.param


def test_auto_takes_the_fastest_that_can(built):
    assert choose_engine("auto") == ("native" if built else "torch")
    assert choose_engine("auto", "cuda") == "torch"
    assert choose_engine("torch") == "torch"


def test_native_is_refused_with_its_reason(built):
    if built:
        assert choose_engine("native") == "native"
    else:
        with pytest.raises(UsageError, match="the compiled kernels are not built"):
            choose_engine("native")
        with pytest.raises(LenetError, match="install a C\\+\\+ compiler"):
            native_engine.kernels()
    with pytest.raises(UsageError, match="--engine native"):
        choose_engine("native", "cuda")


@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_the_run_says_which_engine_it_had(engine, run_lenet, tmp_path):
    arguments = ("--data", "digits", "--recipe", "quick", "--passes", "1", "--engine", engine)
    done = run_lenet("train", *arguments, "--out", tmp_path / "run", "--json")
    wanted = "native" if engine == "auto" and native_engine.available() else "torch"
    assert json.loads(done.stdout)["engine"] == wanted
    assert f"engine {wanted}" in done.stderr
