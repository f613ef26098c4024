"""The study of section III-E: what it trains, and what it reports from results made up here."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from lenet.augmentation.transforms import TRANSFORMS
from lenet.errors import LenetError
from lenet.experiments import invariance
from lenet.experiments.experiment import Budget, Workspace
from lenet.experiments.invariance import EXPERIMENT, noise_trained, train_on_changing
from lenet.network.weights import load_weights
from lenet.training.engines import choose_engine
from lenet.training.fit import Callbacks, fit
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import RunConfig
from lenet.training.recipes import PUBLISHED

TWICE = replace(PUBLISHED, passes=2)
THRICE = replace(PUBLISHED, passes=3)  # the third has another rate


def same(one, other):
    return all(np.array_equal(one.tensors[name], other.tensors[name]) for name in one.tensors)


@pytest.fixture
def place(tiny_set, tmp_path):
    return Workspace(tiny_set, tmp_path / "kept")


def test_pieces_follow_the_plan():
    whole = {job.name: job.settings for job in EXPERIMENT.jobs(Budget())}
    learning = {"passes": 20, "train_size": 60_000, "share": 0.1, "count": 10_000}
    assert whole == {
        "invariance-ink": {"count": 10_000},
        "invariance-1998": {"count": 10_000},
        **{f"invariance-noise-{seed}": {"seed": seed} | learning for seed in range(3)},
    }
    quick = EXPERIMENT.jobs(Budget.short())
    assert len(quick) == 4
    assert quick[-1].settings["count"] == 2_000
    assert quick[-1].settings["passes"] == 3


def test_the_noise_is_drawn_anew_for_each_pass(place, monkeypatch):
    shown_digits = {}

    def train_on_changing(recipe, seed, shown):
        shown_digits[seed] = [shown(number) for number in (1, 2, 1)]
        assert recipe.passes == 2
        return load_weights("1998")

    monkeypatch.setattr(invariance, "train_on_changing", train_on_changing)
    noise_trained(place, seed=4, passes=2, train_size=60)
    noise_trained(place, seed=5, passes=2, train_size=60)
    first, second, again = (digits.images for digits in shown_digits[4])
    clean = place.digits.train.images[:60]
    assert np.mean(first != clean) == pytest.approx(0.1, abs=0.01)
    assert np.mean(first != second) == pytest.approx(0.18, abs=0.01)  # 2 × 0.1 × 0.9
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, shown_digits[5][0].images)
    assert shown_digits[4][0].labels.tolist() == place.digits.train.labels[:60].tolist()


def test_from_training_to_report(place):
    budget = Budget(seeds=2, passes=1, train_size=100)
    found = {
        job.name: json.loads(json.dumps(job.work(place, **job.settings)))
        for job in EXPERIMENT.jobs(budget)
    }
    for name, moves in found["invariance-noise-1"]["curves"].items():
        assert [amount for amount, _, _ in moves] == list(TRANSFORMS[name].values)
        assert {n for _, _, n in moves} == {20}
    text = json.dumps(EXPERIMENT.report(budget, found).to_dict(), allow_nan=False)
    assert "NaN" not in text


def test_digits_that_are_not_cut_off_are_read_the_same_in_the_whole_plane(place):
    small = []
    for part in (place.digits.train, place.digits.test):
        images = np.zeros_like(part.images)
        images[:, 8:20, 8:20] = part.images[:, 8:20, 8:20]
        small.append(replace(part, images=images))
    digits = replace(place.digits, train=small[0], test=small[1])
    found = invariance.without_noise(replace(place, digits=digits), count=15)
    for name in ("rotation", "scale"):
        points = {tuple(point) for point in found["curves"][name]}
        assert set(found["plane"][name]) < points


def straight(move, below, above, clean=0):
    """Errors in 100 that rise straight on either side of the neutral amount, up to 90."""
    further = [amount - move.neutral for amount in move.values]
    errors = [min(90, clean + max(-below * far, above * far)) for far in further]
    return [[amount, wrong, 100] for amount, wrong in zip(move.values, errors, strict=True)]


SLOPES = {  # errors in 100 by unit, below and above the neutral amount
    "right": (4, 4),
    "down": (5, 10),
    "rotation": (1, 0.5),
    "scale": (40, 40),
    "shear": (30, 30),
    "stroke": (8, 8),
    "noise": (50, 50),
}


def made_up(factor, clean):
    curves = {
        name: straight(
            TRANSFORMS[name], factor * below, factor * above, clean if name == "noise" else 0
        )
        for name, (below, above) in SLOPES.items()
    }
    ends = {"scale": (0.5, 2.0), "down": (-10, 10), "rotation": (-30, 30)}
    return {"curves": curves, "plane": {name: [[a, 7, 100] for a in ends[name]] for name in ends}}


@pytest.fixture
def report():
    found = {
        "invariance-ink": {"scale": [[0.5, 0.0], [2.0, 0.25]]},
        "invariance-1998": made_up(2, 1),
        "invariance-noise-0": made_up(1, 1),
        "invariance-noise-1": made_up(1, 3),
    }
    return EXPERIMENT.report(Budget(), found)


def test_rows_stand_beside_the_printed_figures(report):
    rows = {row.what: row for row in report.rows}
    clean = rows["trained with 10 % noise, clean digits"]
    assert (clean.ours, clean.sd, clean.seeds) == (pytest.approx(2), pytest.approx(2**0.5), 2)
    soiled = rows["trained without noise, 10 % of pixels inverted"]
    assert soiled.ours == pytest.approx(1 + 10)
    assert soiled.interval[0] < 11 < soiled.interval[1]
    for what, ours, printed in (
        ("largest scale, at most 10% errors", 1.25, 2),
        ("smallest scale, at most 10% errors", 0.75, 0.5),
        ("vertical shift, either way, at most 10% errors", 1 / 20, 0.5),
        ("rotation, either way, at most 10% errors", 10, 30),
        ("rotation, either way, at most 50% errors", 50, 30),
    ):
        assert (rows[what].ours, rows[what].printed) == (pytest.approx(ours), printed)


def test_tables_say_what_was_found(report):
    ranges, errors, ink = report.tables
    lines = {(line[0], line[2]): line[3:] for line in ranges.lines}
    assert lines["rotation", "10%"] == ["−5 … 10", "−10 … 20"]
    assert lines["rotation", "50%"] == ["−25 … 50", "−50 … ≥ 60"]
    assert lines["shear", "50%"] == ["−0.83 … 0.83", "≤ −1 … ≥ 1"]
    assert lines["noise", "50%"] == ["0 … ≥ 0.3", "0 … ≥ 0.3"]
    assert errors.lines[1] == ["scale", "times", 2.0, 80, 7, 40, 7]
    assert [len(line) for line in errors.lines] == [len(errors.header)] * 6
    assert ink.lines[1] == ["scale", "times", 2.0, 25.0]


def test_one_panel_a_move_with_the_printed_bounds(report):
    panels = dict(zip(TRANSFORMS, report.panels, strict=True))
    assert [panel.title for panel in panels.values()] == [
        move.title for move in TRANSFORMS.values()
    ]
    without, with_noise, printed = panels["rotation"].curves
    assert with_noise.y[0] == pytest.approx(60)
    assert without.y[0] == pytest.approx(90)
    assert printed.printed
    assert set(printed.x) == {-30, 30}
    band = panels["noise"].curves[1]
    assert (band.low[0], band.y[0], band.high[0]) == pytest.approx((1, 2, 3))
    assert panels["noise"].curves[0].low is None


def test_learning_the_same_digits_each_pass_is_what_fit_does(tiny_set, tmp_path):
    run = fit(
        RunConfig(THRICE, seed=3, engine=choose_engine("auto")),
        tiny_set,
        tmp_path,
        callbacks=Callbacks(),
    )
    assert same(train_on_changing(THRICE, 3, lambda number: tiny_set.train), load_weights(run.path))


def test_each_pass_has_its_digits(tiny_set):
    asked = []

    def shown(number):
        asked.append(number)
        return tiny_set.train.take(np.arange(50) + 25 * (number - 1))

    changing = train_on_changing(TWICE, 3, shown)
    assert asked == [1, 2]
    assert not same(changing, train_on_changing(TWICE, 3, lambda number: shown(1)))


def test_weights_that_run_away_are_an_error(tiny_set):
    wild = replace(TWICE, optimiser=Sdlm(rate_factor=1e30))
    with pytest.raises(LenetError, match="finite"):
        train_on_changing(wild, 0, lambda number: tiny_set.train)
