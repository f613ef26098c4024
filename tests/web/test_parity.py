"""The network in JavaScript gives Python's numbers, layer by layer."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from page_cases import ROOT

from lenet.data.datasets import load_sklearn_digits
from lenet.engine import numpy_engine
from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.architecture import Architecture
from lenet.network.plane import to_planes
from lenet.network.weights import Weights, initial_tensors, load_weights, shipped_names
from lenet.preprocessing.digit_ink import find_ink
from lenet.preprocessing.image import load_image
from lenet.preprocessing.prepare import centre
from lenet.web.dense import penalties_of
from lenet.web.networks import BASELINES, dense_tensors, first_network, lenet_document

BOUND = 1e-4
N = 1_000
KINDS = (
    Architecture("average", "full", "tanh", "linear"),
    Architecture("max", "table", "relu", "rbf"),
    Architecture("trainable", "full", "silu", "linear"),
)
# All forward passes at once: each stage's values one digit after the other, as base64 of float64.
WALK = """async ([document, images]) => {
  const { unpacked } = await import("page/weights.js");
  const { forward } = await import("page/network.js");
  const network = unpacked(document), found = {};
  const bytes = Uint8Array.from(atob(images), (letter) => letter.charCodeAt(0));
  const n = bytes.length / 784;
  for (let k = 0; k < n; k++)
    for (const { name, values } of forward(network, bytes.subarray(784 * k, 784 * k + 784)).stages)
      (found[name] ??= new Float64Array(n * values.length)).set(values, k * values.length);
  return Object.fromEntries(Object.entries(found).map(([name, values]) => {
    const all = new Uint8Array(values.buffer), letters = [];
    for (let start = 0; start < all.length; start += 8_190)
      letters.push(btoa(String.fromCharCode(...all.subarray(start, start + 8_190))));
    return [name, letters.join("")];
  }));
}"""


@pytest.fixture(scope="module")
def images():
    return load_sklearn_digits().train.images[:N]


@pytest.fixture
def forward(visit, exported):
    """forward(document, images) gives each stage's values, (n, units), as the page has them."""
    page = visit(exported)

    def call(document, images):
        found = page.evaluate(WALK, [document, base64.b64encode(images.tobytes()).decode()])
        return {
            name: np.frombuffer(base64.b64decode(text)).reshape(len(images), -1)
            for name, text in found.items()
        }

    return call


def in_double(weights: Weights, images, monkeypatch):
    """`NumpyEngine`'s stages, its own code, in double precision."""
    exact = {"scaled tanh": lambda a: 1.7159 * np.tanh(2 / 3 * a)}
    monkeypatch.setattr(numpy_engine, "SQUASHES", numpy_engine.SQUASHES | exact)
    tensors = {name: tensor.astype(np.float64) for name, tensor in weights.tensors.items()}
    return NumpyEngine(Weights(tensors, weights.card)).stages(to_planes(images).astype(np.float64))


def compare(found, stages, bound):
    for name, stage in stages._asdict().items():
        key = name if name == "output" else name.upper()
        difference = np.abs(found[key] - stage.reshape(len(stage), -1)).max()
        assert difference <= bound, f"{key}: {difference}"


@pytest.mark.parametrize("name", shipped_names())
def test_a_thousand_digits_give_pythons_numbers(name, forward, images, monkeypatch):
    weights = load_weights(name)
    found = forward(lenet_document(name, weights), images)
    compare(found, in_double(weights, images, monkeypatch), BOUND)
    # What users run is single precision, whose own rounding of penalties of 200 is about 1e-4.
    single = NumpyEngine(weights).penalties(images)
    assert np.abs(found["output"] - single).max() <= BOUND * max(1, np.abs(single).max() / 100)
    np.testing.assert_array_equal(found["output"].argmin(1), single.argmin(1))


def test_the_first_network_answers_as_the_exact_one(forward, images):
    """Its weights are rounded, and yet 99.5 % of the answers are the same."""
    found = forward(first_network()[0], images)["output"]
    exact = NumpyEngine(load_weights("1998")).penalties(images)
    assert (found.argmin(1) != exact.argmin(1)).mean() <= 0.005
    assert np.abs(found - exact).max() > BOUND  # and so the page says it


@pytest.mark.parametrize("architecture", KINDS, ids=lambda kind: f"{kind.squash}-{kind.head}")
def test_every_option_is_the_same_network(architecture, forward, images, monkeypatch):
    rng = np.random.default_rng(3)
    tensors = initial_tensors(architecture, "lush", rng)
    for name, tensor in tensors.items():
        if name.endswith("bias"):
            tensor[:] = rng.normal(0, 0.2, tensor.shape)
    weights = Weights(tensors, {"network": architecture.to_dict()})
    found = forward(lenet_document("one", weights), images[:50])
    compare(found, in_double(weights, images[:50], monkeypatch), 1e-6)


def test_the_fully_connected_network_is_the_stored_one(visit, exported, images):
    """As the page loads it: from its own script."""
    page = visit(exported)
    tensors, card = dense_tensors(BASELINES / "28x28-75-10")
    given = page.evaluate(
        """async ([name, images]) => {
          const { load } = await import("page/weights.js");
          const { forward } = await import("page/network.js");
          const network = await load(name);
          return images.map((image) => [...forward(network, Uint8Array.from(image)).penalties]);
        }""",
        [card["name"], images[:200].reshape(200, 784).tolist()],
    )
    np.testing.assert_allclose(given, penalties_of(tensors, images[:200]), atol=BOUND)


def test_the_pad_prepares_as_python_does(visit, exported):
    page, checked = visit(exported), 0
    for path in sorted((ROOT / "examples").glob("*.*")):
        if path.suffix not in (".png", ".gif"):
            continue
        ink = find_ink(load_image(path))
        height, width = ink.shape
        given = page.evaluate(
            """async ([width, height, values]) => {
              const { centred } = await import("page/centre.js");
              return [...centred({ width, height, values: Float32Array.from(values) })];
            }""",
            [width, height, ink.ravel().tolist()],
        )
        wanted = centre(ink).ravel().astype(int)
        assert np.abs(np.array(given) - wanted).max() <= 1, path.name
        checked += 1
    assert checked >= 8
