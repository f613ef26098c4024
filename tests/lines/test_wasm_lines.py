"""lenet.js reads lines in Node as numpy and the compiled kernels do here."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import lenet
from lenet.data.datasets import load_sklearn_digits
from lenet.lines.combine import combine
from lenet.lines.line_engine import best_line_reader
from lenet.lines.line_weights import load_line_weights
from lenet.lines.numpy_lines import LineText, NumpyLineReader
from lenet.lines.synthetic import compose
from lenet.lines.wasm_lines import wasm_weights

pytestmark = pytest.mark.subprocess

PROGRAM = Path(lenet.__file__).parent / "engine/wasm"
ODD = [  # one pixel, a column, a row, grain, much wider than high, and bare paper
    np.zeros((1, 1), np.uint8),
    np.linspace(0, 255, 64).astype(np.uint8)[:, None],
    np.linspace(255, 0, 90).astype(np.uint8)[None],
    np.random.default_rng(4).integers(0, 256, (40, 300), np.uint8),
    np.tile(np.uint8([0] * 9 + [50, 230, 255, 150, 100]), (12, 571)),
    np.full((20, 50), 255, np.uint8),
]


def test_the_program_is_that_of_these_sources():
    """`make wasm` writes both; to build the program anew here would take minutes."""
    engine = Path(__file__).parents[2] / "src/lenet/engine"
    names = sorted(path.as_posix() for path in (engine / "csrc").rglob("*") if path.is_file())
    digest = sha256(b"".join(Path(name).read_bytes() for name in names)).hexdigest()
    assert (engine / "wasm/sources.sha256").read_text().strip() == digest, "run make wasm"


@pytest.fixture(scope="module")
def lines() -> list[np.ndarray]:
    """Composed lines, some small or light on dark, and odd ones."""
    rng = np.random.default_rng(1998)
    digits = load_sklearn_digits().train
    composed = [np.rint(compose(digits, rng).grey * 255).astype(np.uint8) for _ in range(60)]
    small = [np.ascontiguousarray(line[::4, ::4]) for line in composed[:4]]
    return [*composed, *small, *(255 - line for line in composed[4:8]), *ODD]


def run(script: str, *arguments: object):
    """The JSON that a script beside this file prints in Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not here")
    command = [node, Path(__file__).with_name(script), PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the weights."""
    folder = tmp_path_factory.mktemp("wasm")
    (folder / "reader.safetensors").write_bytes(wasm_weights(load_line_weights()))
    return folder


@pytest.fixture(scope="module")
def found(lines, folder) -> list[dict | None]:
    """What lenet.js reads."""
    (folder / "lines.json").write_text(json.dumps([line.shape for line in lines]))
    (folder / "pixels").write_bytes(b"".join(line.tobytes() for line in lines))
    return [line for line, _ in run("read_lines.mjs", folder)]


def assert_like(line: dict | None, wanted: LineText | None, weights) -> None:
    if wanted is None:
        assert line is None
        return
    texts, n_best = line["texts"], wanted.n_best
    assert [text["text"] for text in texts] == ["".join(map(str, text)) for text in n_best.texts]
    for name, numbers in (("graph", n_best.graph), ("sdnn", n_best.sdnn)):
        given = [-np.inf if text[name] is None else text[name] for text in texts]
        # float32 sums of hundreds of places where the line is long
        np.testing.assert_allclose(given, numbers, rtol=2e-6, atol=1e-4)
    best = combine(n_best, weights.sdnn_weight, weights.temperature)
    assert line["text"] == "".join(map(str, best.text))
    assert line["confidence"] == pytest.approx(best.probability, abs=1e-4)
    digits = line["digits"]
    sides = ("top", "left", "bottom", "right")
    assert [tuple(digit["box"][side] for side in sides) for digit in digits] == wanted.boxes
    images = np.array([digit["image"] for digit in digits], int).reshape(-1, 28, 28)
    assert len(images) == len(wanted.images)
    assert np.array_equal(images, np.array(wanted.images, int).reshape(-1, 28, 28))
    given = [digit["probabilities"] for digit in digits]
    np.testing.assert_allclose(given, best.digit_probabilities(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("reader", [NumpyLineReader, best_line_reader])
def test_lines_read_the_same(reader, lines, found):
    weights = load_line_weights()
    python = reader(weights)
    assert len(found) == len(lines)
    for line, plane in zip(found, lines, strict=True):
        grey = plane.astype(np.float32) / np.float32(255)
        assert_like(line, python.read(grey), weights)
    assert found[-1] is None
    assert sum(bool(line and line["digits"]) for line in found) >= 60


def test_what_lenet_js_refuses(folder):
    problems = run("refuse_lines.mjs", folder / "reader.safetensors")
    assert problems.pop("grey") == ""
    assert problems["no tensor"] == "Error: expected the tensor network"
    assert problems["no setting"].startswith("Error: expected the setting SLIVER between 0")
    assert problems["size"].startswith("RangeError: expected width × height grey pixels")
    assert problems["size"].endswith("got 12 for 5 × 3")
    assert problems["no size"].endswith("got 0 for 0 × 0")
    for name in ("shade", "not a number", "doubles"):
        assert problems[name].startswith("TypeError: expected pixels as bytes")
