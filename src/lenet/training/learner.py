"""What the training loop asks of a learner; PyTorch and the compiled kernels both provide it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lenet.network.plane import FloatArray

Indices = NDArray[np.int64]
State = dict[str, NDArray[Any]]


class Learner(Protocol):
    """A network being trained on one set of digits."""

    chunk: int  # digits per call of `learn`, between which a checkpoint may be written

    def start_pass(self, number: int, sample: Indices) -> None:
        """Prepare pass 1, 2, …; sample: digits to estimate second derivatives from."""

    def learn(self, order: Indices) -> int:
        """Learn these digits in this order; the number misread before their update.

        In distillation a digit is misread if the student disagrees with the teachers.
        """

    def state(self) -> State:
        """Everything that the next `learn` depends on, as copies."""

    def restore(self, state: State) -> None:
        """Continue from a state that `state()` gave."""

    def tensors(self) -> dict[str, FloatArray]:
        """Copies of the current weights under their published names."""
