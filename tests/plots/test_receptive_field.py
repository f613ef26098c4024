"""Receptive fields against autograd: what a unit depends on is where its gradient is not 0."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet.errors import UsageError
from lenet.network.architecture import Architecture
from lenet.network.lenet5 import from_weights
from lenet.network.summary import summarise
from lenet.network.weights import Weights
from lenet.plots.receptive_field import (
    SHAPES,
    Unit,
    dependence,
    maps_read,
    parse_unit,
    receptive_field,
    striking_unit,
)

UNITS = st.sampled_from(sorted(SHAPES)).flatmap(
    lambda layer: st.builds(
        Unit, st.just(layer), *(st.integers(0, size - 1) for size in SHAPES[layer])
    )
)


def slopes(unit: Unit, weights: Weights, seed: int = 0) -> dict[str, np.ndarray]:
    """|d unit / d value| of every earlier layer's values, at a random plane."""
    plane = torch.randn(
        (1, 1, 32, 32), generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    ).requires_grad_()
    stages = from_weights(weights).double().stages(plane)
    values = dict(zip(("input", *SHAPES), (plane, *stages), strict=True))
    earlier = list(values)[: list(values).index(unit.layer)]
    if unit.layer == "output":
        earlier.remove("F6")  # stages.f6 is a flattened copy beside the path to the output
    for layer in earlier:
        values[layer].retain_grad()
    values[unit.layer].reshape(SHAPES[unit.layer])[unit[1:]].backward()
    return {layer: values[layer].grad[0].abs().numpy() for layer in earlier}


@pytest.mark.parametrize(
    "architecture",
    [
        Architecture(),
        Architecture("average", "full", "tanh", "linear"),
        Architecture(squash="silu"),
    ],
    ids=["1998", "simplified", "silu"],
)
@settings(max_examples=25, deadline=None)
@given(unit=UNITS)
def test_a_unit_depends_on_exactly_what_has_a_slope(trace_of, architecture, unit):
    masks = dependence(unit, architecture)
    for layer, slope in slopes(unit, trace_of(architecture).weights).items():
        np.testing.assert_array_equal(masks[layer].reshape(slope.shape), slope > 0, err_msg=layer)


def test_the_output_depends_on_all_of_f6():
    assert dependence(Unit("output", 3, 0, 0), Architecture())["F6"].all()


@pytest.mark.parametrize("unit", [Unit("C3", 6, 4, 5), Unit("S2", 2, 13, 0)], ids=str)
def test_with_max_pooling_any_of_the_field_can_be_the_largest(trace_of, unit):
    architecture = Architecture(subsampling="max")
    weights = trace_of(architecture).weights
    seen = [slopes(unit, weights, seed)["input"] > 0 for seed in range(60)]
    np.testing.assert_array_equal(np.any(seen, axis=0), dependence(unit, architecture)["input"])


@given(unit=UNITS)
def test_sizes_and_steps_are_those_of_the_summary(unit):
    known = next(layer for layer in summarise(Architecture()) if layer.name == unit.layer)
    field = receptive_field(unit.layer, unit.row, unit.column)["input"]
    assert field.height == field.width == known.receptive_field
    assert (field.top, field.left) == (unit.row * known.step, unit.column * known.step)
    assert 0 <= field.top < field.bottom <= 32
    assert 0 <= field.left < field.right <= 32


def test_worked_by_hand():
    assert receptive_field("C3", 4, 5) == {
        "S2": (4, 5, 9, 10),
        "C1": (8, 10, 18, 20),
        "input": (8, 10, 22, 24),
    }
    assert maps_read("S4", 9, Architecture()) == {
        "C3": (9,),
        "S2": (0, 3, 4, 5),
        "C1": (0, 3, 4, 5),
        "input": (0,),
    }


def test_a_units_own_layer_holds_the_unit_alone():
    own = dependence(Unit("C3", 6, 4, 5), Architecture())["C3"]
    assert [tuple(map(int, place)) for place in np.argwhere(own)] == [(6, 4, 5)]


@given(unit=UNITS)
def test_a_unit_is_named_as_it_is_parsed(unit):
    assert parse_unit(str(unit)) == unit
    assert parse_unit(str(unit).lower()) == unit


@pytest.mark.parametrize(
    "text", ["", "C3", "C3:1:2", "C3:1:2:3:4", "C4:0:0:0", "input:0:0:0", "C3:a:0:0", "C3:1.0:0:0"]
)
def test_what_names_no_unit_is_refused_with_the_form_expected(text):
    with pytest.raises(UsageError, match=r"expected LAYER:MAP:ROW:COLUMN .* C1, S2, C3"):
        parse_unit(text)


@pytest.mark.parametrize("text", ["C3:16:0:0", "C3:0:10:0", "C3:0:0:10", "C3:-1:0:0"])
def test_places_outside_the_layer_are_refused_with_its_bounds(text):
    with pytest.raises(UsageError, match="maps 0 to 15, rows 0 to 9 and columns 0 to 9"):
        parse_unit(text)


def test_the_striking_unit_stands_out_of_its_map_not_of_all():
    c3 = np.zeros((16, 10, 10), np.float32)
    c3[2] = 1.7  # a map that is high everywhere says nothing about a place
    c3[11, 7, 3] = 1.2
    c3[4, 1, 1] = -1.6
    plane = np.full((32, 32), -0.1, np.float32)
    plane[5:28, 5:28] = 1.175
    assert striking_unit(c3, plane) == ("C3", 11, 7, 3)


def test_the_striking_unit_is_on_the_ink():
    """A unit may be most active beside the digit, where its field shows paper but for an edge."""
    c3, plane = np.zeros((16, 10, 10), np.float32), np.full((32, 32), -0.1, np.float32)
    plane[8:24, 14:17] = 1.175  # a 1
    c3[5, 4, 8] = 1.7  # its field: columns 16 to 29
    c3[9, 5, 4] = 1.2
    chosen = striking_unit(c3, plane)
    assert chosen == ("C3", 9, 5, 4)
    field = receptive_field(*chosen[:1], *chosen[2:])["input"]
    rows, columns = ((first + last) // 2 for first, last in (field[::2], field[1::2]))
    assert plane[rows - 1 : rows + 1, columns - 1 : columns + 1].max() == np.float32(1.175)
