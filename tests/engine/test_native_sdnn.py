"""The SDNN in compiled kernels against numpy's."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import BUILT

from lenet.engine import native_engine
from lenet.lines.line_weights import load_line_weights
from lenet.lines.native_lines import sdnn_layers
from lenet.network.sdnn import SEEN, SHAPES, Sdnn

pytestmark = BUILT

WIDTHS = [*range(SEEN, SEEN + 70), 200, 333, 2000]


def drawn_network(rng, shapes=SHAPES) -> Sdnn:
    """One that nothing in is at rest; sums stay near 1."""
    tensors = {}
    for name, shape in shapes.items():
        spread = 1.5 / np.sqrt(np.prod(shape[1:]))
        tensors[f"{name}.weight"] = rng.normal(0, spread, shape).astype(np.float32)
        tensors[f"{name}.bias"] = rng.normal(0, 0.3, shape[0]).astype(np.float32)
    return Sdnn(tensors)


def native_sdnn(network: Sdnn, kernels_for: str = ""):
    return native_engine.kernels().Sdnn(sdnn_layers(network), kernels_for).log_probabilities


def check(network: Sdnn, kernels_for: str, strips) -> None:
    compiled = native_sdnn(network, kernels_for)
    for strip in strips:
        wanted, found = network(strip), compiled(np.ascontiguousarray(strip))
        assert found.dtype == np.float32
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() < 1e-4


def test_strips_of_every_width(kernels_for, rng):
    strips = [rng.integers(0, 256, (32, width), np.uint8) for width in WIDTHS]
    check(drawn_network(rng), kernels_for, strips)
    check(load_line_weights().sdnn, kernels_for, strips[::9])


def test_paper_and_other_layouts(kernels_for, rng):
    strip = rng.integers(0, 256, (32, 90), np.uint8)
    strips = [np.zeros((32, 57), np.uint8), np.asfortranarray(strip), strip[::-1, ::2]]
    check(drawn_network(rng), kernels_for, strips)


def test_layers_of_other_sizes(kernels_for, rng):
    """Nothing is built in but the plan: counts of maps that fill no register, other fields."""
    shapes = {
        "c1": (3, 1, 3, 3), "c3": (19, 3, 5, 5), "c5": (48, 19, 5, 5), "f6": (16, 48, 3),
        "f7": (16, 16, 7), "output": (11, 16, 1),
    }  # fmt: skip
    strips = [rng.integers(0, 256, (30, width), np.uint8) for width in (30, 31, 47, 120)]
    check(drawn_network(rng, shapes), kernels_for, strips)


def test_the_same_strip_gives_the_same_bits_in_any_company(rng):
    compiled, strip = native_sdnn(drawn_network(rng)), rng.integers(0, 256, (32, 77), np.uint8)
    wanted = compiled(np.ascontiguousarray(strip))
    for width in (32, 500, 33):
        compiled(rng.integers(0, 256, (32, width), np.uint8))
        assert np.array_equal(compiled(np.ascontiguousarray(strip)), wanted)


@pytest.mark.parametrize(
    ("strip", "error"),
    [
        (np.zeros((32, SEEN - 1), np.uint8), ValueError),
        (np.zeros((32, 0), np.uint8), ValueError),
        (np.zeros((0, 60), np.uint8), ValueError),
        (np.zeros((31, 60), np.uint8), ValueError),
        (np.zeros((36, 60), np.uint8), ValueError),
        (np.zeros((32, 60), np.float32), TypeError),
        (np.zeros((1, 32, 60), np.uint8), TypeError),
    ],
)
def test_strips_that_are_none_are_refused(strip, error, rng):
    with pytest.raises(error, match=r"expected|incompatible"):
        native_sdnn(drawn_network(rng))(strip)


@pytest.mark.parametrize(
    "change",
    [
        {"c3": (24, 7, 5, 5)},  # fewer inputs than c1 has maps
        {"c5": (95, 24, 5, 5), "f6": (64, 95, 5)},
        {"f6": (64, 96, 4)},
        {"f7": (48, 64, 3), "output": (11, 48, 1)},  # f7 is added to f6
        {"output": (11, 32, 1)},
        {"output": (0, 64, 1)},
        {"c1": (2000, 1, 5, 5), "c3": (24, 2000, 5, 5)},
    ],
)
def test_layers_that_do_not_fit_are_refused(change, rng):
    with pytest.raises(ValueError, match="expected"):
        native_sdnn(drawn_network(rng, SHAPES | change))


def test_other_layers_and_kernels_are_refused(rng):
    weight, bias = np.zeros((5, 5, 1, 8), np.float32), np.zeros(8, np.float32)
    for layers in ([], [(weight, bias)], [(weight, bias[:7])] * 6):
        with pytest.raises(ValueError, match="expected"):
            native_engine.kernels().Sdnn(layers)
    with pytest.raises(TypeError):
        native_engine.kernels().Sdnn([(weight.astype(np.float64), bias)])
    with pytest.raises(ValueError, match="this processor runs the kernels"):
        native_sdnn(drawn_network(rng), "mmx")
