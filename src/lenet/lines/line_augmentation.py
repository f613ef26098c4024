"""Whole lines bent a little, a different way each time they are learnt, in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

ROOM = 1.1  # times the width, for lines that come out wider
SHRUNK, LOWER = (0.9, 1.25), (0.85, 1.18)  # by which widths and heights are divided
SHEAR, SHIFT = 0.18, 1.2  # standard deviations: columns per row; rows
WAVY = 1.6  # pixels: the largest standard deviation of a smooth random displacement
WAVE = 10  # pixels from one random displacement to the next
STRENGTH = (0.6, 1.5)  # that ink is multiplied with
THICKER, BY = 0.12, 0.6  # the share of lines whose strokes grow; how much of the growth


def warp_lines(strips: Tensor, generator: torch.Generator) -> Tensor:
    """Strips (n, 1, h, w), 0 … 1, each bent its own way, (n, 1, h, about 1.1 w)."""
    n, _, high, wide = strips.shape
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
    bent = functional.grid_sample(strips, grid, align_corners=False)
    bent = (bent * uniform(*STRENGTH)[..., None]).clamp(0, 1)
    grown = functional.max_pool2d(bent, 3, 1, 1)
    thicker = torch.rand(n, 1, 1, 1, generator=generator) < THICKER
    return torch.where(thicker, torch.lerp(bent, grown, BY), bent)
