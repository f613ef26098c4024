"""What a training run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lenet.training.recipe import Recipe


@dataclass(frozen=True)
class Order:
    """What is asked for: a recipe, a seed, and whether to hold out the validation part.

    holdout : learn without the validation part and score that after each pass, the test part only
        once at the end; without it, learn everything and score the test part each pass, as Fig. 5
    """

    recipe: Recipe
    seed: int = 0
    holdout: bool = False
    device: str = "cpu"
    engine: str = "torch"

    def to_dict(self) -> dict[str, Any]:
        return {
            "recipe": self.recipe.to_dict(),
            "seed": self.seed,
            "holdout": self.holdout,
            "device": self.device,
            "engine": self.engine,
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Order:
        settings = {name: document[name] for name in ("seed", "holdout", "device", "engine")}
        return cls(Recipe.from_dict(document["recipe"]), **settings)
