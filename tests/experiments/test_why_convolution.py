"""LeNet-5 beside fully connected networks, and with one idea after another out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lenet.augmentation.transforms import TRANSFORMS
from lenet.engine import native_engine
from lenet.experiments.experiment import Budget
from lenet.experiments.methods.lenet5 import train_by_pass
from lenet.experiments.why_convolution import (
    EXPERIMENT,
    GRAPHS,
    IDEAS,
    LARGE,
    LENET,
    SMALL,
    VARIANTS,
    WithTable,
    correlation,
    graph,
    random_table,
    variant,
)
from lenet.network.architecture import TABLE_I
from lenet.network.weights import Weights
from lenet.training.recipes import PUBLISHED

BUILT = pytest.mark.skipif(
    not native_engine.available(), reason="no compiled kernels on this machine"
)


def test_a_random_table_has_the_sizes_of_table_1_and_differs_by_seed():
    first, second = random_table(1), random_table(2)
    assert [len(row) for row in first] == [len(row) for row in TABLE_I]
    assert all(len(set(row)) == len(row) and set(row) <= set(range(6)) for row in first)
    assert first == random_table(1)
    assert first != second


@BUILT
def test_a_network_with_another_table_learns_that_table_only(bars):
    table = random_table(3)
    recipe = replace(PUBLISHED, network=WithTable(table=table), passes=1)
    (last,) = train_by_pass(recipe, 1, bars.digits.train)
    weights = last.weights.tensors["c3.weight"]
    for number, row in enumerate(table):
        used = {source for source in range(6) if np.abs(weights[number, source]).max() > 0}
        assert used == set(row)


@BUILT
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("LeNet-5", 60_000),
        ("average", 59_956),
        ("max", 59_956),
        ("full table", 60_900),
        ("random table", 60_000),
    ],
)
def test_a_variant_is_trained_and_looked_at(bars, name, parameters):
    found = variant(bars, name, seed=1, passes=2, train_size=300)
    assert found["parameters"] == parameters
    assert found["train"] < 0.9  # of ten labels: it has learnt something
    assert 0 < found["correlation"] < 1
    assert set(found["curves"]) == set(TRANSFORMS)


@BUILT
def test_a_network_of_connections_is_trained_and_looked_at(bars):
    found = graph(bars, SMALL, seed=1, passes=3, train_size=300)
    assert found["train"] < 0.5
    assert found["parameters"] == 784 * 75 + 75 + 750 + 10
    still = [wrong / of for at, wrong, of in found["curves"]["rotation"] if at == 0]
    assert still == [found["test"]]


@BUILT
def test_maps_that_are_the_same_are_wholly_alike(bars):
    (last,) = train_by_pass(replace(PUBLISHED, passes=1), 1, bars.digits.train)
    tensors = dict(last.weights.tensors)
    tensors["c3.weight"] = np.repeat(tensors["c3.weight"][15:], 16, axis=0)
    tensors["c3.bias"] = np.zeros(16, np.float32)
    alike = Weights(tensors, {"network": WithTable().to_dict()})
    assert correlation(alike, bars) == pytest.approx(1, abs=1e-4)
    assert correlation(last.weights, bars) < 0.9


def looked_at(test, **more):
    curves = {name: [[0, 20, 2_000], [1, 200, 2_000]] for name in TRANSFORMS}
    facts = {"test": test, "train": 0.002, "read_seconds": 0.1, "correlation": 0.2}
    sizes = {"parameters": 60_000, "multiply_adds": 327_256}
    return facts | sizes | {"curves": curves} | more


def test_the_report_compares_with_lenet_5():
    networks = {name: [looked_at(0.01), looked_at(0.012)] for name in IDEAS}
    networks[SMALL] = [looked_at(0.033)]
    networks[LARGE] = [looked_at(0.022, parameters=330_000)]
    results = {}
    for job in EXPERIMENT.jobs(Budget()):
        seeds = networks[job.settings["name"]]
        results[job.name] = seeds[(job.settings["seed"] - 1) % len(seeds)]
    made = EXPERIMENT.report(Budget(seeds=2), results)
    assert "3.0 times its errors" in made.notes[0]
    assert "5.5 times its parameters, 2.0 times" in made.notes[0]
    assert [(row.what, row.ours) for row in made.rows[:2]] == [
        (LENET, pytest.approx(1.1)),
        (SMALL, pytest.approx(3.3)),
    ]
    assert [panel.curves[0].y for panel in made.panels] == [[1.0, 10.0]] * len(TRANSFORMS)


def test_every_network_asked_for_is_told_about():
    assert set(IDEAS) == set(VARIANTS) | set(GRAPHS)
    asked = {job.settings["name"] for job in EXPERIMENT.jobs(Budget())}
    assert asked == set(IDEAS)
