"""The ONNX file answers in onnxruntime-web, in Node, as the network here does."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
from lenet.engine.numpy_engine import NumpyEngine
from lenet.export.graph import onnx_graph
from lenet.export.onnx_file import quantised
from lenet.network.weights import load_weights

pytestmark = pytest.mark.subprocess

HERE = Path(__file__).parent
RUNTIME = HERE.parents[1] / "build/onnxruntime-web/node_modules/onnxruntime-web"


@pytest.mark.parametrize("int8", [False, True])
def test_penalties_are_ours(int8, tmp_path, calibration):
    node = shutil.which("node")
    if node is None or not RUNTIME.is_dir():
        pytest.skip("node or onnxruntime-web is not here; with npm: make onnxweb")
    weights, images = load_weights("modern"), calibration.images[:100]
    model = onnx_graph(weights, pool=True, wide=False, answers=True)
    model = quantised(model, calibration.images[100:]) if int8 else model
    (tmp_path / "lenet.onnx").write_bytes(model.SerializeToString())
    (tmp_path / "images").write_bytes(images.tobytes())
    script = HERE / "onnx_in_javascript.mjs"
    command = [node, script, RUNTIME, tmp_path / "lenet.onnx", tmp_path / "images", "100"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(done.stdout)
    penalties = np.reshape(found["penalties"], (100, 10))
    wanted = NumpyEngine(weights).penalties(images)
    assert np.array_equal(found["values"], penalties.argmin(1))
    if int8:
        assert (penalties.argmin(1) == wanted.argmin(1)).mean() >= 0.99
    else:
        np.testing.assert_allclose(penalties, wanted, rtol=0, atol=1e-5 * wanted.max())
