"""Every peer that is installed gives numpy's answers, for every kind of network."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from isolation import forget_modules
from lenet.benchmark import engines as engines_module
from lenet.benchmark.engines import ENGINES, PART, InParts, engines_for
from lenet.benchmark.inference import agreement, networks
from lenet.benchmark.report import Report
from lenet.engine import native_engine
from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.architecture import ARCHITECTURES, Architecture
from lenet.network.weights import Weights, initial_tensors, load_weights

NETWORKS = {
    "trained": None,
    "1998": ARCHITECTURES["1998"],
    "simplified": ARCHITECTURES["simplified"],
    "max silu": Architecture(subsampling="max", c3="full", squash="silu", head="linear"),
    "average relu": Architecture(subsampling="average", squash="relu", head="linear"),
    "tanh codes": Architecture(squash="tanh"),
    "silu trainable": Architecture(squash="silu", head="linear"),
    "scaled max": Architecture(subsampling="max"),
}


def weights_of(architecture: Architecture | None) -> Weights:
    if architecture is None:
        return load_weights("1998")
    rng = np.random.default_rng(7)
    tensors = initial_tensors(architecture, "paper", rng)
    for name in tensors:
        if name.endswith("bias"):  # fresh ones are 0, and would hide a mistake
            tensors[name] = rng.uniform(-0.2, 0.2, tensors[name].shape).astype(np.float32)
    return Weights(tensors, {"network": architecture.to_dict()})


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (PART + 9, 28, 28)).astype(np.uint8)


def check(engine, weights, images):
    for n in (1, 5, PART, len(images)):
        found = engine.penalties(images[:n])
        assert (found.shape, found.dtype) == ((n, 10), np.float32)
        wanted = NumpyEngine(weights).penalties(images[:n])
        row = agreement("inference", "peer", "net", found, wanted)
        assert (row.n, row.disagreements) == (n, 0)
        assert row.max_relative_difference < 2e-5


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", [name for name in ENGINES if name != "torch-compile"])
def test_the_peers_agree(name, network, images):
    weights, report = weights_of(NETWORKS[network]), Report()
    engines = engines_for(weights, 2, [name], report)
    if not engines:
        pytest.skip(report.skipped[0]["reason"])
    check(engines[name], weights, images)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_folded_torch_network_agrees(network, images):
    """What torch.compile is given, without compiling it."""
    torch = pytest.importorskip("torch")
    from lenet.benchmark.torch_peers import FoldedNetwork

    weights = weights_of(NETWORKS[network])
    with torch.inference_mode():
        found = FoldedNetwork(weights)(torch.from_numpy(images)).numpy()
    row = agreement("inference", "torch", "net", found, NumpyEngine(weights).penalties(images))
    assert row.disagreements == 0
    assert row.max_relative_difference < 2e-5


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch warns of its own insides
def test_the_compiled_torch_network_agrees(images):
    report, weights = Report(), load_weights("1998")
    engines = engines_for(weights, 1, ["torch-compile"], report)
    if not engines:
        pytest.skip(report.skipped[0]["reason"])
    check(engines["torch-compile"], weights, images)


@pytest.mark.parametrize("pool", [True, False])
def test_the_graph_takes_any_batch(pool, images):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    from lenet.export.graph import onnx_graph

    weights = load_weights("1998")
    session = onnxruntime.InferenceSession(
        onnx_graph(weights, pool=pool).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    assert session.get_inputs()[0].shape == ["n", 28, 28]
    for n in (1, 2, 17):
        found = session.run(None, {"images": images[:n]})[0]
        wanted = NumpyEngine(weights).penalties(images[:n])
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("library", ["onnxruntime", "openvino", "onnx"])
def test_a_missing_peer_is_noted(library, monkeypatch):
    if library == "onnx":  # only looked for by a runtime that is here
        pytest.importorskip("onnxruntime")
    forget_modules(monkeypatch, "lenet.export.graph")
    monkeypatch.setitem(sys.modules, library, None)
    report = Report()
    names = ["portable", "onnxruntime", "openvino"]
    made = engines_for(load_weights("1998"), 1, names, report)
    engines_for(load_weights("1998"), 2, names, report)
    left_out = [entry["engine"] for entry in report.skipped]  # once, though asked twice
    assert set(made) | set(left_out) == set(names)
    assert len(left_out) == len(set(left_out)) >= 1
    reasons = {entry["reason"] for entry in report.skipped}
    assert f"{library} is not installed; pip install 'lenet[bench]'" in reasons


def test_a_peer_that_breaks_is_noted(monkeypatch):
    def broken(name, weights, threads):
        raise RuntimeError("no C++ compiler\nand a page of it")

    monkeypatch.setattr(engines_module, "make_engine", broken)
    report = Report()
    assert engines_for(load_weights("1998"), 1, ["torch-compile"], report) == {}
    assert report.skipped == [
        {
            "engine": "torch-compile",
            "work": "inference",
            "reason": "RuntimeError: no C++ compiler",
        }
    ]


def test_without_the_compiled_engine_it_is_left_out(monkeypatch):

    monkeypatch.setattr(native_engine, "available", lambda: False)
    report = Report()
    assert engines_for(load_weights("1998"), 1, ["native"], report) == {}
    assert "not built" in report.skipped[0]["reason"]


def test_parts_are_filled_up_and_cut_off(images):
    seen = []

    def answer(part):
        seen.append(len(part))
        return part.reshape(len(part), -1)[:, :10].astype(np.float32)

    for n in (1, 2, PART, PART + 1):
        wanted = images[:n].reshape(n, -1)[:, :10]
        assert np.array_equal(InParts(answer).penalties(images[:n]), wanted)
    assert set(seen) == {1, PART}


def test_the_two_networks():
    assert next(iter(networks())) == "1998"
    assert len(networks()) == 2
