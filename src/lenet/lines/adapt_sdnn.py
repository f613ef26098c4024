"""The SDNN learns more: real lines, each warped anew, in every batch beside composed ones.

The stored tensors hold no batch normalisation any more, so they learn without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from lenet.lines.train_sdnn import (
    MAX_LOSS,
    MAX_WIDTH,
    MIN_WIDTH,
    WIDTH_JITTER,
    _losses,
    pad_lines,
    warp_lines,
)
from lenet.network.plane import ByteArray, FloatArray
from lenet.training.optimisers import AdamW

WEIGHT_BIAS = ("weight", "bias")
Lines = tuple[Sequence[ByteArray], Sequence[NDArray[np.int64]]]  # line images and their digits


METHOD = AdamW(batch=48, peak_rate=0.001, warm_up=0.1)


@dataclass(frozen=True)
class SdnnTuning:
    """How the SDNN learns more; the tensors are averaged over the updates, KEPT of it at each."""

    updates: int = 500
    method: AdamW = METHOD
    dropout: float = 0.1
    max_gradient_norm: float = 5.0
    kept: float = 0.99


class FoldedSdnn(nn.Module):
    """`network.sdnn.Sdnn` that can learn: (n, 1, 32, w) to (n, 11, columns) log-probabilities."""

    def __init__(self, tensors: dict[str, FloatArray], dropout: float) -> None:
        super().__init__()
        self.names = sorted(tensors)  # safetensors' order differs between runs
        self.values = nn.ParameterList(torch.from_numpy(tensors[n].copy()) for n in self.names)
        self.dropout = nn.Dropout(dropout)

    def forward(self, line_images: Tensor) -> Tensor:
        maps = functional.max_pool2d(self._layer(line_images, "c1").relu(), 2)
        maps = functional.max_pool2d(self._layer(maps, "c3").relu(), 2)
        row = self.dropout(self._layer(maps, "c5").relu()[:, :, 0])
        row = self._layer(row, "f6").relu()
        row = row + self._layer(row, "f7").relu()
        return self._layer(self.dropout(row), "output").log_softmax(1)

    def _layer(self, maps: Tensor, name: str) -> Tensor:
        weight, bias = (self.values[self.names.index(f"{name}.{kind}")] for kind in WEIGHT_BIAS)
        if weight.ndim == 4:
            return functional.conv2d(maps, weight, bias)
        return functional.conv1d(maps, weight, bias, padding=weight.shape[2] // 2)


def tune_sdnn(
    tensors: dict[str, FloatArray],
    real: Lines,
    composed: Lines,
    tuning: SdnnTuning,
    share: float,
    seed: int,
    tell: Callable[[str], None] = lambda text: None,
) -> dict[str, FloatArray]:
    """The tensors after learning more, averaged.

    share : 0 … 1, of every batch that is real
    """
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    size = round(share * tuning.method.batch)
    sources = [
        (lines, _batches(lines, count, rng))
        for lines, count in ((real, size), (composed, tuning.method.batch - size))
    ]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = FoldedSdnn(tensors, tuning.dropout).train()
        optimiser = torch.optim.AdamW(model.parameters(), weight_decay=tuning.method.weight_decay)
        average = [value.detach().clone() for value in model.values]
        for update in range(tuning.updates):
            optimiser.param_groups[0]["lr"] = tuning.method.rate(update / tuning.updates)
            optimiser.zero_grad()
            for (images, texts), batches in sources:
                batch = next(batches)
                warped = warp_lines(pad_lines([images[k] for k in batch]), generator)
                losses = _losses(model(warped), [texts[k] for k in batch])
                (losses.clamp(max=MAX_LOSS).sum() / tuning.method.batch).backward()
            nn.utils.clip_grad_norm_(model.parameters(), tuning.max_gradient_norm)
            optimiser.step()
            kept = min(tuning.kept, update / (update + 10))
            for mean, value in zip(average, model.values, strict=True):
                mean.lerp_(value.detach(), 1 - kept)
            if (update + 1) % 100 == 0:
                tell(f"sdnn: {update + 1} of {tuning.updates} updates")
    return {name: mean.numpy() for name, mean in zip(model.names, average, strict=True)}


def _batches(lines: Lines, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Numbers of lines of like width that can be learnt, without end; none if there are none."""
    images, texts = lines
    widths = np.array([image.shape[1] for image in images])
    kept = np.flatnonzero(
        (widths > MIN_WIDTH) & (widths < MAX_WIDTH) & np.array([len(text) > 0 for text in texts])
    )
    while len(kept):
        order = kept[np.argsort(widths[kept] + rng.uniform(0, WIDTH_JITTER, len(kept)))]
        for start in rng.permutation(np.arange(0, len(order), size)):
            yield order[start : start + size]
