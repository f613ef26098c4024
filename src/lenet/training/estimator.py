"""The network with scikit-learn's interface: fit, predict, predict_proba, score."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet.data.digits import Digits
from lenet.engine.select import best_engine
from lenet.errors import LenetError, UsageError
from lenet.evaluation.score import compare
from lenet.network.confidence import classify_penalties, probabilities
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights
from lenet.training.distillation import Teachers
from lenet.training.engines import choose_engine, cnn_teachers, make_learner
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.recipe import Recipe, RunConfig
from lenet.training.recipes import load_recipe


class DigitClassifier:
    """A LeNet-5 to be trained on digit images in memory.

    Parameters
    ----------
    recipe : a recipe's name, a TOML file, or a Recipe
    seed : decides everything random
    """

    weights_: Weights
    classes_: NDArray[np.int64]

    def __init__(self, recipe: str | Recipe = "quick", seed: int = 0) -> None:
        self.recipe = recipe
        self.seed = seed

    def fit(self, images: ByteArray, labels: ArrayLike) -> DigitClassifier:
        """Train on digit images, uint8 (n, 28, 28), 0 bare … 255 ink, with labels 0 … 9."""
        recipe = self.recipe if isinstance(self.recipe, Recipe) else load_recipe(self.recipe)
        config = RunConfig(recipe, "in memory", self.seed, engine=choose_engine("auto"))
        digits = Digits(np.asarray(images), np.asarray(labels, np.int64))
        teachers = self._teachers(recipe, digits)
        with make_learner(config, starting_tensors(config), digits, teachers) as learner:
            for number in range(1, recipe.passes + 1):
                learner.start_pass(number, curvature_sample(config, number, len(digits)))
                learner.learn(pass_permutation(config, number, len(digits)))
            self.weights_ = Weights(learner.tensors(), {"network": recipe.network.to_dict()})
        self.classes_ = np.arange(10)
        return self

    @staticmethod
    def _teachers(recipe: Recipe, digits: Digits) -> Teachers | None:
        """The recipe's teachers, trained on the same digits."""
        if not (distillation := recipe.distillation):
            return None
        members = [DigitClassifier(*member) for member in distillation.members()]
        weights = [each.fit(digits.images, digits.labels).weights_ for each in members]
        cnn = cnn_teachers(recipe, digits)
        return Teachers(distillation, weights, recipe.threads, cnn=cnn)

    def predict(self, images: ByteArray) -> NDArray[np.int64]:
        """The digits, (n,)."""
        return classify_penalties(self._penalties(images)).values

    def predict_proba(self, images: ByteArray) -> NDArray[np.float64]:
        """Class probabilities, (n, 10). Not calibrated: see `fit_temperature`."""
        return probabilities(self._penalties(images))

    def score(self, images: ByteArray, labels: ArrayLike) -> float:
        """The accuracy, 0 … 1."""
        return 1 - compare(self.predict(images), labels).score.error_rate

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"recipe": self.recipe, "seed": self.seed}

    def set_params(self, **parameters: Any) -> DigitClassifier:
        """Set the constructor's arguments."""
        for name, value in parameters.items():
            if name not in self.get_params():
                raise UsageError(f"unknown parameter {name}; known are recipe, seed")
            setattr(self, name, value)
        return self

    def _penalties(self, images: ByteArray) -> FloatArray:
        if not hasattr(self, "weights_"):
            raise LenetError("this classifier is not fitted; call fit(images, labels) first")
        return best_engine(self.weights_).penalties(images)
