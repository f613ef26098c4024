"""The ONNX file answers in ONNX Runtime as the network here does."""

from __future__ import annotations

import json

import numpy as np
import pytest
from export_cases import NETWORKS, weights_of

pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

from isolation import forget_modules
from lenet.engine.numpy_engine import NumpyEngine
from lenet.export.graph import onnx_graph
from lenet.export.onnx_file import open_session, run
from lenet.export.parity import parity, strips
from lenet.network.confidence import classify_penalties, probabilities
from lenet.network.plane import BYTE_TO_PLANE, PAPER


def session(weights, **form):
    graph = onnx_graph(weights, pool=True, answers=True, **form)
    return open_session(graph.SerializeToString())


@pytest.mark.parametrize("network", NETWORKS)
def test_any_batch_is_answered(network, calibration):
    weights = weights_of(network)
    there = session(weights)
    for n in (1, 2, 250):
        penalties, shares, values = run(there, calibration.images[:n])
        wanted = NumpyEngine(weights).penalties(calibration.images[:n])
        scale = max(1, wanted.max())
        np.testing.assert_allclose(penalties, wanted, rtol=0, atol=1e-5 * scale)
        np.testing.assert_allclose(shares, probabilities(wanted, weights.temperature), atol=1e-5)
        assert np.array_equal(values, classify_penalties(wanted).values)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("size", [(28, 28), (28, 29), (30, 41), (36, 280)])
def test_wide_images_are_answered_every_4_pixels(network, size, rng):
    """What the last place cannot reach is filled with paper; our engine is given it filled."""
    weights = weights_of(network)
    images = rng.integers(0, 256, (3, *size)).astype(np.uint8)
    after = [(2, 2 + -side % 4) for side in size]
    planes = np.pad(BYTE_TO_PLANE[images], ((0, 0), *after), constant_values=PAPER)[:, None]
    wanted = NumpyEngine(weights).plane_penalties(planes).reshape(3, 10, *places(size))
    penalties, shares, values = run(session(weights, wide=True), images)
    scale = max(1, wanted.max())
    np.testing.assert_allclose(penalties, wanted, rtol=0, atol=1e-5 * scale)
    np.testing.assert_allclose(shares, probabilities(wanted, weights.temperature), atol=2e-5)
    assert np.array_equal(values, penalties.argmin(1))


def places(size):
    return tuple(-(-side // 4) - 6 for side in size)


def test_a_wide_place_is_the_28_pixels_it_says(calibration):
    """Place (0, 7) of two digits with paper between them is the second digit."""
    weights = weights_of("1998")
    pair = np.zeros((1, 28, 60), np.uint8)
    pair[0, :, :28], pair[0, :, 32:] = calibration.images[:2]
    penalties, _, _ = run(session(weights, wide=True), pair)
    wanted = NumpyEngine(weights).penalties(calibration.images[:2])
    np.testing.assert_allclose(penalties[0, :, 0, 0], wanted[0], rtol=1e-4)
    np.testing.assert_allclose(penalties[0, :, 0, 8], wanted[1], rtol=1e-4)


def test_too_small_an_image_is_refused():
    with pytest.raises(Exception, match=r"(?i)shape|size|dimension"):
        run(session(weights_of("1998"), wide=True), np.zeros((1, 20, 28), np.uint8))


def exported(run_lenet, folder, *options):
    done = run_lenet("export", "onnx", "--json", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("weights", ["1998", "modern"])
def test_the_command_and_its_report(weights, run_lenet, tmp_path, lenet_data):
    document = exported(run_lenet, tmp_path, "--weights", weights)
    assert document["file"] == f"lenet-{weights}.onnx"
    assert (document["digits"], document["n"]) == ("mnist test", 10_000)
    assert document["disagreements"] == 0
    assert document["max_abs_difference"] < 2e-6 * document["largest_penalty"]
    assert document["errors"] == document["errors_here"]
    assert document["inputs"][0] | {"means": ""} == {
        "name": "images",
        "type": "uint8",
        "shape": ["n", 28, 28],
        "means": "",
    }
    assert [o["name"] for o in document["outputs"]] == ["penalties", "confidences", "values"]
    saved = json.loads((tmp_path / f"{document['file']}.report.json").read_text(encoding="utf-8"))
    assert saved == document
    assert document["bytes"] == (tmp_path / document["file"]).stat().st_size


@pytest.mark.slow
@pytest.mark.parametrize("weights", ["1998", "modern"])
def test_int8(weights, run_lenet, tmp_path, lenet_data):
    document = exported(run_lenet, tmp_path, "--weights", weights, "--int8", "--out", "small.onnx")
    assert document["n"] == 10_000
    assert document["disagreements"] <= 5
    assert document["bytes"] < 85_000
    assert document["layers_in_float"] == ["c1", "c3", "output"]
    stored = kinds_of(tmp_path / "small.onnx")
    assert {name: kind for name, kind in stored.items() if "weight_quantized" in name} == {
        "c5.weight_quantized": "int8",
        "f6.weight_quantized": "int8",
    }


def kinds_of(file):
    import onnx

    constants = onnx.load(file).graph.initializer
    return {c.name: onnx.helper.tensor_dtype_to_np_dtype(c.data_type).name for c in constants}


@pytest.mark.slow
def test_without_mnist_the_embedded_digits_are_asked(run_lenet, tmp_path):
    options = ("--wide", "--int8", "--out", "wide.onnx", "--data-dir", tmp_path / "nothing")
    document = exported(run_lenet, tmp_path, *options)
    assert (document["digits"], document["n"]) == ("digits test", 397)
    assert document["disagreements"] <= 2
    assert document["places"]["n"] == 39 * 64
    assert document["inputs"][0]["shape"] == ["n", "height", "width"]
    told = run_lenet("export", "onnx", "--data-dir", tmp_path / "nothing", cwd=tmp_path)
    assert "digits test:" in told.stdout
    assert "0 of 397 answers differ" in told.stdout


def test_what_is_compared():
    wanted = np.array([[0, 1], [1, 0], [3, 2]], np.float32)
    found = np.array([[0, 1], [0, 1], [3, 2.5]], np.float32)
    told = parity(found, wanted, np.array([0, 1, 0]))
    assert (told.n, told.disagreements, told.max_abs_difference) == (3, 1, 1)
    assert (told.errors, told.errors_here) == (2, 1)
    assert "1 of 3 answers differ" in str(told)


def test_strips_are_digits_side_by_side(calibration):
    found = strips(calibration.images[:25])
    assert found.shape == (2, 28, 280)
    assert np.array_equal(found[1, :, 56:84], calibration.images[12])


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--weights", "nope"), 3, "no such weights"),
        (("--out", "model.pt"), 2, "ending in .onnx"),
        (("--out", "/proc/lenet.onnx", "--data-dir", "nowhere"), 1, "could not write"),
    ],
)
def test_wrong_calls(options, code, said, run_lenet, tmp_path):
    done = run_lenet("export", "onnx", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_onnx_the_message_says_what_to_install(tmp_path, monkeypatch):
    import sys

    from lenet.cli.export import onnx
    from lenet.errors import MissingExtraError

    forget_modules(monkeypatch, "lenet.export")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"lenet\[export\]"):
        onnx(out=tmp_path / "file.onnx", quiet=True)
