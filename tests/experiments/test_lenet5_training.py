"""The published rule as studies run it, the distorted copies, and the printed figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import affine_transform

from lenet.data.digits import Digits
from lenet.engine import native_engine
from lenet.experiments.images import paper_distortions
from lenet.experiments.images.paper_distortions import distort, with_copies
from lenet.experiments.lenet_5 import CHOSEN, FIG5_TEST, FIG8, SETTINGS, overlap_rows
from lenet.training.recipes import PUBLISHED

BUILT = pytest.mark.skipif(
    not native_engine.available(), reason="no compiled kernels on this machine"
)


@pytest.fixture(scope="module")
def digits():
    rng = np.random.default_rng(4)
    return Digits(rng.integers(0, 256, (60, 28, 28), np.uint8), rng.integers(0, 10, 60))


@BUILT
def test_the_passes_are_those_of_lenet_train(digits, tmp_path):
    from lenet.data.digits import DigitSet
    from lenet.experiments.methods.lenet5 import train_by_pass
    from lenet.network.weights import load_weights
    from lenet.training.fit import Callbacks, fit
    from lenet.training.recipe import RunConfig

    recipe = replace(PUBLISHED, passes=2)
    *_, last = train_by_pass(recipe, 7, digits)
    whole = DigitSet("mnist", digits, digits, np.arange(0))
    order = RunConfig(recipe, seed=7, engine="native")
    run = fit(order, whole, tmp_path / "run", callbacks=Callbacks())
    for name, tensor in load_weights(run.path).tensors.items():
        np.testing.assert_array_equal(last.weights.tensors[name], tensor)
    assert last.error_rate == run.history()[-1]["train_error_rate"]


@BUILT
def test_more_digits_than_a_pass_shows_are_gone_through_in_turn(digits, monkeypatch):
    from lenet.experiments.methods import lenet5

    shown = []
    learn = lenet5.NativeSdlm.learn
    monkeypatch.setattr(
        lenet5.NativeSdlm,
        "learn",
        lambda self, order: (shown.extend(order.tolist()), learn(self, order))[1],
    )
    list(lenet5.train_by_pass(replace(PUBLISHED, passes=3), 1, digits, shown=40))
    assert len(shown) == 120
    assert sorted(shown[:60]) == list(range(60))
    assert shown[60:] == shown[:60]


@BUILT
def test_curvatures_of_the_first_pass_may_serve_all(digits):
    from lenet.experiments.methods.lenet5 import train_by_pass

    recipe = replace(PUBLISHED, passes=3)
    first = [
        p.steps["c3.weight"] / recipe.optimiser.rate(p.number)
        for p in train_by_pass(recipe, 1, digits, curvatures="first")
    ]
    np.testing.assert_allclose(first[2], first[0], rtol=1e-5)
    each = [
        p.steps["c3.weight"] / recipe.optimiser.rate(p.number)
        for p in train_by_pass(recipe, 1, digits)
    ]
    np.testing.assert_array_equal(each[0], first[0])
    assert not np.allclose(each[2], each[0], rtol=1e-2)


def test_the_chosen_reading_is_the_recipe():
    setting = SETTINGS[CHOSEN]
    assert setting.factor == PUBLISHED.optimiser.rate_factor
    assert (setting.coefficient, setting.curvatures) == (PUBLISHED.coefficient, "each")
    assert (setting.loss, setting.rubbish) == (PUBLISHED.loss, PUBLISHED.rubbish)
    assert setting.initialisation == PUBLISHED.initialisation


def test_figure_8_has_its_82_errors():
    assert len(FIG8) == 82
    assert all(right != answer for right, answer in FIG8.values())
    assert sum(index < 5_000 for index in FIG8) == 55
    assert len(FIG5_TEST) == 20


def test_errors_shared_with_figure_8_are_counted():
    answers = ["0"] * 10_000
    for index, (right, _) in FIG8.items():
        answers[index] = str(right)
    index, (_, wrong) = next(iter(FIG8.items()))
    answers[index] = str(wrong)
    shared, same = overlap_rows(["".join(answers)])
    assert (shared.ours, same.ours) == (1.0, 1.0)


def test_copies_follow_their_originals(digits):
    made = with_copies(digits, 2, seed=3)
    assert len(made) == 180
    np.testing.assert_array_equal(made.images[:60], digits.images)
    np.testing.assert_array_equal(made.labels, np.tile(digits.labels, 3))
    np.testing.assert_array_equal(made.images, with_copies(digits, 2, seed=3).images)
    assert not np.array_equal(made.images[60:120], made.images[120:])


def test_distortion_is_the_affine_map_that_it_says(monkeypatch):
    """Against scipy's affine_transform, with the amounts drawn again from the same generator."""
    rng = np.random.default_rng(0)
    images = np.zeros((5, 28, 28), np.uint8)
    images[:, 8:20, 9:18] = rng.integers(0, 256, (5, 12, 9))
    found = distort(images, np.random.default_rng(9))
    draw, n = np.random.default_rng(9), 5
    right, down = (
        draw.uniform(-most, most, n) for most in (paper_distortions.RIGHT, paper_distortions.DOWN)
    )
    scale = np.exp(draw.uniform(*np.log(paper_distortions.SCALE), n))
    ratio = np.exp(draw.uniform(*np.log(paper_distortions.RATIO), n))
    shear = draw.uniform(-paper_distortions.SHEAR, paper_distortions.SHEAR, n)
    for k in range(n):
        tall, wide = scale[k] * ratio[k] ** 0.5, scale[k] / ratio[k] ** 0.5
        matrix = np.array([[1 / tall, 0], [-shear[k] / wide, 1 / wide]])
        offset = 13.5 - matrix @ [13.5 + down[k], 13.5] + np.array([0, -right[k] / wide])
        expected = affine_transform(
            images[k].astype(float), matrix, offset, order=1, mode="constant"
        )
        assert np.abs(found[k] - expected).max() <= 1.0  # of 255
        assert np.abs(found[k].astype(int) - images[k]).max() > 50
