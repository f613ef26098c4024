"""The network as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from lenet.data.digits import OUTPUTS, Digits
from lenet.engine.select import best_engine
from lenet.errors import InputError
from lenet.network.confidence import probabilities
from lenet.network.plane import DIGIT_SIDE, FloatArray
from lenet.network.weights import Weights
from lenet.training.distillation import Teachers
from lenet.training.engines import choose_engine, cnn_teachers, make_learner
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.recipe import Recipe, RunConfig
from lenet.training.recipes import load_recipe


class DigitClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """A LeNet-5 to be trained on digit images in memory, by scikit-learn's rules.

    Images are of shape (n, 28, 28), or (n, 784) row by row: whole numbers of any type,
    0 bare … 255 ink. Labels are anything with at most ten values.

    Parameters
    ----------
    recipe : a recipe's name, a TOML file, or a Recipe
    seed : decides everything random

    Attributes
    ----------
    classes_ : the labels that were learnt, sorted, of shape (k,)
    n_features_in_ : 784, the pixels of an image
    weights_ : the trained network, whose output unit of a digit is that digit

    Examples
    --------
    >>> import lenet
    >>> test = lenet.data.load("digits").test
    >>> classifier = lenet.DigitClassifier(seed=1).fit(test.images, test.labels)
    >>> classifier.predict(test.images[:1]) == test.labels[:1]
    array([ True])
    """

    classes_: NDArray[Any]
    n_features_in_: int
    weights_: Weights

    def __init__(self, recipe: str | Recipe = "quick", seed: int = 0) -> None:
        self.recipe = recipe
        self.seed = seed

    def fit(self, images: ArrayLike, labels: ArrayLike) -> DigitClassifier:
        """Train on images with a label each, of shape (n,); ValueError for other arrays."""
        recipe = self.recipe if isinstance(self.recipe, Recipe) else load_recipe(self.recipe)
        config = RunConfig(recipe, "in memory", self.seed, engine=choose_engine("auto"))
        targets = column_or_1d(labels, warn=True)
        check_classification_targets(targets)
        classes, indices = np.unique(targets, return_inverse=True)
        digits = Digits(_as_bytes(images), _units(classes)[indices])
        teachers = self._teachers(recipe, digits)
        with make_learner(config, starting_tensors(config), digits, teachers) as learner:
            for number in range(1, recipe.passes + 1):
                learner.start_pass(number, curvature_sample(config, number, len(digits)))
                learner.learn(pass_permutation(config, number, len(digits)))
            self.weights_ = Weights(learner.tensors(), {"network": recipe.network.to_dict()})
        self.classes_, self.n_features_in_ = classes, DIGIT_SIDE**2
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

    def predict(self, images: ArrayLike) -> NDArray[Any]:
        """The most probable class of each image, (n,)."""
        penalties = self._penalties(images)
        best: NDArray[Any] = self.classes_[penalties.argmin(1)]
        return best

    def predict_proba(self, images: ArrayLike) -> NDArray[np.float64]:
        """Class probabilities, (n, k). Not calibrated: see `fit_temperature`."""
        return probabilities(self._penalties(images))

    def _penalties(self, images: ArrayLike) -> FloatArray:
        """The penalty of each class, (n, k)."""
        check_is_fitted(self)
        penalties = best_engine(self.weights_).penalties(_as_bytes(images))
        return penalties[:, _units(self.classes_)]


def _units(classes: NDArray[Any]) -> NDArray[np.int64]:
    """The output unit of each class: a digit's own; of other labels the first, second, …"""
    units = np.arange(OUTPUTS)
    if not 1 <= len(classes) <= OUTPUTS:
        raise InputError(f"expected 1 to {OUTPUTS} different labels, got {len(classes)}")
    return classes.astype(np.int64) if set(classes) <= set(units) else units[: len(classes)]


def _as_bytes(images: ArrayLike) -> NDArray[Any]:
    """Rows of 784 as (n, 28, 28), whole grey values as uint8; others stay as they are."""
    given = np.asarray(images)
    if given.shape[1:] == (DIGIT_SIDE**2,):
        given = given.reshape(-1, DIGIT_SIDE, DIGIT_SIDE)
    with np.errstate(invalid="ignore"):
        whole = given.astype(np.uint8)
    # Numbers whose largest is 1 are more likely shares of ink than bytes.
    exact = np.array_equal(whole, given) and whole.max(initial=0) != 1
    return whole if exact else given
