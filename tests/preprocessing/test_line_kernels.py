"""What the compiled kernels do for lines: bit for bit what numpy does, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.engine import native_engine
from lenet.lines import oversegmentation
from lenet.preprocessing import components, filters

pytestmark = pytest.mark.skipif(
    not native_engine.available(), reason="the kernels are not built here"
)

SHAPES = [(1, 1), (1, 9), (9, 1), (2, 3), (17, 40), (64, 113), (33, 200)]


def alike(one, other) -> None:
    assert one.dtype == other.dtype
    assert np.array_equal(one, other)


@pytest.fixture(params=SHAPES, ids=str)
def plane(request, rng):
    return rng.random(request.param).astype(np.float32)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 1.0])
def test_parts_and_their_measures(plane, share):
    mask = plane < share
    labels, count = components.label(mask)
    slow, slow_count = components.label_in_numpy(mask)
    assert count == slow_count
    alike(labels, slow)
    for one, other in zip(
        oversegmentation.measured(labels, count, plane),
        oversegmentation.measured_in_numpy(slow, count, plane),
        strict=True,
    ):
        assert np.array_equal(one, other)


def test_a_spiral_is_one_part():
    """Whose ends meet last of all."""
    spiral = np.zeros((13, 13), bool)
    for ring in range(0, 7, 2):
        spiral[ring, ring : 13 - ring] = spiral[12 - ring, ring : 13 - ring] = True
        spiral[ring : 13 - ring, ring] = spiral[ring : 13 - ring, 12 - ring] = True
    spiral[1, 0] = spiral[3, 2] = False
    spiral[2, 1] = spiral[4, 3] = True
    for mask in (spiral, spiral[::-1], spiral[:, ::-1], spiral.T):
        labels, count = components.label(mask)
        slow, slow_count = components.label_in_numpy(mask)
        assert count == slow_count
        alike(labels, slow)


@pytest.mark.parametrize("size", [1, 2, 3, 8, 25, 27, 300])
def test_running_maxima(plane, size):
    for given in (plane, np.asfortranarray(plane), plane[::-1], -plane):
        for axis in (0, 1):
            alike(
                filters.running_max(given, size, axis),
                filters.running_max_in_numpy(given, size, axis),
            )


def test_what_would_lead_outside_is_refused():
    kernels, plane = native_engine.kernels(), np.zeros((4, 5), np.float32)
    numbers = np.zeros((4, 5), np.int64)
    for call in (
        lambda: kernels.label(np.zeros((4, 6), bool), numbers),
        lambda: kernels.running_max(plane, 0, 1, plane.copy()),
        lambda: kernels.running_max(plane, 10**9, 1, plane.copy()),
        lambda: kernels.running_max(plane, 3, 2, plane.copy()),
        lambda: kernels.measured(numbers + 2, plane, np.zeros((1, 4), np.int64), np.zeros(1)),
    ):
        with pytest.raises(ValueError, match="expected"):
            call()
