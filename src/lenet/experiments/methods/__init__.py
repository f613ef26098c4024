"""The classifiers of Fig. 9, all reported in the same terms (section III-D)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import Digits
from lenet.evaluation.rejection import rejection_rate
from lenet.experiments.experiment import Result, Workspace
from lenet.network.plane import ByteArray

BYTES = 4  # per stored number


@dataclass(frozen=True)
class Trained:
    """A trained classifier.

    scores : (n, 10) from images (n, 28, 28); the highest wins
    parameters : stored numbers
    multiply_adds : per digit, without preprocessing such as deslanting
    """

    scores: Callable[[ByteArray], NDArray[Any]]
    parameters: int
    multiply_adds: int


def scored(
    scores: NDArray[Any],
    labels: NDArray[np.int64],
    *,
    parameters: int,
    multiply_adds: int,
    train_seconds: float,
    read_seconds: float,
    how: str,
) -> Result:
    """Answers to n test digits and what they cost.

    Parameters
    ----------
    scores : (n, 10), the highest wins;  labels : (n,)
    parameters : stored numbers;  multiply_adds : per digit
    train_seconds, read_seconds : processor time of one core; reading these n digits, reported for
        10,000
    how : one sentence on the method, and on what the paper leaves open
    """
    answers = scores.argmax(axis=1)
    return {
        "answers": "".join(map(str, answers.tolist())),
        "errors": int((answers != labels).sum()),
        "reject_for_half_percent": rejection_rate(scores, labels),
        "parameters": parameters,
        "multiply_adds": multiply_adds,
        "train_seconds": train_seconds,
        "read_seconds": read_seconds * 10_000 / len(labels),
        "memory_bytes": parameters * BYTES,
        "how": how,
    }


def train_and_score(
    workspace: Workspace, train_size: int, learn: Callable[[Digits], Trained], how: str
) -> Result:
    """Train on the first `train_size` digits, score the test digits, time both.

    Both times start at byte images and include preprocessing such as deslanting.
    """
    digits, test = workspace.train(train_size), workspace.digits.test
    start = time.process_time()
    trained = learn(digits)
    ready = time.process_time()
    scores = trained.scores(test.images)
    return scored(
        scores,
        test.labels,
        parameters=trained.parameters,
        multiply_adds=trained.multiply_adds,
        train_seconds=ready - start,
        read_seconds=time.process_time() - ready,
        how=how,
    )
