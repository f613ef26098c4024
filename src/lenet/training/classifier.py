"""The network in scikit-learn's grammar: fit, predict, predict_proba, score."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet.data.digits import Digits
from lenet.errors import LenetError, UsageError
from lenet.evaluation.score import compare
from lenet.network.confidence import confidences
from lenet.network.lenet5 import LeNet5
from lenet.network.plane import ByteArray
from lenet.training.loop import fresh_network, learner_of, sample, sequence, threads
from lenet.training.order import Order
from lenet.training.recipe import Recipe
from lenet.training.recipes import load_recipe


class DigitClassifier:
    """A LeNet-5 to be trained on digit images in memory.

    Parameters
    ----------
    recipe : a recipe's name, a TOML file, or a Recipe
    seed : decides everything random
    """

    network_: LeNet5
    classes_: NDArray[np.int64]

    def __init__(self, recipe: str | Recipe = "quick", seed: int = 0) -> None:
        self.recipe = recipe
        self.seed = seed

    def fit(self, images: ByteArray, labels: ArrayLike) -> DigitClassifier:
        """Train on digit images, uint8 (n, 28, 28), 0 bare … 255 ink, with labels 0 … 9."""
        recipe = self.recipe if isinstance(self.recipe, Recipe) else load_recipe(self.recipe)
        order = Order(recipe, "in memory", self.seed)
        digits = Digits(np.asarray(images), np.asarray(labels, np.int64))
        network = fresh_network(order)
        with threads(recipe.threads):
            learner = learner_of(order, network, digits)
            for number in range(1, recipe.passes + 1):
                learner.start_pass(number, sample(order, number, len(digits)))
                learner.learn(sequence(order, number, len(digits)))
        self.network_ = network.eval()
        self.classes_ = np.arange(10)
        return self

    def predict(self, images: ByteArray) -> NDArray[np.int64]:
        """The digits, (n,)."""
        return self._fitted().classify(images).values

    def predict_proba(self, images: ByteArray) -> NDArray[np.float64]:
        """Each digit's share, (n, 10); rows sum to 1. Not calibrated: see `fit_temperature`."""
        network = self._fitted()
        return confidences(network.penalties(images), network.temperature)

    def score(self, images: ByteArray, labels: ArrayLike) -> float:
        """The fraction answered rightly."""
        return 1 - compare(self.predict(images), labels).score.error_rate

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """What the constructor was given."""
        return {"recipe": self.recipe, "seed": self.seed}

    def set_params(self, **parameters: Any) -> DigitClassifier:
        """Change what the constructor was given."""
        for name, value in parameters.items():
            if name not in self.get_params():
                raise UsageError(f"unknown parameter {name}; known are recipe, seed")
            setattr(self, name, value)
        return self

    def _fitted(self) -> LeNet5:
        if not hasattr(self, "network_"):
            raise LenetError("this classifier has not learnt yet; call fit(images, labels) first")
        return self.network_
