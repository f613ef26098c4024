"""What many tests need: real data if it is here, small networks, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # a core each; PyTorch's threads would wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from drawn import drawn_digits
from lenet.data.digits import DigitSet

if TYPE_CHECKING:
    import torch

if os.environ.get("LENET_DATA"):  # some tests call `lenet` from another folder
    os.environ["LENET_DATA"] = str(Path(os.environ["LENET_DATA"]).resolve())


# What a test starts, by the fixture that it asks for; files that start it themselves say so.
STARTS = {
    "browser": "browser",
    "served": "browser",
    "nodes": "ray",
    "run_lenet": "subprocess",
    "server": "subprocess",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it starts."""
    for item in items:
        for fixture in STARTS.keys() & set(item.fixturenames):
            item.add_marker(STARTS[fixture])


@pytest.fixture(scope="session")
def lenet_data() -> Path:
    """The folder LENET_DATA names, with the real MNIST; a test that needs it is skipped without."""
    folder = os.environ.get("LENET_DATA")
    if not folder or not (Path(folder) / "mnist").is_dir():
        pytest.skip("LENET_DATA with mnist/ is not here")
    return Path(folder)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1998)


@pytest.fixture
def planes(rng: np.random.Generator) -> torch.Tensor:
    """Three noisy planes, (3, 1, 32, 32)."""
    torch = pytest.importorskip("torch")
    return torch.from_numpy(rng.uniform(-0.1, 1.175, (3, 1, 32, 32)).astype(np.float32))


@pytest.fixture(scope="session")
def tiny_set() -> DigitSet:
    """A data set of 120 drawn digits that a few passes learn."""
    return DigitSet("tiny", drawn_digits(100), drawn_digits(20, seed=1), np.arange(80, 100))


@pytest.fixture(scope="session")
def run_lenet():
    """Call `lenet …` as a program: run_lenet("info", "--json") gives the finished process."""

    def call(*arguments: object, **options) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "lenet", *map(str, arguments)]
        options = {"capture_output": True, "text": True, "timeout": 120} | options
        return subprocess.run(command, check=False, **options)

    return call
