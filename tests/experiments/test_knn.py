"""Nearest knn against sorting all distances."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from lenet.experiments.methods.knn import (
    COUNTS,
    VIEWS,
    Kept,
    knn,
    knn_causes,
    votes,
)


def test_neighbours_are_those_of_all_distances(bars):
    train, asked = bars.digits.train, bars.digits.test.images.reshape(50, -1) / np.float32(255)
    labels, closeness = Kept.of(train, "28×28").around(asked, 7)
    known = train.images.reshape(300, -1) / 255
    for k, row in enumerate(asked):
        far = ((known - row) ** 2).sum(axis=1)
        assert labels[k].tolist() == train.labels[np.argsort(far)[:7]].tolist()
        slow = [far.min() / far[train.labels == digit].min() for digit in range(10)]
        np.testing.assert_allclose(closeness[k], slow, rtol=1e-3)


def test_most_votes_win_and_the_nearest_among_equals(rng):
    labels = rng.integers(0, 4, (200, 5))
    closeness = np.full((200, 10), 0.1, np.float32)
    for row, near in zip(labels, closeness, strict=True):
        for rank, label in reversed(list(enumerate(row))):
            near[label] = 1 - 0.1 * rank  # in the end that of the nearest of the class
    for row, answer in zip(labels.tolist(), votes(labels, closeness).argmax(axis=1), strict=True):
        counts = Counter(row)
        tied = [label for label in counts if counts[label] == max(counts.values())]
        assert answer == min(tied, key=row.index)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_reads(bars, facts_hold, view):
    found = knn(bars, train_size=300, view=view)
    assert found["parameters"] == 300 * (784 if view in {"28×28", "black and white"} else 400)
    facts_hold(found)
    if view == "28×28":
        assert found["errors"] < 25


def test_causes_agree_with_the_row(bars):
    lines = knn_causes(bars, train_size=1000)["lines"]  # more than there are
    assert len(lines) == (len(VIEWS) + 5) * len(COUNTS)
    of_row = {view: knn(bars, train_size=300, view=view)["errors"] for view in VIEWS}
    assert all([view, 300, 3, errors] in lines for view, errors in of_row.items())
