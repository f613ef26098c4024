"""Rejection against trying every threshold."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.evaluation.rejection import margins, rejection_curve, rejection_rate
from lenet.evaluation.score import Score


def tried_one_by_one(scores, labels, error_rate):
    ahead = [sorted(row)[-1] - sorted(row)[-2] for row in scores.tolist()]
    rows = zip(scores.tolist(), labels.tolist(), strict=True)
    wrong = [row.index(max(row)) != label for row, label in rows]
    for threshold in sorted(set(ahead)):
        kept = [bad for bad, lead in zip(wrong, ahead, strict=True) if lead >= threshold]
        if sum(kept) <= error_rate * len(kept):
            return 1 - len(kept) / len(wrong)
    return None


@pytest.mark.parametrize("error_rate", [0.0, 0.005, 0.05, 0.2])
@pytest.mark.parametrize("steps", [3, 1000])  # few steps: many equal differences
def test_the_share_is_that_of_the_best_threshold(rng, steps, error_rate):
    labels = rng.integers(0, 10, 400)
    scores = rng.integers(0, steps, (400, 10)) / steps + 0.7 * np.eye(10)[labels]
    theirs = tried_one_by_one(scores, labels, error_rate)
    assert rejection_rate(scores, labels, error_rate) == (
        None if theirs is None else pytest.approx(theirs)
    )


def test_the_ends():
    scores = np.eye(10)
    assert rejection_rate(scores, np.arange(10)) == 0
    assert rejection_rate(scores, np.arange(10) ^ 1) is None
    assert rejection_rate(np.zeros((0, 10)), np.zeros(0)) is None
    assert margins([[0, 3, 5], [2, 2, 1]]).tolist() == [2, 0]
    with pytest.raises(ValueError, match="one label per digit"):
        rejection_rate(scores, np.arange(9))


def test_the_curve_counts_what_a_threshold_keeps():
    curve = rejection_curve([0.3, 0.9, 1.0, 0.9], [False, True, True, False], [0, 0.5, 0.9, 1, 1.1])
    assert [(point.rejected, point.kept) for point in curve] == [
        (0, Score(4, 2)),
        (0.25, Score(3, 1)),
        (0.25, Score(3, 1)),  # as --reject does, which keeps what is as sure
        (0.75, Score(1, 0)),
        (1, Score(0, 0)),
    ]
