"""Training the space displacement network (section VII) on whole composed lines.

Only the digits of a line are given, not where they stand: the loss is minus the log-probability of
all alignments with them (connectionist temporal classification, Graves et al. 2006). In PyTorch;
batch normalisation is folded into the weights.
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
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.sdnn import EVERY, NEW, SHAPES

MIN_WIDTH, MAX_WIDTH = 36, 700  # pixels: line images beyond are left out
MAX_LOSS = 25.0  # of a line; some are illegible
WIDTH_JITTER = 12.0  # pixels, in sorting lines into batches of like width

ROOM = 1.1  # times the width, for lines that become wider
SHRUNK, LOWER = (0.9, 1.25), (0.85, 1.18)  # by which widths and heights are divided
SHEAR, SHIFT = 0.18, 1.2  # standard deviations: columns per row; rows
WAVY = 1.6  # pixels: the largest standard deviation of a smooth random displacement
WAVE = 10  # pixels from one random displacement to the next
STRENGTH = (0.6, 1.5)  # that ink is multiplied with
THICKER, BY = 0.12, 0.6  # the share of lines whose strokes grow; how much of the growth


@dataclass(frozen=True)
class SdnnRecipe:
    """How the space displacement network is trained."""

    passes: int = 14
    batch: int = 48
    peak_rate: float = 0.004
    warm_up: float = 0.2
    weight_decay: float = 0.01
    dropout: float = 0.1
    max_gradient_norm: float = 5.0


class SdnnModel(nn.Module):
    """(n, 1, 32, w) line images to (n, 11, columns) log-probabilities."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        for name, (maps, inputs, *side) in SHAPES.items():
            flat, last = len(side) == 1, name == "output"
            kind, norm = (nn.Conv1d, nn.BatchNorm1d) if flat else (nn.Conv2d, nn.BatchNorm2d)
            padding = side[0] // 2 if flat else 0
            setattr(self, name, kind(inputs, maps, side[0], padding=padding, bias=last))
            if not last:
                setattr(self, f"{name}_norm", norm(maps))
        self.dropout = nn.Dropout(dropout)

    def forward(self, line_images: Tensor) -> Tensor:
        maps = functional.max_pool2d(self._layer(line_images, "c1"), 2)
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
        """The weights as `network.sdnn.SHAPES` has them, normalisation multiplied into them."""
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
    line_images: Sequence[ByteArray],
    texts: Sequence[NDArray[np.int64]],
    recipe: SdnnRecipe,
    seed: int,
    tell: Callable[[str], None] = lambda text: None,
) -> dict[str, FloatArray]:
    """The tensors of `network.sdnn` trained on line images, uint8 (32, w), and their digits."""
    widths = np.array([image.shape[1] for image in line_images])
    kept = [k for k, w in enumerate(widths) if MIN_WIDTH < w < MAX_WIDTH and len(texts[k])]
    widths = widths[kept]
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = SdnnModel(recipe.dropout).train()
        rate, batches = recipe.peak_rate, -(-len(kept) // recipe.batch)
        optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=recipe.weight_decay)
        cycle = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, rate, total_steps=recipe.passes * batches + 1, pct_start=recipe.warm_up
        )
        for number in range(1, recipe.passes + 1):
            total = 0.0
            order = np.argsort(widths + rng.uniform(0, WIDTH_JITTER, len(kept)), kind="stable")
            starts = rng.permutation(np.arange(0, len(kept), recipe.batch))
            for start in starts:
                chosen = [kept[k] for k in order[start : start + recipe.batch]]
                warped = warp_lines(pad_lines([line_images[k] for k in chosen]), generator)
                losses = _losses(model(warped), [texts[k] for k in chosen])
                optimiser.zero_grad()
                losses.clamp(max=MAX_LOSS).mean().backward()
                nn.utils.clip_grad_norm_(model.parameters(), recipe.max_gradient_norm)
                optimiser.step()
                cycle.step()
                total += float(losses.sum().detach())
            tell(f"sdnn pass {number}/{recipe.passes}  loss {total / max(1, len(kept)):.4f}")
    return model.folded()


def pad_lines(line_images: Sequence[ByteArray]) -> Tensor:
    """Strips as (n, 1, 32, w), 0 … 1, padded with paper on the right."""
    width = -(-max(image.shape[1] for image in line_images) // EVERY) * EVERY
    padded = np.zeros((len(line_images), 1, LINE_HEIGHT, width), np.float32)
    for plane, image in zip(padded, line_images, strict=True):
        plane[0, :, : image.shape[1]] = image / np.float32(255)
    return torch.from_numpy(padded)


def _losses(log_probs: Tensor, texts: Sequence[NDArray[np.int64]]) -> Tensor:
    """Minus the log-probability of each line's text, (n,), from log_probs (n, 11, columns)."""
    return functional.ctc_loss(
        log_probs.permute(2, 0, 1),
        torch.from_numpy(np.concatenate(texts)),
        torch.full((len(texts),), log_probs.shape[2]),
        torch.tensor([len(text) for text in texts]),
        blank=NEW,
        reduction="none",
        zero_infinity=True,
    )


def warp_lines(line_images: Tensor, generator: torch.Generator) -> Tensor:
    """Strips (n, 1, h, w), 0 … 1, each warped at random, (n, 1, h, about 1.1 w)."""
    n, _, high, wide = line_images.shape
    wider = -(-int(wide * ROOM) // 4) * 4

    def uniform(low: float, above: float) -> Tensor:
        return torch.rand(n, 1, 1, generator=generator) * (above - low) + low

    def normal(spread: float) -> Tensor:
        return torch.randn(n, 1, 1, generator=generator) * spread

    shrunk, lower, shear, shift = uniform(*SHRUNK), uniform(*LOWER), normal(SHEAR), normal(SHIFT)
    middle = (high - 1) / 2
    rows = torch.arange(high).float().view(1, high, 1) - middle
    columns = torch.arange(wider).float().view(1, 1, wider)
    coarse = torch.randn(n, 2, 5, max(3, wider // WAVE), generator=generator)
    field = functional.interpolate(coarse, (high, wider), mode="bicubic", align_corners=True)
    field = field * uniform(0, WAVY)[..., None]
    across = columns * shrunk + shear * rows + field[:, 0]
    down = rows * lower + shift + middle + field[:, 1]
    grid = torch.stack([(across + 0.5) * 2 / wide - 1, (down + 0.5) * 2 / high - 1], -1)
    warped = functional.grid_sample(line_images, grid, align_corners=False)
    warped = (warped * uniform(*STRENGTH)[..., None]).clamp(0, 1)
    grown = functional.max_pool2d(warped, 3, 1, 1)
    thicker = torch.rand(n, 1, 1, 1, generator=generator) < THICKER
    return torch.where(thicker, torch.lerp(warped, grown, BY), warped)
