"""LeNet-5 trained by the published rule, pass by pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import Digits
from lenet.engine.select import best_engine
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.paper_distortions import with_copies
from lenet.experiments.methods import Trained, train_and_score
from lenet.experiments.robustness import answers_of
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.variants import lenet5
from lenet.network.weights import Weights
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.learner import Indices
from lenet.training.native_learner import NativeSdlm
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import Recipe, RunConfig
from lenet.training.recipes import PUBLISHED

Curvatures = Literal["each", "first", "mean"]


@dataclass(frozen=True)
class Pass:
    """The network after a pass.

    error_rate : online error rate, 0 … 1: each digit scored before its update (Fig. 5, training)
    steps : ε of every parameter during the pass, under the tensors' names (eq. 21)
    """

    number: int
    error_rate: float
    weights: Weights
    steps: dict[str, FloatArray]

    def answers(self, images: ByteArray) -> NDArray[np.int64]:
        """Answers to digit images (n, 28, 28)."""
        return answers_of(self.weights)(images)

    def errors(self, digits: Digits) -> float:
        """Error rate on these digits, 0 … 1."""
        return float((self.answers(digits.images) != digits.labels).mean())


def train_by_pass(
    recipe: Recipe,
    seed: int,
    digits: Digits,
    shown: int | None = None,
    curvatures: Curvatures = "each",
) -> Iterator[Pass]:
    """Learn these digits as `lenet train` does with this recipe and seed; each pass as it ends.

    shown : digits a pass shows, where there are more of them than a pass has time for; the constant
        order is then gone through from where the last pass stopped, round and round
    curvatures : the h_kk that a pass steps by: its own, as published, those of the first pass, or
        the mean of all passes so far
    """
    assert isinstance(recipe.optimiser, Sdlm)
    order = RunConfig(recipe, seed=seed, engine="native")
    learner = NativeSdlm(starting_tensors(order), recipe, recipe.optimiser, digits)
    size = shown or len(digits)
    constant = pass_permutation(order, 1, len(digits))
    h: FloatArray | None = None
    for number in range(1, recipe.passes + 1):
        own = learner.curvature(curvature_sample(order, number, len(digits)))
        if h is None or curvatures == "each":
            h = own
        elif curvatures == "mean":
            h = (h + (own - h) / number).astype(np.float32)
        learner.set_steps(number, h)
        due: Indices = np.take(constant, np.arange((number - 1) * size, number * size), mode="wrap")
        errors = learner.learn(due)
        weights = Weights(learner.tensors(), {"network": recipe.network.to_dict()})
        yield Pass(number, errors / size, weights, learner.steps())


def row(workspace: Workspace, seed: int, passes: int, train_size: int, copies: int = 0) -> Result:
    """LeNet-5 as a row of the table."""
    pool, network = with_copies(workspace.train(train_size), copies, seed), lenet5()
    how = f"{passes} passes of the recipe 1998"
    how += f", {copies} distorted copies of each digit" if copies else ""

    def learn(digits: Digits) -> Trained:
        *_, last = train_by_pass(replace(PUBLISHED, passes=passes), seed, pool, len(digits))
        engine = best_engine(last.weights, threads=1)
        return Trained(
            lambda images: -engine.penalties(images), network.parameters, network.multiply_adds, how
        )

    return train_and_score(workspace, train_size, learn)
