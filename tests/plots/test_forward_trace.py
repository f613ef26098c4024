"""The sum of one unit against the network that computed it."""

from __future__ import annotations

from itertools import product
from typing import get_args

import numpy as np
import pytest
import torch

from lenet.network.architecture import Architecture, C3Inputs, Head, Squash, Subsampling
from lenet.network.layers import SQUASHES
from lenet.plots.forward_trace import unit_breakdown
from lenet.plots.receptive_field import SHAPES, Unit

EVERY_KIND = [
    Architecture(*options)
    for options in product(*map(get_args, (Subsampling, C3Inputs, Squash, Head)))
]


@pytest.mark.parametrize(
    "architecture", EVERY_KIND, ids=lambda kind: "-".join(kind.to_dict().values())
)
def test_the_terms_add_up_to_what_the_network_says(trace_of, architecture, rng):
    trace = trace_of(architecture)
    for layer, shape in SHAPES.items():
        unit = Unit(layer, *(int(rng.integers(size)) for size in shape))
        terms = unit_breakdown(trace, unit)
        assert terms.value == pytest.approx(float(trace.maps[layer][unit[1:]]))
        assert terms.contributions.sum() + terms.bias == pytest.approx(terms.total, abs=1e-4)
        total = torch.tensor(terms.total, dtype=torch.float64)
        made = SQUASHES[architecture.squash](total) if terms.squashed else total
        assert float(made) == pytest.approx(terms.value, abs=1e-3), unit


def test_a_c1_unit_has_its_25_inputs_and_weights(trace_of):
    trace = trace_of(Architecture())
    terms = unit_breakdown(trace, Unit("C1", 2, 10, 12))
    np.testing.assert_array_equal(terms.inputs[0], trace.maps["input"][0, 10:15, 12:17])
    np.testing.assert_array_equal(terms.weights[0], trace.weights.tensors["c1.weight"][2, 0])
    assert terms.bias == trace.weights.tensors["c1.bias"][2]


def test_a_c3_unit_reads_the_maps_of_table_i(trace_of):
    terms = unit_breakdown(trace_of(Architecture()), Unit("C3", 14, 0, 0))
    assert (terms.source, terms.maps) == ("S2", (0, 2, 3, 5))
    assert terms.inputs.shape == terms.weights.shape == terms.contributions.shape == (4, 5, 5)


def test_an_rbf_unit_adds_squared_differences_to_its_code(trace_of):
    trace = trace_of(Architecture())
    terms = unit_breakdown(trace, Unit("output", 7, 0, 0))
    f6, code = trace.stages.f6[0], trace.weights.tensors["output.codes"][7]
    assert not terms.products
    np.testing.assert_allclose(terms.contributions.ravel(), (f6 - code) ** 2)
