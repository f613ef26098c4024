"""The layout of the kernels against loops that say it one number at a time."""

from __future__ import annotations

import numpy as np
import pytest
from engine_cases import BUILT, EVERY_ARCHITECTURE, random_weights

from lenet.engine import native_engine
from lenet.engine.packing import LAYOUT, PARAMETERS, packed, trainable_mask, unpacked
from lenet.network.architecture import TABLE_I, Architecture
from lenet.network.weights import expected_shapes


@BUILT
def test_both_sides_know_the_same_layout():
    assert native_engine.kernels().PARAMETERS == PARAMETERS


@pytest.mark.parametrize("architecture", EVERY_ARCHITECTURE, ids=str)
def test_unpacking_gives_back_what_was_packed(architecture):
    tensors = random_weights(architecture).tensors
    back = unpacked(packed(tensors, architecture), expected_shapes(architecture))
    assert set(back) == set(tensors)
    for name, tensor in tensors.items():
        assert np.array_equal(back[name], tensor), name


def field(flat, name):
    sizes = [int(np.prod(shape)) for shape in LAYOUT.values()]
    starts = dict(zip(LAYOUT, np.cumsum([0, *sizes[:-1]]), strict=True))
    size = int(np.prod(LAYOUT[name]))
    return flat[starts[name] : starts[name] + size].reshape(LAYOUT[name])


def test_maps_are_innermost():
    tensors = random_weights(Architecture()).tensors
    flat = packed(tensors, Architecture())
    for row in range(5):
        for column in range(5):
            tap = 5 * row + column
            for to in range(6):
                assert field(flat, "c1.weight")[tap, to] == tensors["c1.weight"][to, 0, row, column]
            for to in range(16):
                for source in range(6):
                    given = field(flat, "c3.weight")[tap, source, to]
                    assert given == tensors["c3.weight"][to, source, row, column]
            assert np.array_equal(
                field(flat, "c5.weight")[tap, :, :120], tensors["c5.weight"][:, :, row, column].T
            )
    assert np.array_equal(field(flat, "output.weight")[:, :10], tensors["output.codes"].T)
    assert np.array_equal(field(flat, "f6.weight")[:, :84], tensors["f6.weight"].T)
    real = sum(tensor.size for tensor in tensors.values())
    assert np.count_nonzero(flat) <= real  # padding is zero


def test_what_is_trained():
    mask = trainable_mask(Architecture())
    assert mask.sum() == 60_000  # the published count
    connected = field(mask, "c3.weight")
    for to, sources in enumerate(TABLE_I):
        assert list(np.flatnonzero(connected[0, :, to])) == list(sources)
    assert not field(mask, "output.weight").any()
    simplified = Architecture("average", "full", "tanh", "linear")
    assert trainable_mask(simplified).sum() == 61_706
