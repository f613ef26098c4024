"""Training the wide-input network on whole composed lines, without saying where each digit stands.

The loss is minus the log-probability of all rows of outputs that say the line's digits
(connectionist temporal classification, Graves et al. 2006): the forward score of the paper's
section VII with the digits known. In PyTorch; batch normalisation is folded into the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from lenet.lines.candidates import LINE_HEIGHT
from lenet.lines.line_augmentation import warp_lines
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.sdnn import EVERY, NEW, SHAPES

NARROWEST, WIDEST = 36, 700  # pixels: strips beyond are not learnt
WORST = 25.0  # what a line's loss counts at most; some are beyond reading
LIKE = 12.0  # pixels by which widths of one batch may differ besides


@dataclass(frozen=True)
class SdnnRecipe:
    """How the wide-input network learns."""

    passes: int = 14
    batch: int = 48
    peak_rate: float = 0.004
    warm_up: float = 0.2
    weight_decay: float = 0.01
    dropped: float = 0.1
    steepest: float = 5.0


class SdnnModel(nn.Module):
    """(n, 1, 32, w) strips to (n, 11, places) log-probabilities."""

    def __init__(self, dropped: float) -> None:
        super().__init__()
        for name, (maps, inputs, *side) in SHAPES.items():
            flat, last = len(side) == 1, name == "output"
            kind, norm = (nn.Conv1d, nn.BatchNorm1d) if flat else (nn.Conv2d, nn.BatchNorm2d)
            padding = side[0] // 2 if flat else 0
            setattr(self, name, kind(inputs, maps, side[0], padding=padding, bias=last))
            if not last:
                setattr(self, f"{name}_norm", norm(maps))
        self.dropout = nn.Dropout(dropped)

    def forward(self, strips: Tensor) -> Tensor:
        maps = functional.max_pool2d(self._layer(strips, "c1"), 2)
        maps = functional.max_pool2d(self._layer(maps, "c3"), 2)
        row = self.dropout(self._layer(maps, "c5")[:, :, 0])
        row = self._layer(row, "f6")
        row = row + self._layer(row, "f7")
        scores: Tensor = self.get_submodule("output")(self.dropout(row))
        return scores.log_softmax(1)

    def _layer(self, maps: Tensor, name: str) -> Tensor:
        norm, layer = self.get_submodule(f"{name}_norm"), self.get_submodule(name)
        return functional.relu(norm(layer(maps)))

    def folded(self) -> dict[str, FloatArray]:
        """The weights as `network.wide.SHAPES` has them, normalisation multiplied into them."""
        tensors: dict[str, FloatArray] = {}
        for name in SHAPES:
            layer = getattr(self, name)
            weight, bias = layer.weight.detach(), layer.bias
            if name != "output":
                norm = getattr(self, f"{name}_norm")
                gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                weight = weight * gain.reshape(-1, *[1] * (weight.ndim - 1))
                bias = norm.bias - norm.running_mean * gain
            tensors[f"{name}.weight"] = weight.detach().numpy().copy()
            tensors[f"{name}.bias"] = bias.detach().numpy().copy()
        return tensors


def train_sdnn(
    strips: Sequence[ByteArray],
    texts: Sequence[NDArray[np.int64]],
    recipe: SdnnRecipe,
    seed: int,
    tell: Callable[[str], None] = lambda text: None,
) -> dict[str, FloatArray]:
    """The tensors of `network.wide` after learning lines: strips uint8 (32, w), their digits."""
    kept = [k for k, s in enumerate(strips) if NARROWEST < s.shape[1] < WIDEST and len(texts[k])]
    widths = np.array([strips[k].shape[1] for k in kept])
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = SdnnModel(recipe.dropped).train()
        rate, batches = recipe.peak_rate, -(-len(kept) // recipe.batch)
        optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=recipe.weight_decay)
        cycle = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, rate, total_steps=recipe.passes * batches + 1, pct_start=recipe.warm_up
        )
        for number in range(1, recipe.passes + 1):
            total = 0.0
            order = np.argsort(widths + rng.uniform(0, LIKE, len(kept)), kind="stable")
            starts = rng.permutation(np.arange(0, len(kept), recipe.batch))
            for start in starts:
                chosen = [kept[k] for k in order[start : start + recipe.batch]]
                bent = warp_lines(stacked([strips[k] for k in chosen]), generator)
                losses = _losses(model(bent), [texts[k] for k in chosen])
                optimiser.zero_grad()
                losses.clamp(max=WORST).mean().backward()
                nn.utils.clip_grad_norm_(model.parameters(), recipe.steepest)
                optimiser.step()
                cycle.step()
                total += float(losses.sum().detach())
            tell(f"wide pass {number}/{recipe.passes}  loss {total / max(1, len(kept)):.4f}")
    return model.folded()


def stacked(strips: Sequence[ByteArray]) -> Tensor:
    """Strips as (n, 1, 32, w), 0 … 1, with paper to their right up to the widest."""
    width = -(-max(strip.shape[1] for strip in strips) // EVERY) * EVERY
    together = np.zeros((len(strips), 1, LINE_HEIGHT, width), np.float32)
    for plane, strip in zip(together, strips, strict=True):
        plane[0, :, : strip.shape[1]] = strip / np.float32(255)
    return torch.from_numpy(together)


def _losses(shares: Tensor, texts: Sequence[NDArray[np.int64]]) -> Tensor:
    """Minus the log-probability of each line's text, (n,), from shares (n, 11, places)."""
    return functional.ctc_loss(
        shares.permute(2, 0, 1),
        torch.from_numpy(np.concatenate(texts)),
        torch.full((len(texts),), shares.shape[2]),
        torch.tensor([len(text) for text in texts]),
        blank=NEW,
        reduction="none",
        zero_infinity=True,
    )
