"""All trainable weights of a network as one vector, and their gradients as another."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class FlatParameters:
    """Views that make an update one vector operation, whatever the number of layers.

    values, gradients : (total,) float32; the network's own parameters are slices of them, so
        writing into `values` changes the network, and `backward()` adds into `gradients`
    """

    def __init__(self, network: nn.Module) -> None:
        self._parameters = dict(network.named_parameters())
        parameters = list(self._parameters.values())
        self.values: Tensor = torch.cat([p.detach().reshape(-1) for p in parameters])
        self.gradients = torch.zeros_like(self.values)
        start = 0
        for parameter in parameters:
            here = slice(start, start + parameter.numel())
            parameter.data = self.values[here].view_as(parameter)
            parameter.grad = self.gradients[here].view_as(parameter)
            start += parameter.numel()

    def gather(self, named: dict[str, Tensor]) -> Tensor:
        """One number for each weight, by parameter name, as a vector in the order of `values`."""
        return torch.cat([named[name].reshape(-1) for name in self._parameters])
