"""What is reported of a classifier."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lenet.experiments.methods import Trained, train_and_score


def test_a_result_is_json_and_counts_the_highest_scores(bars, facts_hold, rng):
    scores, labels = rng.normal(size=(50, 10)), bars.digits.test.labels
    trained = Trained(lambda images: scores, parameters=7, multiply_adds=5, how="by chance")
    result = train_and_score(bars, 300, lambda digits: trained)
    assert facts_hold(result) == np.mean(scores.argmax(axis=1) != labels)
    assert (result["parameters"], result["multiply_adds"], result["how"]) == (7, 5, "by chance")
    assert json.loads(json.dumps(result)) == result


def test_reading_is_timed_for_10_000_digits(bars, monkeypatch):
    clock = iter([0.0, 3.0, 5.0])
    monkeypatch.setattr("time.process_time", lambda: next(clock))
    trained = Trained(lambda images: np.eye(10)[np.zeros(len(images), int)], 1, 1, "")
    result = train_and_score(bars, 300, lambda digits: trained)
    assert (result["train_seconds"], result["read_seconds"]) == (3, pytest.approx(400))


def test_training_sees_only_what_it_may(bars, facts_hold):
    seen = []

    def learn(digits):
        seen.append(len(digits))
        return Trained(lambda images: np.eye(10)[np.arange(len(images)) % 10], 1, 1, "")

    assert facts_hold(train_and_score(bars, 120, learn)) == 0
    assert seen == [120]
