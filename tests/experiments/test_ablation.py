"""The ablation: its rungs differ by one thing each, and its report notes what was found."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lenet.engine import native_engine
from lenet.experiments.ablation import (
    ALL,
    EXPERIMENT,
    HELD_OUT,
    STEPS,
    distilled,
    recipes,
    trained_step,
)
from lenet.experiments.experiment import Budget, Workspace
from lenet.network.weights import load_weights
from lenet.training.optimisers import AdamW
from lenet.training.recipe import CnnTeachers, Distillation, Recipe
from lenet.training.recipes import MODERN, PLAIN, PUBLISHED

BUILT = pytest.mark.skipif(
    not native_engine.available(), reason="no compiled kernels on this machine"
)
SMALL = Recipe("small", AdamW(batch=8, peak_rate=0.01), passes=8, loss="eq9")


TOGETHER = [{"rubbish", "temperature"}, {"network", "temperature"}]  # a head and its scale


def test_the_first_step_is_1998_and_the_last_kept_is_modern_without_teachers():
    made = recipes(20)
    assert next(iter(made.values())) == replace(PUBLISHED, passes=20)
    last = [made[each.name] for each in STEPS if each.kept][-1]
    same = {"name": "1998", "distillation": None, "passes": 20}
    alike = replace(MODERN, optimiser=last.optimiser, **same)
    assert last == alike


def test_every_step_changes_one_thing():
    made, below = recipes(20), None
    for each in STEPS:
        recipe = made[each.name]
        if below and isinstance(recipe.optimiser, AdamW) and isinstance(below.optimiser, AdamW):
            ours, theirs = recipe.to_dict(), below.to_dict()
            changed = {k for k in ours.keys() | theirs.keys() if ours.get(k) != theirs.get(k)}
            assert len(changed) == 1 or changed in TOGETHER, (each.name, changed)
        below = recipe if each.kept else below
    assert len(made) == len(STEPS)


@BUILT
def test_a_step_is_scored_on_both_parts(bars):
    held_out = replace(bars.digits, validation=np.arange(250, 300))
    place = Workspace(held_out, bars.cache)
    found = trained_step(place, SMALL.to_dict(), seed=1, train_size=200)
    assert set(found) == {"seconds", "last", "average"}
    assert found["last"]["test"] <= 0.5
    assert 0 <= found["last"]["validation"] <= 0.5
    short = trained_step(place, replace(SMALL, passes=1).to_dict(), seed=1, train_size=200)
    assert "average" not in short  # a quarter of one pass is none


@BUILT
def test_students_share_their_teachers_and_are_runs_of_lenet_train(bars, tmp_path):
    recipe = replace(SMALL, distillation=Distillation((SMALL,), CnnTeachers(1, 1, 2), 2, copies=2))
    place = Workspace(replace(bars.digits, validation=np.arange(250, 300)), tmp_path)
    other = replace(recipe, name="other", network=PLAIN)
    both = [recipe.to_dict(), other.to_dict()]
    found = distilled(place, both, seeds=2, holdout=True, train_size=300)
    assert {name: len(rates) for name, rates in found["students"].items()} == {
        "small": 2,
        "other": 2,
    }
    assert [len(found[group]) for group in ("teachers", "deep")] == [2, 1]
    (here,) = tmp_path.iterdir()
    homes = [here / name for name in ("small-1", "small-2", "other-1", "other-2")]
    assert (
        len({load_weights(home / "teachers" / "2").card["weights_sha256"] for home in homes}) == 1
    )
    assert len({load_weights(home).card["weights_sha256"] for home in homes}) == 4
    assert distilled(place, both, seeds=2, holdout=True, train_size=300) == found


def test_the_report_has_all_steps_and_modern():
    rates = {"validation": 0.01, "test": 0.008}
    found = {
        job.name: {"seconds": 2.0, "last": rates, "average": rates}
        for job in EXPERIMENT.jobs(Budget())
    }
    for name in (ALL, HELD_OUT):
        both = [rates, {"validation": 0.006, "test": 0.004}]
        students = {"modern": both, "plain-distilled": [rates]}
        found[name] = {"students": students, "teachers": [rates], "deep": [rates]}
    report = EXPERIMENT.report(Budget(), found)
    assert report.rows[0].ours == pytest.approx(0.6)
    assert report.rows[4].ours == pytest.approx(0.8)
    lines = report.tables[0].lines
    assert len(lines) == len(STEPS) + 3
    assert lines[0][0] == STEPS[0].name
    assert lines[-2][1:3] == pytest.approx([0.8, math.sqrt(0.08)])
    curve = report.panels[0].curves[0]
    assert len(curve.x) == sum(each.kept for each in STEPS) + 2
