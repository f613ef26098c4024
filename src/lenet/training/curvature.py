"""Second derivatives by back-propagation: the Gauss–Newton diagonal h_kk (appendix C).

Written a for what a layer sums up before squashing, f for the squashing, x = f(a) for its output:
    eq. 27   d²E/da_i² = f′(a_i)² Σ_k u_ki² d²E/da_k²        (to the layer below)
    eq. 25   d²E/du_ij² = d²E/da_i² x_j²                      (to a connection)
    eq. 23   h_kk = Σ d²E/du_ij² over connections sharing w_k (summed, not averaged)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.grad import conv2d_input, conv2d_weight

from lenet.network.layers import (
    LinearHead,
    PointwiseLinear,
    Pooling,
    RadialBasis,
    SubSampling,
    TableConvolution,
    sum_2x2,
)
from lenet.network.lenet5 import LeNet5

Named = dict[str, Tensor]  # second derivatives by the parameter's own name in its layer


def curvature(network: LeNet5, planes: Tensor) -> Named:
    """h_kk of every trainable parameter, averaged over planes (n, 1, 32, 32); all ≥ 0.

    The recursion starts from the loss: d²E/dx_j² = 2 at F6 for the penalties of eq. 7. For eq. 9,
    whose exact value vanishes as the answer becomes certain, the same constant is used, as the
    authors' own code does, and so it is 1 at the scores of a linear head.
    """
    trainable = network.architecture.subsampling == "trainable"
    with torch.no_grad():
        stages = network.stages(planes)
        inputs = [planes, *(s if s.dim() == 4 else s[:, :, None, None] for s in stages[:6])]
    layers = [(name, layer) for name, layer in network.named_children()]
    found: Named = {}
    below = torch.ones_like(stages.output)[:, :, None, None]
    for (name, layer), maps in zip(reversed(layers), reversed(inputs), strict=True):
        squashed = name != "output" and (trainable or not isinstance(layer, Pooling))
        above = below * _slope(network.squash, layer, maps).square() if squashed else below
        below, own = propagate(layer, maps, above)
        found |= {f"{name}.{parameter}": total / len(planes) for parameter, total in own.items()}
    return found


def _slope(squash: Callable[[Tensor], Tensor], layer: nn.Module, maps: Tensor) -> Tensor:
    """f′(a) at what the layer sums up from its input maps."""
    with torch.enable_grad():
        activation = layer(maps).detach().requires_grad_()
        slope: Tensor = torch.autograd.grad(squash(activation).sum(), activation)[0]
    return slope


@singledispatch
def propagate(layer: nn.Module, maps: Tensor, above: Tensor) -> tuple[Tensor, Named]:
    """From d²E/da² of a layer: d²E/dx² of its input maps, and h of its own parameters (sums)."""
    raise NotImplementedError(type(layer))


@propagate.register
@torch.no_grad()
def _convolution(layer: nn.Conv2d, maps: Tensor, above: Tensor) -> tuple[Tensor, Named]:
    below, kernels = _through(layer.weight, maps, above)
    return below, {"weight": kernels, "bias": above.sum((0, 2, 3))}


@propagate.register
@torch.no_grad()
def _table(layer: TableConvolution, maps: Tensor, above: Tensor) -> tuple[Tensor, Named]:
    below, kernels = _through(layer.dense(), maps, above)
    return below, {"kernels": kernels[layer.into, layer.source], "bias": above.sum((0, 2, 3))}


@propagate.register
@torch.no_grad()
def _fully_connected(layer: PointwiseLinear, maps: Tensor, above: Tensor) -> tuple[Tensor, Named]:
    below, kernels = _through(layer.weight[:, :, None, None], maps, above)
    return below, {"weight": kernels[:, :, 0, 0], "bias": above.sum((0, 2, 3))}


@propagate.register
@torch.no_grad()
def _subsampling(layer: SubSampling, maps: Tensor, above: Tensor) -> tuple[Tensor, Named]:
    below = layer.coefficient.square()[:, None, None] * above
    coefficient = (sum_2x2(maps).square() * above).sum((0, 2, 3))
    return _to_fields(below), {"coefficient": coefficient, "bias": above.sum((0, 2, 3))}


@propagate.register
@torch.no_grad()
def _pooling(layer: Pooling, maps: Tensor, above: Tensor) -> tuple[Tensor, Named]:
    if layer.kind == "average":
        return _to_fields(above) / 16, {}  # (1/4)² to each of the four
    winners = functional.max_pool2d(maps, 2, return_indices=True)[1]
    return functional.max_unpool2d(above, winners, [2, 2]), {}


@propagate.register
def _radial(layer: RadialBasis, maps: Tensor, above: Tensor) -> tuple[Tensor, Named]:
    return torch.full_like(maps, 2.0), {}  # d²/dx² Σ (x − w)² = 2


@propagate.register
def _linear(layer: LinearHead, maps: Tensor, above: Tensor) -> tuple[Tensor, Named]:
    return _fully_connected(layer, maps, above)


def _through(weight: Tensor, maps: Tensor, above: Tensor) -> tuple[Tensor, Tensor]:
    """Back through a convolution with every weight and every input squared."""
    squared = maps.square()
    below = conv2d_input(list(maps.shape), weight.square(), above)
    return below, conv2d_weight(squared, list(weight.shape), above)


def _to_fields(maps: Tensor) -> Tensor:
    """Each value to all four units of its 2×2 field."""
    return maps.repeat_interleave(2, 2).repeat_interleave(2, 3)
