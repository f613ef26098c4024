"""What a training run is asked to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lenet.training.recipe import Recipe


@dataclass(frozen=True)
class RunConfig:
    """A recipe, the digits to learn by name, a seed, and whether to hold some out.

    data : name of a set or path of a folder, as it was given
    holdout : learn without the validation part and score that after each pass, the test part only
        once at the end; without it, learn everything and score the test part each pass, as Fig. 5
    engine : "native" or "torch", as `engines.chosen` settled it
    """

    recipe: Recipe
    data: str = "mnist"
    seed: int = 0
    holdout: bool = False
    device: str = "cpu"
    engine: str = "torch"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"recipe": self.recipe.to_dict()}

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> RunConfig:
        """The order in a document that may say more, such as run.json."""
        recipe = Recipe.from_dict(document["recipe"])
        names = ("data", "seed", "holdout", "device", "engine")
        return cls(recipe, **{name: document[name] for name in names})
