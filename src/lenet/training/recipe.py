"""A recipe: everything that decides a training run, but the digits and the seed."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from lenet.augmentation.warp import Distortion
from lenet.engine.native_engine import MOST_THREADS
from lenet.errors import InputError
from lenet.network.architecture import ARCHITECTURES, Architecture
from lenet.network.settings import TEMPERATURE, Range, check, from_table, to_table
from lenet.network.weights import Initialisation
from lenet.training.optimisers import AdamW, Sdlm

Loss = Literal["eq8", "eq9"]
Engine = Literal["native", "torch"]
TEACHERS = Range("1 … 1,000", lambda seeds: 1 <= seeds <= 1_000)
SEED = Range("0 … 2⁶³ − 1", lambda seed: 0 <= seed < 2**63)


@dataclass(frozen=True)
class CnnTeachers:
    """Further teachers: deeper CNNs, which need PyTorch (training/teacher_cnn.py).

    seeds : how many, from seeds 1, 2, …
    passes : over the digits
    width : maps in the first layer; the others have two and four times as many
    peak_rate : the highest rate of AdamW's one cycle
    """

    seeds: int = 2
    passes: int = 16
    width: int = 24
    peak_rate: float = 0.004

    def __post_init__(self) -> None:
        check(self, seeds=TEACHERS, width=Range("1 … 256", lambda width: 1 <= width <= 256))


@dataclass(frozen=True)
class Distillation:
    """Knowledge distillation (Hinton, Vinyals and Dean 2015).

    The teachers learn the same digits, each recipe from seeds 1 … `seeds`. They see the student's
    digits with the same distortions but not degraded; the mean of their class probabilities is the
    student's target. Teachers and distorted copies do not depend on the student's seed.

    recipes : of the teachers
    cnn : further teachers, deeper CNNs
    seeds : teachers from each recipe
    copies : distorted copies of every digit; each pass shows one, and they repeat
    temperature : divides the teachers' penalties, besides their own temperature
    weight : of the teachers in the target; the rest is the label's
    """

    recipes: tuple[Recipe, ...]
    cnn: CnnTeachers | None = None
    seeds: int = 1
    copies: int = 10
    temperature: float = 1.0
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.recipes:
            raise InputError("distillation: recipes must name at least one recipe")
        check(
            self,
            seeds=TEACHERS,
            copies=Range("1 … 1,000", lambda copies: 1 <= copies <= 1_000),
            temperature=TEMPERATURE,
            weight=Range("above 0 and at most 1", lambda weight: 0 < weight <= 1),
        )

    def members(self) -> list[tuple[Recipe, int]]:
        """The recipe and seed of every teacher."""
        return [(recipe, seed) for recipe in self.recipes for seed in range(1, self.seeds + 1)]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run, but the digits and the seed.

    network : the architecture
    optimiser : and its settings
    passes : over the training digits
    loss : "eq8" or "eq9" (section II-C)
    rubbish : j of eq. 9, infinite for none
    temperature : divides penalties in eq. 9, with mini-batches only: those of the codes are so
        large that eq. 9 would saturate
    initialisation : "paper" (±2.4/F) or "lush" (±1/√F), see `initial_tensors`
    coefficient : initial value of the sub-sampling coefficients, if not the rule's
    distortion : of each digit, new in each pass, with mini-batches only
    distillation : teachers to learn from, with mini-batches only
    threads : processor threads; PyTorch's results are bit-equal only at the same number
    """

    name: str
    optimiser: Sdlm | AdamW
    network: Architecture = ARCHITECTURES["1998"]
    passes: int = 20
    loss: Loss = "eq8"
    rubbish: float = math.inf
    temperature: float = 1.0
    initialisation: Initialisation = "lush"
    coefficient: float | None = None
    distortion: Distortion | None = None
    distillation: Distillation | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        threads = Range(f"1 … {MOST_THREADS:,}", lambda threads: 1 <= threads <= MOST_THREADS)
        rubbish = Range("above 0", lambda rubbish: rubbish > 0)
        check(self, threads=threads, rubbish=rubbish, temperature=TEMPERATURE)
        if not (self.name.isprintable() and 0 < len(self.name) <= 64) or set(self.name) & set(
            "/\\:"
        ):
            raise InputError(
                "name must be 1 … 64 printable characters, none of them / \\ or :, got "
                + reprlib.repr(self.name)
            )
        for name, used in (
            ("distortion", self.distortion is not None),
            ("distillation", self.distillation is not None),
            ("temperature", self.temperature != 1),
        ):
            if used and isinstance(self.optimiser, Sdlm):
                raise InputError(f"{name} works with mini-batches ([adamw]), not with [sdlm]")
        if self.network.head == "linear" and self.loss == "eq8":
            raise InputError(
                "eq. 8 pushes only the right digit's penalty down, so a linear head runs away; "
                'use loss = "eq9"'
            )

    def to_dict(self) -> dict[str, Any]:
        """The recipe for JSON and TOML, the optimiser as a table of its name."""
        table = to_table(self)
        return table | {OPTIMISER_NAMES[type(self.optimiser)]: table.pop("optimiser")}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Recipe:
        """The recipe written in this form; an unknown key or a wrong type is an InputError."""
        given = {"name": "teacher", **document}  # those of a distillation need no name
        named = [name for name in OPTIMISERS if name in given]
        if len(named) != 1:
            raise InputError(f"a recipe needs exactly one of the tables {', '.join(OPTIMISERS)}")
        optimiser = from_table(OPTIMISERS[named[0]], given.pop(named[0]), named[0])
        return from_table(cls, given, "recipe", optimiser=optimiser)


OPTIMISERS: dict[str, type[Sdlm] | type[AdamW]] = {"sdlm": Sdlm, "adamw": AdamW}
OPTIMISER_NAMES = {kind: name for name, kind in OPTIMISERS.items()}


@dataclass(frozen=True)
class RunConfig:
    """A recipe, the data set by name, a seed, and which digits are scored when.

    data : name of a set or path of a folder, as it was given
    holdout : train without the validation part and score that after each pass
    score_every_pass : score the test part after each pass, as Fig. 5, instead of once at the end
    engine : "native" or "torch", see `engines.choose_engine`
    """

    recipe: Recipe
    data: str = "mnist"
    seed: int = 0
    holdout: bool = False
    device: Literal["cpu", "cuda"] = "cpu"
    engine: Engine = "torch"
    score_every_pass: bool = False

    def __post_init__(self) -> None:
        check(self, seed=SEED)

    def to_dict(self) -> dict[str, Any]:
        return to_table(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> RunConfig:
        """The config in a document that may hold more, such as run.json."""
        given = {field.name: document[field.name] for field in fields(cls)}
        return from_table(cls, given, "run")
