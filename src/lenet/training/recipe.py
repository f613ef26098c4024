"""A recipe: everything that decides a training run, but the digits and the seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np

from lenet.data.distort import Distortion
from lenet.engine.limits import MOST_THREADS
from lenet.errors import InputError
from lenet.network.description import DESCRIPTIONS, Description
from lenet.network.initialise import Initialisation
from lenet.network.plane import FloatArray
from lenet.training.checks import finite, positive, share, take, whole

Loss = Literal["eq8", "eq9"]
BETAS, EPSILON = (0.9, 0.999), 1e-8  # of AdamW, as PyTorch has them


@dataclass(frozen=True)
class Sdlm:
    """One pattern per update with stochastic diagonal Levenberg–Marquardt steps (appendix C).

    rates : η of eq. 21 for pass 1, 2, …; the last one holds from there on (section III-B)
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
        finite(rate_factor=self.rate_factor, mu=self.mu)
        for rate in self.rates:
            finite(rates=rate)
        whole(curvature_patterns=self.curvature_patterns)

    def rate(self, number: int) -> float:
        """η for pass 1, 2, …"""
        return self.rates[min(number, len(self.rates)) - 1] * self.rate_factor


@dataclass(frozen=True)
class AdamW:
    """Mini-batches, decoupled weight decay, one cycle of the rate (today's ordinary training).

    batch : digits per update
    peak_rate : the highest rate, reached after `warm_up` of the run, then down to 0 as a cosine
    weight_decay : per update, times the rate
    """

    batch: int = 128
    peak_rate: float = 0.003
    warm_up: float = 0.2
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        whole(batch=self.batch)
        finite(peak_rate=self.peak_rate)
        share(warm_up=self.warm_up, weight_decay=self.weight_decay)

    def rate(self, done: float) -> float:
        """The rate when this fraction of all updates, 0 … 1, is done."""
        if done < self.warm_up:
            return self.peak_rate * done / self.warm_up
        down = (done - self.warm_up) / (1 - self.warm_up)
        return self.peak_rate * (1 + math.cos(math.pi * down)) / 2

    def settings(self, update: int, updates: int) -> FloatArray:
        """Update 0 … updates − 1 for the kernels: rate, decay, β₁, β₂, ε, 1 − β₁ᵗ, 1 − β₂ᵗ."""
        corrections = [1 - beta ** (update + 1) for beta in BETAS]
        rate = self.rate(update / updates)
        return np.array([rate, self.weight_decay, *BETAS, EPSILON, *corrections], np.float32)


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run, but the digits and the seed.

    network : which network
    method : how an update is made
    passes : how often every digit is seen
    loss : "eq8" or "eq9" (section II-C)
    rubbish : j of eq. 9, infinite for none
    initialisation : "paper" (±2.4/F) or "lush" (±1/√F), see `initial_tensors`
    coefficient : what the sub-sampling coefficients start at, if not as the rule says
    distortion : how every digit is bent anew each time it is shown, with mini-batches only
    threads : processor threads; PyTorch's results are bit-equal only at the same number
    """

    name: str
    method: Sdlm | AdamW
    network: Description = DESCRIPTIONS["1998"]
    passes: int = 20
    loss: Loss = "eq8"
    rubbish: float = math.inf
    initialisation: Initialisation = "lush"
    coefficient: float | None = None
    distortion: Distortion | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        whole(passes=self.passes, threads=self.threads)
        if self.threads > MOST_THREADS:
            raise InputError(f"threads must be at most {MOST_THREADS:,}, got {self.threads}")
        positive(rubbish=self.rubbish)
        if self.coefficient is not None:
            finite(coefficient=self.coefficient)
        for name, value, known in (
            ("loss", self.loss, get_args(Loss)),
            ("initialisation", self.initialisation, get_args(Initialisation)),
        ):
            if value not in known:
                raise InputError(f"{name} = {value!r} is unknown; use one of {', '.join(known)}")
        if self.distortion and isinstance(self.method, Sdlm):
            raise InputError("distortion works with mini-batches ([adamw]), not with [sdlm]")
        if self.network.head == "linear" and self.loss == "eq8":
            raise InputError(
                "eq. 8 pushes only the right digit's penalty down, so a linear head runs away; "
                'use loss = "eq9"'
            )

    def to_dict(self) -> dict[str, Any]:
        """The recipe for JSON and TOML: `rubbish` and `coefficient` only where they are set."""
        document = {
            key: value
            for key, value in asdict(self).items()
            if key != "method" and value is not None and value != math.inf
        }
        return document | {METHOD_NAMES[type(self.method)]: asdict(self.method)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Recipe:
        """The recipe written in this form; an unknown word or a wrong type is an InputError."""
        given = dict(document)
        methods = [name for name in METHODS if name in given]
        if len(methods) != 1:
            raise InputError(f"a recipe needs exactly one of the tables {', '.join(METHODS)}")
        method = take(METHODS[methods[0]], given.pop(methods[0]), methods[0])
        options = given.pop("network", {})
        if not isinstance(options, Mapping):
            raise InputError(f"network must be a table of options, got {options!r}")
        network = Description.from_dict(options)
        made: dict[str, Any] = {"method": method, "network": network}
        if "distortion" in given:
            made["distortion"] = take(Distortion, given.pop("distortion"), "distortion")
        return take(cls, given, "recipe", **made)


METHODS: dict[str, type[Sdlm] | type[AdamW]] = {"sdlm": Sdlm, "adamw": AdamW}
METHOD_NAMES = {kind: name for name, kind in METHODS.items()}
