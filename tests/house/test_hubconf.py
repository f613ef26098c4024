"""The repository in torch.hub's eyes, without lenet installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.subprocess

ROOT = Path(__file__).parents[2]
CODE = f"""
import runpy, sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
sys.meta_path[:] = [BuiltinImporter, FrozenImporter, PathFinder]  # no editable installation
sys.path[:] = [path for path in sys.path if path != {str(ROOT / "src")!r}]
import numpy as np, torch
hubconf = runpy.run_path({str(ROOT / "hubconf.py")!r})
assert [name for name in hubconf if callable(hubconf[name]) and name[0] != "_"] == ["lenet5"]
repository = {str(ROOT)!r}
network = torch.hub.load(repository, "lenet5", weights="modern", source="local")
digit = np.zeros((1, 28, 28), np.uint8)
digit[0, 4:24, 13:16] = 255
assert network.classify(digit).values == [1]
fresh = torch.hub.load(repository, "lenet5", weights=None, source="local")
assert sum(weights.numel() for weights in fresh.parameters()) == 60_000
assert sys.modules["lenet"].__file__.startswith({str(ROOT / "src")!r})
"""


def test_torch_hub_loads_the_network(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
