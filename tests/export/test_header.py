"""The C header, compiled, answers as the network here does."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from export_cases import NETWORKS, answers_in_c, compiler, weights_of

from lenet.engine.numpy_engine import NumpyEngine
from lenet.export.c_source import Array
from lenet.export.header import float_header
from lenet.export.int8 import bordered, forward_int8, quantise_network
from lenet.export.parity import available_digits, calibration_subset, parity
from lenet.files import write_atomically
from lenet.network.plane import to_planes

needs_c = pytest.mark.skipif(not compiler("c"), reason="there is no C compiler here")


@pytest.mark.slow
@needs_c
@pytest.mark.parametrize("network", NETWORKS)
def test_in_floating_point_no_answer_differs(network, calibration, tmp_path):
    weights = weights_of(network)
    made = float_header(weights)
    write_atomically(tmp_path / "lenet.h", made.text.encode())
    penalties, digits = answers_in_c(tmp_path / "lenet.h", calibration.images)
    found = parity(
        penalties, NumpyEngine(weights).penalties(calibration.images), calibration.labels
    )
    assert (found.n, found.disagreements) == (1_000, 0)
    assert found.max_abs_difference < 2e-5 * max(1, found.largest_penalty)
    assert np.array_equal(digits, penalties.argmin(1))


@pytest.mark.slow
@needs_c
@pytest.mark.parametrize("network", NETWORKS)
def test_in_integers_c_and_numpy_agree(network, calibration, tmp_path):
    """Two programs of the same arithmetic; how far both are from the network is the next test's."""
    from lenet.export.c_source import int8_arrays
    from lenet.export.header import header_of

    weights = weights_of(network)
    made = quantise_network(weights, calibration.images[:100])
    header = header_of(weights, int8_arrays(made.steps, weights.architecture), int8=True)
    write_atomically(tmp_path / "lenet.h", header.text.encode())
    penalties, digits = answers_in_c(tmp_path / "lenet.h", calibration.images)
    wanted = made.penalties(calibration.images)
    np.testing.assert_allclose(penalties, wanted, rtol=0, atol=2e-5 * max(1, wanted.max()))
    assert np.array_equal(digits, penalties.argmin(1))


@pytest.mark.parametrize("network", ["1998", "modern"])
def test_in_integers_few_answers_differ(network, calibration):
    weights = weights_of(network)
    made = quantise_network(weights, calibration_subset(available_digits().train.images)[::4])
    wanted = NumpyEngine(weights).penalties(calibration.images)
    found = parity(made.penalties(calibration.images), wanted, calibration.labels)
    assert found.disagreements <= 2
    assert 0 < found.max_abs_difference < 0.1 * found.largest_penalty


def test_a_byte_stands_for_its_activation(calibration):
    """C1's bytes lie on a line through its activations; rounding them alone costs a quarter."""
    weights = weights_of("modern")
    c1 = quantise_network(weights, calibration.images[:200]).steps[0]
    assert np.abs(c1.weight).reshape(6, -1).max(1).tolist() == [127] * 6
    held = forward_int8(bordered(calibration.images[:50]), c1).ravel()
    wanted = NumpyEngine(weights).stages(to_planes(calibration.images[:50])).c1.ravel()
    inside = (held > 0) & (held < 255)
    slope, start = np.polyfit(held[inside], wanted[inside], 1)
    off = np.abs(start + slope * held - wanted)[inside] / slope
    assert off.mean() < 0.4
    assert held.max() - held.min() > 200


def test_a_dead_network_is_no_reason_to_fail(calibration):
    weights = weights_of("average relu")
    for name in ("c1.weight", "c3.weight", "c5.weight"):
        weights.tensors[name][...] = 0
        weights.tensors[name.replace("weight", "bias")][...] = -1
    made = quantise_network(weights, calibration.images[:20])
    found = made.penalties(calibration.images[:5])
    np.testing.assert_allclose(
        found, NumpyEngine(weights).penalties(calibration.images[:5]), atol=1e-4
    )


@needs_c
@pytest.mark.parametrize("int8", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_command(int8, run_lenet, calibration, tmp_path):
    options = ("--weights", "1998", "--json", *(["--int8"] if int8 else []))
    done = run_lenet("export", "header", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    file = tmp_path / document["file"]
    assert file.name == ("lenet-1998-int8.h" if int8 else "lenet-1998.h")
    text = file.read_text(encoding="ascii")  # compilers differ about anything else
    head = text.partition("*/")[0]
    for figure in ("constants", "memory", "multiply_adds"):
        assert f"{document[figure]:,}" in head
    assert "332,824 multiply-adds" in head
    assert document["constants"] == stored_bytes(text)
    assert ("disagreements" in document) == int8
    penalties, _ = answers_in_c(file, calibration.images[:100])
    wanted = NumpyEngine(weights_of("1998")).penalties(calibration.images[:100])
    assert (penalties.argmin(1) != wanted.argmin(1)).sum() <= int8


def stored_bytes(text: str) -> int:
    """What the arrays of a header take, by their declarations."""
    sizes = {"float": 4, "int8_t": 1, "uint8_t": 1, "int32_t": 4, "int64_t": 8}
    found = re.findall(r"^static const (\w+) lenet_\w+\[(\d+)\] = ", text, re.M)
    return sum(sizes[kind] * int(count) for kind, count in found)


@pytest.mark.skipif(not compiler("c++"), reason="there is no C++ compiler here")
def test_it_is_cpp_as_well(calibration, tmp_path):
    write_atomically(tmp_path / "lenet.h", float_header(weights_of("modern")).text.encode())
    penalties, _ = answers_in_c(
        tmp_path / "lenet.h", calibration.images[:10], language="c++", standard="c++11"
    )
    wanted = NumpyEngine(weights_of("modern")).penalties(calibration.images[:10])
    np.testing.assert_allclose(penalties, wanted, atol=1e-4)


@needs_c
def test_it_stays_within_its_memory(calibration, tmp_path):
    """Address and undefined-behaviour sanitizers watch every step."""
    write_atomically(tmp_path / "lenet.h", float_header(weights_of("1998")).text.encode())
    flags = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    answers_in_c(tmp_path / "lenet.h", calibration.images[:20], *flags)


def test_numbers_read_back_as_they_were():
    numbers = np.array([0.1, 1e-7, -3.0, 1 / 3, 123456.79, 0.0], np.float32)
    words = re.findall(r"[-\d.e+]+(?=f)", str(Array("numbers", numbers)).partition("{")[2])
    assert np.array_equal(np.array(words, np.float32), numbers)
    line = str(Array("bytes", np.arange(-5, 100, dtype=np.int8))).splitlines()
    assert max(map(len, line)) <= 100
    assert line[0] == "static const int8_t lenet_bytes[105] = {"


def test_a_wrong_name_is_refused(run_lenet, tmp_path):
    done = run_lenet("export", "header", "--out", "lenet.onnx", cwd=tmp_path)
    assert done.returncode == 2
    assert "ending in .h" in done.stderr
    assert not list(tmp_path.iterdir())
