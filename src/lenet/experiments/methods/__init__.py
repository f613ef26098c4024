"""The classifiers of Fig. 9, all reported in the same terms (section III-D)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

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
    how : one sentence on the method, and on what the paper leaves open
    """

    scores: Callable[[ByteArray], NDArray[Any]]
    parameters: int
    multiply_adds: int
    how: str


def train_and_score(
    workspace: Workspace, train_size: int, learn: Callable[[Digits], Trained]
) -> Result:
    """Train on the first `train_size` digits, score the test digits: the answers and their costs.

    Times are processor time of one core, reading that of 10,000 digits. Both start at byte images
    and include preprocessing such as deslanting.
    """
    digits, test = workspace.train(train_size), workspace.digits.test
    start = time.process_time()
    trained = learn(digits)
    ready = time.process_time()
    scores = trained.scores(test.images)
    end = time.process_time()
    answers = scores.argmax(axis=1)
    return {
        "answers": "".join(map(str, answers.tolist())),
        "errors": int((answers != test.labels).sum()),
        "reject_for_half_percent": rejection_rate(scores, test.labels),
        "parameters": trained.parameters,
        "multiply_adds": trained.multiply_adds,
        "train_seconds": ready - start,
        "read_seconds": (end - ready) * 10_000 / len(test),
        "memory_bytes": trained.parameters * BYTES,
        "how": trained.how,
    }


def method(learn: Callable[..., Trained]) -> Callable[..., Result]:
    """The work of a job, (workspace, train_size, **settings), from learn(digits, **settings)."""

    @wraps(learn)
    def work(workspace: Workspace, *, train_size: int, **settings: Any) -> Result:
        return train_and_score(workspace, train_size, lambda digits: learn(digits, **settings))

    return work
