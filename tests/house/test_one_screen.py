"""The one-screen PyTorch LeNet-5 and its imitation are the networks that lenet builds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from drawn import drawn_digits

torch = pytest.importorskip("torch")

from lenet.network.architecture import ARCHITECTURES  # noqa: E402
from lenet.network.lenet5 import LeNet5  # noqa: E402
from lenet.network.plane import to_planes  # noqa: E402
from lenet.training.loss import mean_loss  # noqa: E402

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def examples_importable(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)


def close(given: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(given, expected, rtol=1e-5, atol=1e-5)


def weights_of(network: LeNet5) -> dict[str, torch.Tensor]:
    """Its weights under the names of the one screen."""
    state = network.state_dict()
    names = {"c3.kernels": "c3_kernels", "c3.bias": "c3_bias", "output.codes": "codes"}
    return {
        names.get(name, name): value[:, None, None] if name.startswith("s") else value
        for name, value in state.items()
    }


@torch.no_grad()
def test_the_published_network(planes):
    from lenet5_in_pytorch import LeNet5 as OneScreen

    ours, theirs = LeNet5(), OneScreen()
    fixed = torch.equal(theirs.codes, ours.output.codes)
    theirs.load_state_dict(weights_of(ours))
    assert fixed
    assert sum(weights.numel() for weights in theirs.parameters()) == 60_000
    for given, expected in zip(theirs.stages(planes), ours.stages(planes), strict=True):
        close(given, expected)


@torch.no_grad()
def test_its_imitation(planes):
    from lenet5_as_often_imitated import Imitation

    ours, theirs = LeNet5(ARCHITECTURES["simplified"]), Imitation()
    for given, expected in zip(theirs.parameters(), ours.parameters(), strict=True):
        given.copy_(expected.view_as(given))  # C3's 96 kernels stand in the order of a full table
    assert sum(weights.numel() for weights in theirs.parameters()) == 61_706
    close(theirs(planes), ours(planes))


@pytest.mark.parametrize("j", [3.0, torch.inf])
def test_its_loss_is_equation_9(rng, j):
    from lenet5_in_pytorch import loss_of

    penalties = torch.from_numpy(rng.uniform(0, 200, (7, 10)))
    labels = torch.from_numpy(rng.integers(0, 10, 7))
    close(loss_of(penalties, labels, j), mean_loss(penalties, labels, "eq9", rubbish=j))


def test_it_imports_torch_and_the_standard_library_alone():
    text = (EXAMPLES / "lenet5_in_pytorch.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    imported = {line.split()[1].split(".")[0] for line in text.splitlines() if "import " in line}
    assert imported - sys.stdlib_module_names == {"torch"}


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_it_reads_idx_files_packed_or_not(suffix, tmp_path):
    import gzip

    from lenet5_in_pytorch import mnist

    digits = drawn_digits(5)
    for name, numbers in (("images-idx3", digits.images), ("labels-idx1", digits.labels)):
        sides = b"".join(side.to_bytes(4, "big") for side in numbers.shape)
        content = bytes([0, 0, 8, numbers.ndim]) + sides + numbers.astype(np.uint8).tobytes()
        packed = gzip.compress(content) if suffix else content
        (tmp_path / f"t10k-{name}-ubyte{suffix}").write_bytes(packed)
    planes, labels = mnist(tmp_path, "t10k")
    close(planes, torch.from_numpy(to_planes(digits.images)))
    assert labels.tolist() == digits.labels.tolist()


@pytest.mark.subprocess
def test_without_mnist_it_says_where_that_is(tmp_path):
    command = [sys.executable, EXAMPLES / "lenet5_in_pytorch.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr
    assert "https://ossci-datasets.s3.amazonaws.com/mnist/" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("script", ["lenet5_in_pytorch", "lenet5_as_often_imitated"])
def test_it_learns(script, monkeypatch):
    """A few hundred drawn digits, a few passes: far better than the 90 % of a guess."""
    from importlib import import_module

    from lenet5_in_pytorch import LeNet5, train

    torch.manual_seed(0)
    digits = drawn_digits(1024)
    planes, labels = torch.from_numpy(to_planes(digits.images)), torch.from_numpy(digits.labels)
    network = getattr(import_module(script), "Imitation", LeNet5)()
    train(network, planes, labels.long(), j=3.0, passes=4, batch=32)
    assert (network(planes).argmin(1) != labels).float().mean() < 0.1
