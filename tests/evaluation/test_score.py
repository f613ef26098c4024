"""Counting, and the interval against scipy's."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.evaluation.calibration import calibration_error, fit_temperature
from lenet.evaluation.score import Mistake, Score, compare
from lenet.network.confidence import probabilities


@pytest.mark.parametrize(
    ("total", "errors"), [(10_000, 95), (10, 0), (10, 10), (1, 0), (542, 43), (60_000, 1)]
)
def test_the_interval_is_wilsons(total, errors):
    stats = pytest.importorskip("scipy.stats")
    theirs = stats.binomtest(errors, total).proportion_ci(0.95, "wilson")
    assert Score(total, errors).interval_95 == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_scores_add():
    assert sum((Score(10, 1), Score(5, 2)), Score()) == Score(15, 3)
    assert str(Score(10_000, 80)).startswith("80 errors in 10,000 (0.80%, 95 % interval 0.64–0.99")
    assert Score().interval_95 == (0, 1)


def test_every_digit_is_counted_once(rng):
    labels, answers = rng.integers(0, 10, (2, 1000))
    evaluation = compare(answers, labels)
    assert evaluation.score.total == evaluation.confusion.sum() == 1000
    assert evaluation.score.errors == sum(
        a != t for a, t in zip(answers.tolist(), labels.tolist(), strict=True)
    )
    for label in range(10):
        for answer in range(10):
            count = sum((labels == label) & (answers == answer))
            assert evaluation.confusion[label, answer] == count
    first = int(np.flatnonzero(labels != answers)[0])
    assert evaluation.wrong[0] == Mistake(first, int(labels[first]), int(answers[first]))


def test_answers_without_labels_are_refused():
    with pytest.raises(ValueError, match="one answer per label"):
        compare([1, 2, 3], [1, 2])


@pytest.mark.parametrize("true_temperature", [0.3, 1.0, 25.0])
def test_a_known_temperature_is_found(true_temperature, rng):
    """Labels drawn from softmax(−penalties / T): the fit must give T back."""
    penalties = rng.uniform(0, 6 * true_temperature, (20_000, 10)).astype(np.float32)
    shares = probabilities(penalties, true_temperature)
    labels = (shares.cumsum(1) > rng.uniform(size=(20_000, 1))).argmax(1)
    assert fit_temperature(penalties, labels) == pytest.approx(true_temperature, rel=0.05)


def test_confidences_by_hand():
    shares = probabilities(np.array([[0.0, np.log(3.0)]], np.float32))
    assert shares[0].tolist() == pytest.approx([0.75, 0.25])
    far = probabilities(np.array([[0.0, 1e30]], np.float32), 1e-3)
    assert far[0].tolist() == [1, 0]


def test_the_calibration_error_is_the_sum_over_bins(rng):
    sure, right = rng.random(2_000), rng.random(2_000) < 0.7
    wanted = 0.0
    for low in np.arange(15) / 15:
        inside = (sure >= low) & (sure < low + 1 / 15)
        wanted += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    assert calibration_error(sure, right) == pytest.approx(wanted, abs=1e-3)
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, False])) == 0.5
    assert calibration_error(np.array([]), np.array([], bool)) == 0.0


def test_confidence_that_is_frequency_is_calibrated(rng):
    sure = rng.uniform(0.5, 1, 100_000)
    assert calibration_error(sure, rng.random(100_000) < sure) < 0.01
