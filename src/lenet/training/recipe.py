"""A recipe: everything that decides a training run, but the digits and the seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from lenet.data.distort import Distortion
from lenet.engine.limits import MOST_THREADS
from lenet.errors import InputError
from lenet.network.description import DESCRIPTIONS, Description
from lenet.network.initialise import Initialisation
from lenet.training.checks import finite, positive, take, whole
from lenet.training.methods import AdamW, Sdlm

Loss = Literal["eq8", "eq9"]


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
