"""A recipe: everything that decides a training run, but the digits and the seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from lenet.augmentation.warp import Distortion
from lenet.engine.limits import MOST_THREADS
from lenet.errors import InputError
from lenet.network.architecture import ARCHITECTURES, Architecture
from lenet.network.weights import Initialisation
from lenet.training.optimisers import AdamW, Sdlm
from lenet.training.validation import at_least_one, finite, parse_table, positive

Loss = Literal["eq8", "eq9"]


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
        at_least_one(seeds=self.seeds, passes=self.passes, width=self.width)
        finite(peak_rate=self.peak_rate)


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
        at_least_one(seeds=self.seeds, copies=self.copies)
        finite(temperature=self.temperature, weight=self.weight)
        if self.weight > 1:
            raise InputError(f"distillation: weight must be at most 1, got {self.weight}")

    def members(self) -> list[tuple[Recipe, int]]:
        """The recipe and seed of every teacher."""
        return [(recipe, seed) for recipe in self.recipes for seed in range(1, self.seeds + 1)]

    @classmethod
    def from_dict(cls, document: Any) -> Distillation:
        """The settings in this document, with recipes as a list of tables."""
        given = dict(document) if isinstance(document, Mapping) else {}
        recipes = given.pop("recipes", None)
        if not isinstance(recipes, (list, tuple)):
            raise InputError(f"distillation must have a list of recipes, got {document!r}")
        made = tuple(Recipe.from_dict({"name": "teacher"} | dict(each)) for each in recipes)
        cnn = (
            parse_table(CnnTeachers, given.pop("cnn"), "distillation.cnn")
            if "cnn" in given
            else None
        )
        return parse_table(cls, given, "distillation", recipes=made, cnn=cnn)


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
        at_least_one(passes=self.passes, threads=self.threads)
        if self.threads > MOST_THREADS:
            raise InputError(f"threads must be at most {MOST_THREADS:,}, got {self.threads}")
        positive(rubbish=self.rubbish)
        finite(temperature=self.temperature)
        if self.coefficient is not None:
            finite(coefficient=self.coefficient)
        for name, value, known in (
            ("loss", self.loss, get_args(Loss)),
            ("initialisation", self.initialisation, get_args(Initialisation)),
        ):
            if value not in known:
                raise InputError(f"{name} = {value!r} is unknown; use one of {', '.join(known)}")
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
        """The recipe for JSON and TOML: `rubbish` and `coefficient` only where they are set."""
        apart = replace(self, distillation=None)
        document = {
            key: value
            for key, value in asdict(apart).items()
            if key != "optimiser" and value is not None and value != math.inf
        }
        document[OPTIMISER_NAMES[type(self.optimiser)]] = asdict(self.optimiser)
        if self.distillation:
            recipes = [recipe.to_dict() for recipe in self.distillation.recipes]
            plain = ("seeds", "copies", "temperature", "weight")
            document["distillation"] = {name: getattr(self.distillation, name) for name in plain}
            document["distillation"]["recipes"] = recipes
            if self.distillation.cnn:
                document["distillation"]["cnn"] = asdict(self.distillation.cnn)
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Recipe:
        """The recipe written in this form; an unknown key or a wrong type is an InputError."""
        given = dict(document)
        named = [name for name in OPTIMISERS if name in given]
        if len(named) != 1:
            raise InputError(f"a recipe needs exactly one of the tables {', '.join(OPTIMISERS)}")
        optimiser = parse_table(OPTIMISERS[named[0]], given.pop(named[0]), named[0])
        options = given.pop("network", {})
        if not isinstance(options, Mapping):
            raise InputError(f"network must be a table of options, got {options!r}")
        network = Architecture.from_dict(options)
        made: dict[str, Any] = {"optimiser": optimiser, "network": network}
        if "distortion" in given:
            made["distortion"] = parse_table(Distortion, given.pop("distortion"), "distortion")
        if "distillation" in given:
            made["distillation"] = Distillation.from_dict(given.pop("distillation"))
        return parse_table(cls, given, "recipe", **made)


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
    device: str = "cpu"
    engine: str = "torch"
    score_every_pass: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"recipe": self.recipe.to_dict()}

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> RunConfig:
        """The config in a document that may hold more, such as run.json."""
        recipe = Recipe.from_dict(document["recipe"])
        names = [field.name for field in fields(cls) if field.name != "recipe"]
        return cls(recipe, **{name: document[name] for name in names})
