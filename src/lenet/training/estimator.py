"""The network as a scikit-learn estimator."""

from __future__ import annotations

import math
import sys
import time
from multiprocessing import current_process
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from lenet.data.digits import OUTPUTS, Digits
from lenet.engine.select import best_engine
from lenet.errors import InputError, UsageError
from lenet.evaluation.calibration import fit_temperature
from lenet.evaluation.score import Score, compare
from lenet.network.confidence import probabilities
from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray, check_digit_images
from lenet.network.weights import Weights
from lenet.training.distillation import Teachers
from lenet.training.engines import choose_engine, cnn_teachers, make_learner
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.recipe import Recipe, RunConfig
from lenet.training.recipes import load_recipe

HELD_OUT_LEAST = 100  # fewer digits tell no temperature


class DigitClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """A LeNet-5 to be trained on digit images in memory, by scikit-learn's rules.

    Images are of shape (n, 28, 28), or (n, 784) row by row: whole numbers of any type,
    0 bare … 255 ink. Labels are anything with at most ten values.

    Parameters
    ----------
    recipe : a recipe's name ("quick", "1998", "modern", …), a TOML file, or a Recipe
    seed : decides everything random
    validation_fraction : share of the digits, 0 … below 1, that is held out to calibrate
        `predict_proba`. Where these are fewer than 100, all are learnt, and the recipe's
        temperature is taken
    verbose : whether `fit` shows its progress on standard error; None: in terminals and notebooks

    Attributes
    ----------
    classes_ : the labels that were learnt, sorted, of shape (k,)
    n_features_in_ : 784, the pixels of an image
    weights_ : the trained network, whose output unit of a digit is that digit; give it to
        `lenet.read(…, weights=…)`
    history_ : for each pass a dict of `pass` (from 1), `train_error_rate` and, of the digits held
        out, `validation_error_rate` (0 … 1), and `seconds` of the whole training until then

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
    history_: list[dict[str, Any]]

    def __init__(
        self,
        recipe: str | Recipe = "quick",
        seed: int = 0,
        validation_fraction: float = 0.1,
        verbose: bool | None = None,
    ) -> None:
        self.recipe = recipe
        self.seed = seed
        self.validation_fraction = validation_fraction
        self.verbose = verbose

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = tags.input_tags.positive_only = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike) -> DigitClassifier:  # noqa: N803
        """Train on images X with a label each in y, of shape (n,); ValueError for other arrays."""
        recipe = self.recipe if isinstance(self.recipe, Recipe) else load_recipe(self.recipe)
        config = RunConfig(recipe, "in memory", self.seed, engine=choose_engine("auto"))
        rows, targets = validate_data(self, _rows(X), y)
        check_non_negative(rows, "DigitClassifier, which expects digit images, 0 paper … 255 ink")
        check_classification_targets(targets)
        classes, indices = np.unique(targets, return_inverse=True)
        digits = Digits(self._as_bytes(rows), _units(classes)[indices])
        self.classes_ = classes
        learning, held_out = self._parts(digits)
        teachers = self._teachers(recipe, learning)
        self.history_, begun = [], time.perf_counter()
        with make_learner(config, starting_tensors(config), learning, teachers) as learner:
            for number in range(1, recipe.passes + 1):
                learner.start_pass(number, curvature_sample(config, number, len(learning)))
                errors = learner.learn(pass_permutation(config, number, len(learning)))
                self.weights_ = Weights(learner.tensors(), {"network": recipe.network.to_dict()})
                self._end_pass(Score(len(learning), errors), held_out, begun)
        temperature = recipe.temperature
        if len(held_out):
            places = np.searchsorted(_units(classes), held_out.labels)
            temperature = fit_temperature(self._penalties_of(held_out.images), places)
        self.weights_.card["temperature"] = temperature
        return self

    def _parts(self, digits: Digits) -> tuple[Digits, Digits]:
        """The digits to learn, and those that are held out."""
        fraction = self.validation_fraction
        if not 0 <= fraction < 1:
            raise UsageError(f"validation_fraction must lie in 0 … below 1, got {fraction}")
        count = round(fraction * len(digits))
        count = count if count >= HELD_OUT_LEAST else 0
        order = np.random.default_rng([self.seed, 3]).permutation(len(digits))
        learning = digits.take(np.sort(order[count:])) if count else digits
        return learning, digits.take(order[:count])

    def _end_pass(self, score: Score, held_out: Digits, begun: float) -> None:
        """Add a pass to the history, and show it."""
        line: dict[str, Any] = {
            "pass": len(self.history_) + 1,
            "train_error_rate": score.error_rate,
        }
        words = f"{score.error_rate:.2%} of {score.total:,} digits misread while learning"
        if len(held_out):
            answers = _units(self.classes_)[self._penalties_of(held_out.images).argmin(1)]
            rate = compare(answers, held_out.labels).score.error_rate
            line["validation_error_rate"] = rate
            words += f", {rate:.2%} of those held out"
        line["seconds"] = round(time.perf_counter() - begun, 3)
        self.history_.append(line)
        if _watched() if self.verbose is None else self.verbose:
            sys.stderr.write(f"pass {line['pass']}: {words}, {line['seconds']:.1f} s\n")

    @staticmethod
    def _teachers(recipe: Recipe, digits: Digits) -> Teachers | None:
        """The recipe's teachers, trained on the same digits."""
        if not (distillation := recipe.distillation):
            return None
        members = [DigitClassifier(*member, 0, False) for member in distillation.members()]
        weights = [each.fit(digits.images, digits.labels).weights_ for each in members]
        cnn = cnn_teachers(recipe, digits)
        return Teachers(distillation, weights, recipe.threads, cnn=cnn)

    def predict(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """The most probable class of each image, (n,); images and errors as of `fit`."""
        best = self._penalties(X).argmin(1)
        classes: NDArray[Any] = self.classes_[best]
        return classes

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """Class probabilities, (n, k), 0 … 1, calibrated: 9 of 10 given at 0.9 are right."""
        penalties = self._penalties(X)
        return probabilities(penalties, self.weights_.temperature)

    def _penalties(self, images: ArrayLike) -> FloatArray:
        """The penalty of each class, (n, k)."""
        check_is_fitted(self)
        return self._penalties_of(self._as_bytes(validate_data(self, _rows(images), reset=False)))

    def _penalties_of(self, images: ByteArray) -> FloatArray:
        return best_engine(self.weights_).penalties(images)[:, _units(self.classes_)]

    @staticmethod
    def _as_bytes(rows: NDArray[Any]) -> ByteArray:
        """Rows of 784 whole grey values as images, uint8 (n, 28, 28)."""
        if rows.shape[1] != DIGIT_SIDE**2:
            raise InputError(
                f"expected digit images of shape (n, {DIGIT_SIDE}, {DIGIT_SIDE}), or rows of their "
                f"{DIGIT_SIDE**2} pixels, got n_features = {rows.shape[1]}"
            )
        with np.errstate(invalid="ignore"):
            whole = rows.astype(np.uint8)
        # Numbers whose largest is 1 are more likely shares of ink than bytes.
        exact = np.array_equal(whole, rows) and whole.max(initial=0) != 1
        shape = (-1, DIGIT_SIDE, DIGIT_SIDE)
        return check_digit_images((whole if exact else rows).reshape(shape))


def _rows(images: Any) -> Any:
    """Images as rows of pixels; what has rows already stays as it is."""
    array = images if hasattr(images, "shape") else np.asarray(images)
    shape = array.shape
    return array.reshape(shape[0], math.prod(shape[1:])) if len(shape) > 2 else array


def _watched() -> bool:
    """Whether a person sees what this process writes: in a terminal or a notebook, not a worker."""
    if sys.stderr is None:  # as under pythonw
        return False
    in_notebook = type(sys.stderr).__module__.startswith("ipykernel.")
    return (in_notebook or sys.stderr.isatty()) and current_process().name == "MainProcess"


def _units(classes: NDArray[Any]) -> NDArray[np.int64]:
    """The output unit of each class: a digit's own; of other labels the first, second, …"""
    units = np.arange(OUTPUTS)
    if not 1 <= len(classes) <= OUTPUTS:
        raise InputError(f"expected 1 to {OUTPUTS} different labels, got {len(classes)}")
    return classes.astype(np.int64) if set(classes) <= set(units) else units[: len(classes)]
