"""The layers of LeNet-5 that PyTorch does not have (section II-B)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet.network.architecture import Squash
from lenet.network.rbf_codes import digit_codes

AMPLITUDE = 1.7159  # A of eq. 6: f(±1) = ±1
SLOPE = 2 / 3  # S of eq. 6


def scaled_tanh(activation: Tensor) -> Tensor:
    """f(a) = 1.7159 tanh(2a/3), eq. 6 and appendix A."""
    return AMPLITUDE * torch.tanh(SLOPE * activation)


SQUASHES: dict[Squash, Callable[[Tensor], Tensor]] = {
    "scaled tanh": scaled_tanh,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "silu": functional.silu,
}


class TableConvolution(nn.Module):
    """A 5×5 convolution in which each map reads only the maps its table names (C3, Table I).

    `kernels` holds the connections that exist and nothing else, shape (pairs, 5, 5) in the order
    of the table; `dense()` lays them out as (maps, inputs, 5, 5) with zeros elsewhere.
    """

    def __init__(self, table: tuple[tuple[int, ...], ...], inputs: int) -> None:
        super().__init__()
        pairs = [(to, source) for to, sources in enumerate(table) for source in sources]
        self.shape = (len(table), inputs, 5, 5)
        self.kernels = nn.Parameter(torch.empty(len(pairs), 5, 5))
        self.bias = nn.Parameter(torch.empty(len(table)))
        self.into: Tensor
        self.source: Tensor
        self.register_buffer("into", torch.tensor([to for to, _ in pairs]), persistent=False)
        self.register_buffer("source", torch.tensor([s for _, s in pairs]), persistent=False)

    def extra_repr(self) -> str:
        return f"{self.shape[1]}→{self.shape[0]}, {len(self.kernels)} pairs"

    def dense(self) -> Tensor:
        """The kernels as (maps, inputs, 5, 5), zero where the table has no connection."""
        weight = self.kernels.new_zeros(self.shape)
        return weight.index_put((self.into, self.source), self.kernels)

    def forward(self, maps: Tensor) -> Tensor:
        return functional.conv2d(maps, self.dense(), self.bias)


class SubSampling(nn.Module):
    """S2 and S4 before squashing: coefficient × (sum of each 2×2 field) + bias, per map."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.empty(maps))
        self.bias = nn.Parameter(torch.empty(maps))

    def extra_repr(self) -> str:
        return str(len(self.bias))

    def forward(self, maps: Tensor) -> Tensor:
        return self.coefficient[:, None, None] * sum_2x2(maps) + self.bias[:, None, None]


def sum_2x2(maps: Tensor) -> Tensor:
    """The sum of each 2×2 field, (n, m, h, w) to (n, m, h/2, w/2): added, not averaged.

    Exporters drop or refuse `divisor_override=1`; four times the average has the same bits.
    """
    return 4 * functional.avg_pool2d(maps, 2)


class Pooling(nn.Module):
    """Parameter-free pooling, as in most later "LeNet-5"s: kind is "average" or "max"."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def extra_repr(self) -> str:
        return self.kind

    def forward(self, maps: Tensor) -> Tensor:
        pool = functional.avg_pool2d if self.kind == "average" else functional.max_pool2d
        pooled: Tensor = pool(maps, 2)
        return pooled


class PointwiseLinear(nn.Linear):
    """A fully connected layer applied at every place of its input maps, (n, m, h, w)."""

    def forward(self, maps: Tensor) -> Tensor:
        if maps.shape[2:] == (1, 1):  # one place: an ordinary matrix product
            return functional.linear(maps.flatten(1), self.weight, self.bias)[:, :, None, None]
        return functional.conv2d(maps, self.weight[:, :, None, None], self.bias)


class RadialBasis(nn.Module):
    """The ten output units: squared distance of F6 to the digit's code (eq. 7, no ½). Fixed."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: Tensor
        self.register_buffer("codes", torch.from_numpy(digit_codes()))

    def extra_repr(self) -> str:
        return f"{self.codes.shape[1]}→{self.codes.shape[0]}"

    def forward(self, f6: Tensor) -> Tensor:
        difference = f6[:, None] - self.codes[:, :, None, None]  # (n, 10, 84, h, w)
        return difference.square().sum(2)


class LinearHead(PointwiseLinear):
    """The later habit in place of the codes: penalties are minus affine scores, lowest wins."""

    def forward(self, maps: Tensor) -> Tensor:
        return -super().forward(maps)
