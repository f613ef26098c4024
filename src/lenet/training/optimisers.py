"""The optimisers: the paper's, and AdamW with mini-batches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lenet.errors import InputError
from lenet.network.plane import FloatArray
from lenet.network.settings import FRACTION, check

Schedule = Literal["cycle", "constant"]

BETAS, EPSILON = (0.9, 0.999), 1e-8  # of AdamW, as PyTorch has them


@dataclass(frozen=True)
class Sdlm:
    """One pattern per update with stochastic diagonal Levenberg–Marquardt steps (appendix C).

    rates : η of eq. 21 for pass 1, 2, …; the last one holds from then on (section III-B)
    rate_factor : what every rate is multiplied by. 1 is the literal reading, which diverges with
        ±1/√F weights; near 0.3 the error curves lie on the printed ones (docs/paper-notes.md)
    mu : µ of eq. 21, bounds a step where the error surface is flat
    curvature_patterns : how many patterns estimate h_kk before each pass
    """

    rates: tuple[float, ...] = (
        *(0.0005,) * 2,
        *(0.0002,) * 3,
        *(0.0001,) * 3,
        *(0.00005,) * 4,
        *(0.00001,) * 8,
    )
    rate_factor: float = 1.0
    mu: float = 0.02
    curvature_patterns: int = 500

    def __post_init__(self) -> None:
        if not self.rates:
            raise InputError("rates must name at least one rate")
        check(self)

    def rate(self, number: int) -> float:
        """η for pass 1, 2, …"""
        return self.rates[min(number, len(self.rates)) - 1] * self.rate_factor


@dataclass(frozen=True)
class AdamW:
    """Mini-batches with decoupled weight decay and a one-cycle learning rate.

    batch : digits per update
    peak_rate : the highest rate
    warm_up : fraction of the run after which it is reached; then it falls to 0 as a cosine
    schedule : "constant" keeps the highest rate throughout
    weight_decay : per update, times the rate
    """

    batch: int = 128
    peak_rate: float = 0.003
    warm_up: float = 0.2
    weight_decay: float = 0.01
    schedule: Schedule = "cycle"

    def __post_init__(self) -> None:
        check(self, warm_up=FRACTION, weight_decay=FRACTION)

    def rate(self, done: float) -> float:
        """The rate when this fraction of all updates, 0 … 1, is done."""
        if self.schedule == "constant":
            return self.peak_rate
        if done < self.warm_up:
            return self.peak_rate * done / self.warm_up
        down = (done - self.warm_up) / (1 - self.warm_up)
        return self.peak_rate * (1 + math.cos(math.pi * down)) / 2

    def kernel_settings(self, update: int, updates: int) -> FloatArray:
        """Update 0 … updates − 1 for the kernels: rate, decay, β₁, β₂, ε, 1 − β₁ᵗ, 1 − β₂ᵗ."""
        corrections = [1 - beta ** (update + 1) for beta in BETAS]
        rate = self.rate(update / updates)
        return np.array([rate, self.weight_decay, *BETAS, EPSILON, *corrections], np.float32)
