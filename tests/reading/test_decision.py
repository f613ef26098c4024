"""What explanations of an image leave unexplained."""

from __future__ import annotations

import tracemalloc

import numpy as np

from lenet.lines.line_engine import line_preparation
from lenet.preprocessing.image import Box
from lenet.reading.decision import Explanations
from lenet.reading.layout import Parts


def left_over(boxes, mass, explained, side):
    weighed = Explanations(np.broadcast_to(np.float32(1), (side, side)), line_preparation())
    weighed.parts = Parts(boxes, mass, 1, (side, side))
    return weighed._unexplained(explained)


def test_ink_outside_of_what_is_explained_counts(rng):
    corners = rng.integers(2, 400, (300, 2))
    corners = corners[np.argsort(corners[:, 0], kind="stable")]
    boxes = np.concatenate([corners, corners + rng.integers(1, 60, (300, 2))], 1)
    mass = rng.random(300)
    explained = [Box(*box) for box in (boxes[::3] + np.array([-1, 3, 1, 3])).tolist()]
    outside = [
        not any(
            2 * max(0, min(part.bottom, box.bottom) - max(part.top, box.top))
            * max(0, min(part.right, box.right) - max(part.left, box.left))
            >= min(part.height * part.width, box.height * box.width)
            for box in explained
        )
        for part in (Box(*box) for box in boxes.tolist())
    ]  # fmt: skip
    assert 0.1 < np.mean(outside) < 0.9
    share = float(mass[outside].sum() / mass.sum())
    assert abs(left_over(boxes, mass, explained, 500) - share) < 1e-9


def test_thousands_of_parts_and_digits_take_little_memory():
    down, across = np.mgrid[5:4000:50, 5:4000:50].reshape(2, -1)
    boxes = np.stack([down, across, down + 30, across + 20], 1)
    explained = [Box(*box) for box in boxes.tolist()]
    tracemalloc.start()
    assert left_over(boxes, np.ones(len(boxes)), explained, 4010) == 0
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 40_000_000  # 6,400 × 6,400 comparisons at once take gigabytes
