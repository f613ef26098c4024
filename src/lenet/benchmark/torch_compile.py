"""The network through torch.compile, on the same folded steps as the other peers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet.benchmark.parts import in_parts
from lenet.export.folded import BORDER, Step, folded_steps, squash_of
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights

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


class TorchCompile:
    """Compiled for one image and for parts of 64.

    The thread count is torch's own, one for the process; the caller sets it.
    """

    def __init__(self, weights: Weights, threads: int) -> None:
        torch._dynamo.reset()  # code compiled for another network or thread count is useless
        self._network = torch.compile(FoldedNetwork(weights).eval(), dynamic=False)
        self._part(np.zeros((1, 28, 28), np.uint8))  # needs a C++ compiler: fails here or never

    def penalties(self, images: ByteArray) -> FloatArray:
        """The ten penalties of digit images, uint8 (n, 28, 28); float32 (n, 10)."""
        return in_parts(self._part, images)

    @torch.inference_mode()
    def _part(self, images: ByteArray) -> FloatArray:
        answer: FloatArray = self._network(torch.from_numpy(images)).numpy()
        return answer
