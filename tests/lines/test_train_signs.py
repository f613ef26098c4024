"""Composed numbers, their gaps, and a training in miniature."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.augmentation.writer_style import random_style
from lenet.data.datasets import load_sklearn_digits
from lenet.engine import native_engine
from lenet.lines.drawn_signs import draw_sign
from lenet.lines.signs import SIGNS
from lenet.lines.synthetic import compose
from lenet.lines.train_signs import SignRecipe, composed_numbers, labelled_gaps, train_signs
from lenet.network.weights import load_weights

NUMBERS = 40


@pytest.fixture(scope="module")
def digits():
    pytest.importorskip("sklearn")
    return load_sklearn_digits()


@pytest.fixture(scope="module")
def numbers(digits):
    return list(composed_numbers(digits.train, NUMBERS, 0))


def test_a_number_is_its_signs_and_digits_in_order(digits, numbers):
    for number, (grey, text) in enumerate(numbers):
        line = compose(digits.train, np.random.default_rng([0, number]), as_numbers=True)
        assert np.array_equal(grey, line.grey)
        assert [letter for letter in text if letter.isdigit()] == list(map(str, line.labels))
        assert [letter for letter in text if not letter.isdigit()] == [s for s in line.signs if s]
    assert {letter for _, text in numbers for letter in text} >= set(".,-")


def test_a_sign_is_kept_only_where_it_can_be_seen(digits):
    """A number whose signs all lie under digits or outside has none in its text."""
    hidden = 0
    for number in range(NUMBERS):
        rng = np.random.default_rng([1, number])
        line = compose(digits.train, rng, as_numbers=True)
        if any(line.signs):
            assert line.ink[-1].max() > 0.5
        hidden += line.ink[-1].max() > 0.5 and not any(line.signs)
    assert hidden < NUMBERS / 2


@pytest.mark.parametrize("sign", SIGNS[1:])
def test_where_signs_stand(sign):
    """A comma reaches below the digits, a dash stands at half their height, and so on."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        style = random_style(rng)
        ink, below = draw_sign(sign, style, rng)
        height = style.height
        lowest, highest = below / height, (ink.height - below) / height  # from the digits' feet
        margin = 3 / height  # pixels around the ink
        match sign:
            case ",":
                assert 0.05 < lowest < 0.6
                assert highest < 0.45
            case ".":
                assert lowest < 0.3 + margin
                assert ink.height < 0.5 * height + 4
            case "-":
                assert lowest < 0
                assert 0.2 < highest < 0.95
            case "/":
                assert highest > 0.85
            case ":":
                assert lowest < 0.15 + margin
                assert 0.2 < highest < 1


def test_gaps_are_labelled_where_all_digits_are_found(numbers):
    gaps = labelled_gaps(numbers)
    assert gaps.images.shape == (len(gaps.labels), 28, 28)
    assert NUMBERS < len(gaps.labels) <= sum(1 + sum(map(str.isdigit, text)) for _, text in numbers)
    assert set(gaps.labels) <= set(range(len(SIGNS)))
    one = labelled_gaps([(np.ones((40, 60), np.float32), "12"), *numbers])  # bare paper
    assert np.array_equal(one.labels, gaps.labels)


def test_a_text_with_other_letters_teaches_nothing(numbers):
    readable = [(grey, text) for grey, text in numbers if len(labelled_gaps([(grey, text)]).labels)]
    grey, text = readable[0]
    assert not len(labelled_gaps([(grey, "=" + text)]).labels)


@pytest.mark.slow
@pytest.mark.skipif(not native_engine.available(), reason="the kernels are not built here")
def test_a_run_gives_weights_that_load(digits, numbers, tmp_path):
    said: list[str] = []
    recipe = SignRecipe(numbers=10, passes=1, photographed=2, calibration_numbers=5)
    folder = train_signs(
        digits, tmp_path / "run", photographed=numbers[:5], recipe=recipe, tell=said.append
    )
    card = load_weights(folder).card
    assert card["classes"] == list(SIGNS)
    assert card["n"]["photographed"] == len(labelled_gaps(numbers[:5]).labels) > 0
    assert card["temperature"] > 0
    assert any("pass 1/1" in line for line in said)
