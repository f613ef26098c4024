"""What is reported of a classifier."""

from __future__ import annotations

import json

import numpy as np

from lenet.experiments.methods import Trained, scored, train_and_score


def test_a_row_is_json_and_counts_the_highest_scores(rng):
    scores, labels = rng.normal(size=(200, 10)), rng.integers(0, 10, 200)
    row = scored(
        scores,
        labels,
        parameters=7,
        multiply_adds=5,
        train_seconds=1.0,
        read_seconds=2.0,
        how="by chance",
    )
    assert row["errors"] == sum(
        row_.index(max(row_)) != label
        for row_, label in zip(scores.tolist(), labels.tolist(), strict=True)
    )
    assert row["read_seconds"] == 100  # for 10,000
    assert row["memory_bytes"] == 28
    assert json.loads(json.dumps(row)) == row


def test_learning_sees_only_what_it_may(bars, facts_hold):
    seen = []

    def learn(digits):
        seen.append(len(digits))
        return Trained(lambda images: np.eye(10)[np.arange(len(images)) % 10], 1, 1)

    assert facts_hold(train_and_score(bars, 120, learn, "the answers are known")) == 0
    assert seen == [120]
