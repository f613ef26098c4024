"""The network that tells digits from what is none: its weights, and how they are trained."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.data.datasets import load_sklearn_digits
from lenet.data.digits import DigitSet
from lenet.engine import native_engine
from lenet.lines.open_set import NO_DIGIT, OpenSetClassifier, open_set_weights
from lenet.network.weights import load_weights

pytest.importorskip("torch")

from lenet.lines.train_open_set import OpenSetRecipe, drawn_images, train_open_set


@pytest.fixture(scope="module")
def digits() -> DigitSet:
    pytest.importorskip("sklearn")
    return load_sklearn_digits()


def test_probabilities_of_digits_and_none(digits):
    classifier = OpenSetClassifier(open_set_weights())
    found = classifier.probabilities(digits.test.images[:100])
    assert found.shape == (100, NO_DIGIT + 1)
    assert found.sum(1) == pytest.approx(1)
    assert (found[:, :NO_DIGIT].argmax(1) == digits.test.labels[:100]).mean() > 0.9
    assert classifier.probabilities([]).shape == (0, NO_DIGIT + 1)


def test_drawn_images_are_digits_and_outliers_that_the_seed_decides(digits):
    pytest.importorskip("HersheyFonts")
    drawn = drawn_images(digits.train, 60, 3)
    assert drawn.images.shape[1:] == (28, 28)
    assert 0.2 < (drawn.labels == NO_DIGIT).mean() < 0.7
    again = drawn_images(digits.train, 60, 3)
    assert np.array_equal(drawn.images, again.images)


@pytest.mark.slow
@pytest.mark.skipif(not native_engine.available(), reason="the kernels are not built here")
def test_a_run_gives_weights_that_load(digits, tmp_path):
    pytest.importorskip("HersheyFonts")
    said: list[str] = []
    recipe = OpenSetRecipe(images=300, lines=5, passes=1, teachers=2, calibration_images=50)
    weights = load_weights(train_open_set(digits, tmp_path, recipe=recipe, tell=said.append))
    assert weights.card["n"]["no_digit"] > 50
    assert weights.card["temperature"] > 0
    assert sum("pass 1/1" in line for line in said) == 3
    found = OpenSetClassifier(weights).probabilities(digits.test.images[:5])
    assert found.sum(1) == pytest.approx(1)
