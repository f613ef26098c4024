"""PyTorch as a peer: the network through torch.compile, and the published update without tuning."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet.data.digits import Digits
from lenet.export.folded import BORDER, Step, folded_steps, squash_of
from lenet.network.lenet5 import LeNet5
from lenet.network.plane import ByteArray, FloatArray, to_planes
from lenet.network.weights import Weights
from lenet.training.curvature import curvature
from lenet.training.learner import Indices
from lenet.training.loss import mean_loss
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import Recipe

SQUASHES: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": functional.relu,
    "silu": functional.silu,
}


class FoldedNetwork(nn.Module):
    """From images, uint8 (n, 28, 28), to penalties (n, 10), every constant folded in."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.steps = folded_steps(weights)
        self.squash = SQUASHES[squash_of(weights)]
        for step in self.steps:
            weight = torch.from_numpy(step.weight)
            if step.kind in ("subsampling", "average"):  # a convolution of one map each: pooling
                # fused with the tanh before it leaves the processor's vectors, 3 times the time
                weight = weight[:, None, None, None].expand(-1, 1, 2, 2).contiguous()
            self.register_buffer(f"{step.name}_weight", weight)
            self.register_buffer(f"{step.name}_bias", torch.from_numpy(step.bias))

    def forward(self, images: Tensor) -> Tensor:
        maps = functional.pad(images[:, None].float(), [BORDER] * 4)
        for step in self.steps:
            maps = self._layer(step, maps.flatten(1) if step.name == "c5" else maps)
            maps = self.squash(maps) if step.squashed else maps
        return maps

    def _layer(self, step: Step, maps: Tensor) -> Tensor:
        weight: Tensor = getattr(self, f"{step.name}_weight")
        bias: Tensor = getattr(self, f"{step.name}_bias")
        match step.kind:
            case "convolution":
                return functional.conv2d(maps, weight, bias)
            case "subsampling" | "average":
                return functional.conv2d(maps, weight, bias, stride=2, groups=len(weight))
            case "max":
                return functional.max_pool2d(maps, 2)
            case "full":
                return functional.linear(maps, weight, bias)
            case "codes":
                return (maps[:, None] * step.scale - weight).square().sum(2)


def torch_compile(weights: Weights) -> Callable[[ByteArray], FloatArray]:
    """Penalties from the folded network, compiled for each number of images it is given.

    The thread count is torch's own, one for the process; the caller sets it.
    """
    torch._dynamo.reset()  # code compiled for another network or thread count is useless
    network = torch.compile(FoldedNetwork(weights).eval(), dynamic=False)

    @torch.inference_mode()
    def answer(images: ByteArray) -> FloatArray:
        penalties: FloatArray = network(torch.from_numpy(images)).numpy()
        return penalties

    answer(np.zeros((1, 28, 28), np.uint8))  # needs a C++ compiler: fails here or never
    return answer


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
