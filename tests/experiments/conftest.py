"""A small data set for the classifiers of the table."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.data.digits import Digits, DigitSet
from lenet.experiments.experiment import Workspace

FACTS = {
    "answers",
    "errors",
    "reject_for_half_percent",
    "parameters",
    "multiply_adds",
    "train_seconds",
    "read_seconds",
    "memory_bytes",
    "how",
}


def noisy_bars(n: int, seed: int) -> Digits:
    """A bar whose height in the image notes the label, its width and the noise by chance."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.int64) % 10
    images = rng.integers(0, 90, (n, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        top = 4 + 2 * label
        image[top : top + 2, 4 : rng.integers(14, 24)] = 230
    return Digits(images, labels)


@pytest.fixture(scope="session")
def bars(tmp_path_factory) -> Workspace:
    digits = DigitSet("bars", noisy_bars(300, 0), noisy_bars(50, 1), np.arange(0))
    return Workspace(digits, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="session")
def facts_hold(bars):
    """Check a row that was found on the bars, and give its share of errors."""

    def check(found, train_size=300) -> float:
        labels = bars.digits.test.labels
        assert set(found) == FACTS
        assert len(found["answers"]) == len(labels)
        assert found["errors"] == sum(
            int(answer) != label for answer, label in zip(found["answers"], labels, strict=True)
        )
        assert found["memory_bytes"] == 4 * found["parameters"]
        return found["errors"] / len(labels)

    return check
