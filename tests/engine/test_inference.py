"""The compiled forward walk against the numpy engine, which has its own slow oracle."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import BUILT, EVERY_ARCHITECTURE, digit_images, random_weights

from lenet.engine.native_engine import NativeEngine
from lenet.engine.numpy_engine import NumpyEngine
from lenet.engine.select import best_engine
from lenet.errors import InputError, UsageError
from lenet.network.architecture import Architecture
from lenet.network.plane import to_planes
from lenet.network.weights import load_weights

pytestmark = BUILT


@pytest.mark.parametrize("architecture", EVERY_ARCHITECTURE, ids=str)
def test_every_stage_of_every_description(architecture, kernels_for):
    weights = random_weights(architecture)
    planes = np.random.default_rng(1).normal(0, 1, (3, 1, 40, 44)).astype(np.float32)
    for plane in (planes, planes[:, :, :32, :32]):
        found = NativeEngine(weights, 2, kernels_for).stages(plane)
        expected = NumpyEngine(weights).stages(plane)
        for name, stage, wanted in zip(expected._fields, found, expected, strict=True):
            assert stage.shape == wanted.shape
            np.testing.assert_allclose(stage, wanted, rtol=2e-5, atol=2e-5, err_msg=name)


@pytest.mark.parametrize("size", [(32, 32), (32, 36), (36, 32), (32, 160), (64, 48)])
def test_a_wide_plane_is_read_as_its_windows_are(size, kernels_for):
    """An output every 4 pixels (section VII): each place equals the 32×32 window beneath it."""
    network = NativeEngine(load_weights("1998"), 1, kernels_for)
    plane = np.random.default_rng(2).uniform(-0.1, 1.175, (1, 1, *size)).astype(np.float32)
    wide = network.plane_penalties(plane).reshape(10, (size[0] - 28) // 4, (size[1] - 28) // 4)
    for row in range(wide.shape[1]):
        for column in range(wide.shape[2]):
            window = plane[:, :, 4 * row :, 4 * column :][:, :, :32, :32]
            here = network.plane_penalties(window)[0]
            assert np.array_equal(here, wide[:, row, column])


@pytest.mark.parametrize("architecture", EVERY_ARCHITECTURE, ids=str)
def test_penalties_of_images_are_those_of_their_planes(architecture, kernels_for):
    """An image in a lane, an image alone, a plane, a plane with all its stages: the same bits."""
    network = NativeEngine(random_weights(architecture), 1, kernels_for)
    images = digit_images(33)
    assert np.array_equal(network.penalties(images), network.plane_penalties(to_planes(images)))
    stages = network.stages(to_planes(images))
    assert np.array_equal(network.penalties(images), stages.output)


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 63, 64, 65, 257])
def test_bits_do_not_depend_on_threads_or_company(count, kernels_for):
    weights, images = load_weights("1998"), digit_images(count)
    alone = np.concatenate(
        [NativeEngine(weights, 1, kernels_for).penalties(i[None]) for i in images]
    )
    for threads in (1, 2, 3, 8):
        network = NativeEngine(weights, threads, kernels_for)
        for _ in range(3):
            assert np.array_equal(network.penalties(images), alone)


@pytest.mark.parametrize(
    ("squash", "function", "bound"),
    [
        ("tanh", np.tanh, 5e-7),
        ("scaled tanh", lambda a: 1.7159 * np.tanh(a * 2 / 3), 9e-7),
        ("silu", lambda a: a / (1 + np.exp(-a)), 4e-6),
        ("relu", lambda a: np.maximum(a, 0), 2e-7),
    ],
)
def test_squashing_in_single_precision(squash, function, bound, kernels_for):
    """A network of one live weight shows f itself: C1's centre tap is 1, everything else 0."""
    weights = random_weights(Architecture("average", "full", squash, "linear"))
    for tensor in weights.tensors.values():
        tensor[...] = 0
    weights.tensors["c1.weight"][0, 0, 2, 2] = 1
    values = np.concatenate([np.linspace(-12, 12, 10 * 784 - 4), [0, 1e-20, 100, -100]])
    planes = np.zeros((10, 1, 32, 32), np.float32)
    planes[:, 0, 2:30, 2:30] = values.reshape(10, 28, 28)
    found = NativeEngine(weights, 1, kernels_for).stages(planes).c1[:, 0]
    exact = function(planes[:, 0, 2:30, 2:30].astype(np.float64))
    error = np.abs(found - exact) / np.maximum(1, np.abs(exact))
    assert error.max() < bound
    assert np.isfinite(found).all()


def test_numbers_that_are_not_finite_do_no_harm(kernels_for):
    network = NativeEngine(load_weights("1998"), 1, kernels_for)
    planes = np.zeros((5, 1, 32, 32), np.float32)  # four of them side by side
    planes[0], planes[1] = np.nan, np.inf
    good = network.plane_penalties(planes[2:])
    assert np.array_equal(network.plane_penalties(planes)[2:], good)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 28, 27), np.uint8),
        np.zeros((2, 3, 28, 28), np.uint8),
        np.zeros(784, np.uint8),
        np.zeros((2, 28, 28), np.float32),
        np.zeros((2, 28, 28), np.int64),
        np.zeros((0, 28, 28), np.uint8),
        np.broadcast_to(np.uint8(0), (20_000_000, 28, 28)),
        "seven",
        None,
    ],
    ids=["narrow", "colour", "flat", "float", "int64", "empty", "huge", "text", "nothing"],
)
@pytest.mark.parametrize("engine", [NativeEngine, NumpyEngine])
def test_images_that_are_none_are_refused(images, engine):
    with pytest.raises(InputError, match=r"expected|at most"):
        engine(load_weights("1998")).penalties(images)


@pytest.mark.parametrize(
    "planes",
    [
        np.zeros((2, 32, 32), np.float32),
        np.zeros((2, 3, 32, 32), np.float32),
        np.zeros((2, 1, 28, 28), np.float32),
        np.zeros((2, 1, 32, 34), np.float32),
        np.zeros((0, 1, 32, 32), np.float32),
        np.zeros((1, 1, 32, 32), np.complex64),
        np.broadcast_to(np.float32(0), (10**9, 1, 32, 32)),
        np.broadcast_to(np.float32(0), (1, 1, 10**6, 10**6)),
    ],
    ids=["flat", "colour", "small", "odd", "empty", "complex", "many", "wide"],
)
@pytest.mark.parametrize(
    "ask", [NativeEngine.stages, NativeEngine.plane_penalties], ids=["stages", "wide"]
)
def test_planes_that_are_none_are_refused(planes, ask):
    with pytest.raises(InputError, match=r"expected|at most"):
        ask(NativeEngine(load_weights("1998")), planes)


def test_other_strides_are_read_rightly(kernels_for):
    network, images = NativeEngine(load_weights("1998"), 1, kernels_for), digit_images(12)
    wanted = network.penalties(images[::-3])
    spread = np.zeros((12, 28, 56), np.uint8)
    spread[:, :, ::2] = images
    assert np.array_equal(network.penalties(np.asfortranarray(images))[::-3], wanted)
    assert np.array_equal(network.penalties(spread[::-3, :, ::2]), wanted)
    planes = to_planes(images).astype(np.float64)[::-3]
    assert np.array_equal(network.plane_penalties(planes), wanted)


def test_unknown_kernels_and_no_threads_are_refused():
    for threads in (0, 1.5, "2"):
        for engine in (NativeEngine, best_engine):
            with pytest.raises(UsageError, match=f"1 … 1,024 threads, got {threads!r}"):
                engine(load_weights("1998"), threads)
    with pytest.raises(ValueError, match="this processor runs the kernels"):
        NativeEngine(load_weights("1998"), 1, "mmx")
