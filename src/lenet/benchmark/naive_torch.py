"""The published update as one would write it in PyTorch without thinking of speed."""

from __future__ import annotations

import torch
from torch import Tensor

from lenet.data.digits import Digits
from lenet.network.lenet5 import LeNet5
from lenet.network.plane import FloatArray, to_planes
from lenet.training.curvature import curvature
from lenet.training.learner import Indices
from lenet.training.loss import mean_loss
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import Recipe


class NaiveTorchLearner:
    """Autograd, PyTorch's own choice of convolution, one operation for each parameter.

    The package's own PyTorch learner avoids oneDNN and keeps all weights in one vector; this one
    measures what those two choices gain.
    """

    def __init__(
        self, tensors: dict[str, FloatArray], recipe: Recipe, method: Sdlm, digits: Digits
    ) -> None:
        self.recipe, self.optimiser = recipe, method
        self.network = LeNet5(recipe.network)
        self.network.set_tensors(tensors)
        self.planes = torch.from_numpy(to_planes(digits.images))
        self.labels = torch.from_numpy(digits.labels)
        self.steps: list[Tensor] = []  # ε_k, one tensor a parameter

    def start_pass(self, number: int, sample: Indices) -> None:
        h = curvature(self.network, self.planes[torch.from_numpy(sample)])
        names = [name for name, _ in self.network.named_parameters()]
        self.steps = [self.optimiser.rate(number) / (self.optimiser.mu + h[name]) for name in names]

    def learn(self, order: Indices) -> int:
        errors = 0
        for pattern in order.tolist():
            label = self.labels[pattern : pattern + 1]
            self.network.zero_grad()
            penalties = self.network(self.planes[pattern : pattern + 1])
            mean_loss(penalties, label, self.recipe.loss, self.recipe.rubbish).backward()
            with torch.no_grad():
                for parameter, step in zip(self.network.parameters(), self.steps, strict=True):
                    assert parameter.grad is not None
                    parameter.sub_(step * parameter.grad)
            errors += int(penalties.argmin()) != int(label)
        return errors

    def tensors(self) -> dict[str, FloatArray]:
        return self.network.tensors()
