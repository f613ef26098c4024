"""Learning in compiled kernels: what the torch learners do, about thirty times as fast."""

from __future__ import annotations

import numpy as np

from lenet.data.digits import Digits
from lenet.engine.native import codes_of, kernels
from lenet.engine.packing import packed, trained, unpacked
from lenet.network.plane import BYTE_TO_PLANE, FloatArray
from lenet.network.weights import expected_shapes
from lenet.training.learner import Indices, State
from lenet.training.recipe import Recipe, Sdlm


class NativeSdlm:
    """One pattern per update, as `SdlmLearner`; equal to it but for rounding.

    tensors : what to start from, under their published names
    """

    chunk = 5_000

    def __init__(
        self, tensors: dict[str, FloatArray], recipe: Recipe, method: Sdlm, digits: Digits
    ) -> None:
        self.description, self.method = recipe.network, method
        self.trained = trained(self.description)
        self.images = np.ascontiguousarray(digits.images)
        self.labels = digits.labels.astype(np.int32)
        self.core = kernels().Learner(
            *codes_of(self.description),
            recipe.loss == "eq9",
            recipe.rubbish,
            packed(tensors, self.description),
        )

    def start_pass(self, number: int, sample: Indices) -> None:
        h = self.core.curvature(self.images, self.labels, BYTE_TO_PLANE, sample)
        steps = self.method.rate(number) / (self.method.mu + h)  # eq. 21
        self.core.steps = (steps * self.trained).astype(np.float32)

    def learn(self, order: Indices) -> int:
        errors: int = self.core.learn(self.images, self.labels, BYTE_TO_PLANE, order)
        return errors

    def state(self) -> State:
        return {"values": self.core.parameters, "steps": self.core.steps}

    def restore(self, state: State) -> None:
        self.core.parameters, self.core.steps = state["values"], state["steps"]

    def tensors(self) -> dict[str, FloatArray]:
        return unpacked(self.core.parameters, expected_shapes(self.description))
