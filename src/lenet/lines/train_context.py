"""Learning the layer that joins penalties with places: softmax regression over one hidden layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from lenet.files import write_atomically
from lenet.lines.line_weights import CLASSES, ContextLayer
from lenet.network.plane import FloatArray

HIDDEN, PASSES, BATCH, RATE = 32, 5, 512, 0.01


def learn_context(inputs: FloatArray, labels: NDArray[np.int64], seed: int) -> ContextLayer:
    """The layer of least cross-entropy on segments; inputs (n, i), labels (n,) 0 … 11."""
    import torch
    from torch import nn

    generator = torch.Generator().manual_seed(seed)
    hidden, output = nn.Linear(inputs.shape[1], HIDDEN), nn.Linear(HIDDEN, CLASSES)
    layers = nn.Sequential(hidden, nn.Tanh(), output)
    for linear in (hidden, output):
        nn.init.uniform_(
            linear.weight, -(linear.in_features**-0.5), linear.in_features**-0.5, generator
        )
        nn.init.zeros_(linear.bias)
    given, wanted = torch.from_numpy(inputs), torch.from_numpy(labels)
    size = min(BATCH, len(inputs))
    steps = PASSES * (len(inputs) // size)
    optimiser = torch.optim.AdamW(layers.parameters(), lr=RATE)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1)
    for _ in range(PASSES):
        order = torch.randperm(len(inputs), generator=generator)
        for batch in order[: len(order) // size * size].split(size):
            loss = nn.functional.cross_entropy(layers(given[batch]), wanted[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            cycle.step()
    tensors = (hidden.weight, hidden.bias, output.weight, output.bias)
    return ContextLayer(*(tensor.detach().numpy().copy() for tensor in tensors))


def save_context(file: Path, layer: ContextLayer) -> None:
    """Write the layer as safetensors."""
    write_atomically(file, save({name: np.ascontiguousarray(v) for name, v in vars(layer).items()}))
