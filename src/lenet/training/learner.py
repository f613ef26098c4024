"""What the loop asks of a way to learn, and nothing more.

Start a pass, learn chunks, hand out and take back the state, show the weights. PyTorch and the
compiled kernels fit in behind this seam without the loop noticing.
"""

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
        """Get ready for pass 1, 2, …; sample: digits to estimate second derivatives from."""

    def learn(self, order: Indices) -> int:
        """Learn these digits in this order; how many were answered wrongly before their update.

        Taught by others, a digit is answered wrongly that the teachers call another.
        """

    def state(self) -> State:
        """Everything that the next `learn` depends on, as copies."""

    def restore(self, state: State) -> None:
        """Take up a state that `state()` gave."""

    def tensors(self) -> dict[str, FloatArray]:
        """Copies of the network's weights as they are now, under their published names."""
