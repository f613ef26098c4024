"""Initial weights: the paper's rule and the authors' own (appendix A; Lush gblearn2)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import torch
from torch import nn

from lenet.network.layers import SubSampling, TableConvolution

if TYPE_CHECKING:
    from lenet.network.lenet5 import LeNet5

Initialisation = Literal["paper", "lush"]


@torch.no_grad()
def initialise(
    network: LeNet5,
    rule: Initialisation,
    generator: torch.Generator | None = None,
    coefficient: float | None = None,
) -> None:
    """Draw every trainable weight anew; biases start at 0 (the paper does not say).

    Parameters
    ----------
    rule : "paper" is uniform ±2.4/F, *linear* in the fan-in F, sub-sampling coefficients included;
        "lush" is uniform ±1/√F with every coefficient at 0.5 = 1/√4, as the authors' code does.
        F counts inputs without the bias: C1 25, S 4, C3 75/100/150, C5 400, F6 120.
    coefficient : if given, what every sub-sampling coefficient starts at, whatever the rule
    """

    def spread(fan_in: float) -> float:
        return 2.4 / fan_in if rule == "paper" else 1 / math.sqrt(fan_in)

    def draw(weights: torch.Tensor, width: float) -> None:
        weights.uniform_(-width, width, generator=generator)

    for layer in network.children():
        match layer:
            case SubSampling():
                if coefficient is not None:
                    layer.coefficient.fill_(coefficient)
                elif rule == "paper":
                    draw(layer.coefficient, spread(4))
                else:
                    layer.coefficient.fill_(spread(4))
                layer.bias.zero_()
            case TableConvolution():
                inputs = layer.into.bincount()[layer.into].tolist()  # maps read, for each pair
                for kernel, maps in zip(layer.kernels, inputs, strict=True):
                    draw(kernel, spread(25 * maps))
                layer.bias.zero_()
            case nn.Conv2d() | nn.Linear():
                draw(layer.weight, spread(layer.weight[0].numel()))
                assert layer.bias is not None
                layer.bias.zero_()
            case _:
                pass  # pooling and the codes have nothing to draw
