"""The digits that exported networks are run on in these tests."""

from __future__ import annotations

import numpy as np
import pytest

from lenet.data.digits import Digits
from lenet.export.parity import available_digits


@pytest.fixture(scope="session")
def calibration() -> Digits:
    """1,000 digits: test digits of MNIST where it is here, else the embedded ones."""
    known = available_digits()
    images = np.concatenate([known.test.images, known.train.images])
    labels = np.concatenate([known.test.labels, known.train.labels])
    return Digits(images, labels).take(np.arange(1_000))
