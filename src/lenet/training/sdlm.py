"""Stochastic diagonal Levenberg–Marquardt, the paper's way to learn (appendix C)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from lenet.network.lenet5 import LeNet5
from lenet.network.plane import FloatArray
from lenet.training.curvature import curvature
from lenet.training.flat_parameters import FlatParameters
from lenet.training.learner import Indices, State, copy_of
from lenet.training.loss import loss_of
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import Recipe


class SdlmLearner:
    """One pattern per update; each weight has its own step ε_k = η / (µ + h_kk) (eqs 18, 21).

    planes : (n, 1, 32, 32);  labels : (n,) int64
    """

    chunk = 500

    def __init__(
        self, network: LeNet5, recipe: Recipe, method: Sdlm, planes: Tensor, labels: Tensor
    ) -> None:
        self.network, self.recipe, self.method = network, recipe, method
        self.planes, self.labels = planes, labels
        self.flat = FlatParameters(network)
        self.steps = torch.zeros_like(self.flat.values)  # ε_k

    def start_pass(self, number: int, sample: Indices) -> None:
        h = self.flat.gather(curvature(self.network, self.planes[torch.from_numpy(sample)]))
        self.steps = self.method.rate(number) / (self.method.mu + h)

    def learn(self, order: Indices) -> int:
        recipe, flat = self.recipe, self.flat
        errors = torch.zeros((), dtype=torch.int64)
        with _plain_convolutions():
            for pattern in order.tolist():
                label = self.labels[pattern : pattern + 1]
                penalties = self.network(self.planes[pattern : pattern + 1])
                errors += (penalties.argmin() != label)[0].cpu()
                flat.gradients.zero_()
                loss_of(penalties, label, recipe.loss, recipe.rubbish).backward()
                flat.values.addcmul_(flat.gradients, self.steps, value=-1)  # eq. 18
        return int(errors)

    def tensors(self) -> dict[str, FloatArray]:
        return self.network.tensors()

    def state(self) -> State:
        return {"values": copy_of(self.flat.values), "steps": copy_of(self.steps)}

    def restore(self, state: State) -> None:
        self.flat.values.copy_(torch.from_numpy(state["values"]))
        self.steps.copy_(torch.from_numpy(state["steps"]))


@contextmanager
def _plain_convolutions() -> Iterator[None]:
    """Without oneDNN, whose set-up costs more than a single pattern: 0.6 ms an update, not 1.0."""
    with torch.backends.mkldnn.flags(enabled=False, allow_tf32=None):
        yield
