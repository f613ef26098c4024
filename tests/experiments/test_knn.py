"""Nearest neighbours against sorting all distances."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from lenet.experiments.methods.knn import (
    COUNTS,
    VIEWS,
    knn,
    knn_causes,
    nearest,
    votes,
)


def test_neighbours_are_those_of_all_distances(bars):
    train, test = bars.digits.train, bars.digits.test
    labels, distances = nearest(train, "28×28", 7)(test.images)
    known, asked = (part.images.reshape(len(part), -1) / 255 for part in (train, test))
    for k, row in enumerate(asked):
        far = np.sqrt(((known - row) ** 2).sum(axis=1))
        assert labels[k].tolist() == train.labels[np.argsort(far)[:7]].tolist()
        np.testing.assert_allclose(distances[k], np.sort(far)[:7], rtol=1e-3)


def test_most_votes_win_and_the_nearest_among_equals(rng):
    labels = rng.integers(0, 4, (200, 5))
    distances = np.sort(rng.uniform(1, 3, (200, 5)), axis=1)
    scores = votes(labels, distances, 5)
    for row, far, of_row in zip(labels.tolist(), distances, scores, strict=True):
        counts = Counter(row)
        tied = [label for label in counts if counts[label] == max(counts.values())]
        assert of_row.argmax() == min(tied, key=row.index)
        for label in range(10):
            closeness = (far[0] / far[row.index(label)]) ** 2 if label in row else 0
            assert of_row[label] == pytest.approx(counts[label] + closeness / 2)
    fewer = votes(labels, distances, 2)
    assert (scores - fewer).sum(axis=1) == pytest.approx(3)  # closeness stays that of all five


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
