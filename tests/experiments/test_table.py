"""The comparison of methods: what networks are shown, and what the report makes of the jobs."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.engine import native_engine
from lenet.experiments.experiment import Budget
from lenet.experiments.methods.graph_networks import (
    WIRINGS,
    Setting,
    boosted,
    inputs_of,
    train_network,
    trained,
)
from lenet.experiments.runner import EXPERIMENTS
from lenet.experiments.table import CAUSES, EXPERIMENT, METHODS

BUILT = pytest.mark.skipif(
    not native_engine.available(), reason="no compiled kernels on this machine"
)


@pytest.mark.parametrize("name", WIRINGS)
def test_every_network_is_shown_as_many_bytes_as_it_has_inputs(name):
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 5:23, 10:18] = 200
    seen = inputs_of(name, images)
    assert seen.dtype == np.uint8
    assert seen.shape == (3, WIRINGS[name]().inputs)
    assert seen.max() > 150


def test_equal_parameters_and_equal_products():
    lenet5 = WIRINGS["LeNet-5"]()
    assert WIRINGS["28×28-75-10"]().parameters == pytest.approx(lenet5.parameters, rel=0.01)
    assert WIRINGS["28×28-412-10"]().multiply_adds == pytest.approx(lenet5.multiply_adds, rel=0.01)


def test_lenet1_sees_a_digit_of_16_pixels():
    images = np.zeros((1, 28, 28), np.uint8)
    images[:, 4:24, 4:24] = 255
    rows = inputs_of("LeNet-1", images).reshape(28, 28).max(axis=1)
    assert (rows > 127).sum() == 16


@BUILT
def test_a_row_of_a_trained_network_has_every_fact(bars):
    row = trained(bars, "20×20-300-10", seed=1, passes=2, train_size=60, copies=1)
    assert {"answers", "errors", "reject_for_half_percent", "parameters"} <= set(row)
    assert row["parameters"] == 401 * 300 + 301 * 10
    assert len(row["answers"]) == len(bars.digits.test)


@BUILT
def test_other_rates_and_reach_are_reported(bars):
    settings = {"network": "20×20-300-10", "seed": 1, "passes": 1, "train_size": 60}
    plain, other = (
        trained(bars, **settings, setting=setting)
        for setting in (None, {"reach": 2.0, "rate_factor": 1.0})
    )
    assert other["how"] == plain["how"] + ", but reach 2, coefficient 1, rate factor 1"


@BUILT
def test_other_rates_and_reach_are_another_training(bars):
    digits = bars.digits.train.take(np.arange(60))
    settings = Setting(), Setting(reach=2.0), Setting(rate_factor=1.0)
    name = "20×20-300-10"
    networks = [train_network(name, digits, 1, 1, setting=each)[0] for each in settings]
    inputs = inputs_of(name, digits.images)
    assert len({network.penalties(inputs).tobytes() for network in networks}) == 3


@BUILT
def test_boosting_adds_three_networks(bars):
    row = boosted(bars, seed=1, passes=1, train_size=60, copies=1)
    assert row["multiply_adds"] == 3 * 249_568
    assert "three LeNet-4" in row["how"]
    assert row["parameters"] == 3 * 50_698


def fake(errors):
    answers = "0" * 10_000
    costs = {"parameters": 10, "multiply_adds": 10, "train_seconds": 1.0, "read_seconds": 1.0}
    return costs | {
        "answers": answers,
        "errors": errors,
        "memory_bytes": 40,
        "reject_for_half_percent": None,
        "how": "not at all",
    }


def test_the_report_names_what_lies_outside_the_bar():
    found = {job.name: fake(100) for job in EXPERIMENT.jobs(Budget())}
    found["neighbour-causes"] = {"lines": [["28×28", 60_000, 3, 283]]}
    for method in (*METHODS, *CAUSES):
        found[method.job_name] = fake(round(100 * method.error))
    found[METHODS[2].job_name] = fake(1_000)
    report = EXPERIMENT.report(Budget(), found)
    assert report.notes[-1].endswith(f"Outside: {METHODS[2].name} (10.00, printed 1.1).")
    assert len(report.rows) == len(METHODS)
    assert [row.printed for row in report.rows] == sorted(
        (method.error for method in METHODS), reverse=True
    )


@pytest.mark.parametrize("budget", [Budget(), Budget.short()], ids=["full", "quick"])
def test_every_claim_has_pieces_of_different_names(budget):
    assert len({experiment.name for experiment in EXPERIMENTS}) == len(EXPERIMENTS)
    for experiment in EXPERIMENTS:
        names = [job.name for job in experiment.jobs(budget)]
        assert names
        assert len(set(names)) == len(names)
