"""Networks that studies train: each trained once, kept, and taken from there by whoever asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lenet.data.digits import Digits
from lenet.errors import InputError, LenetError
from lenet.experiments.experiment import Workspace
from lenet.network.weights import Weights, load_weights, save_weights
from lenet.training.engines import chosen, learner_of
from lenet.training.fit import fresh_tensors, sample, sequence
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import Recipe
from lenet.training.run_config import RunConfig


def network(
    workspace: Workspace,
    name: str,
    settings: Mapping[str, Any],
    train: Callable[[], Weights],
) -> Weights:
    """The network of this name, trained with these settings on these digits: kept, or trained now.

    settings : everything that decides the training but the digits, as JSON; another setting is
        another network, so that plans never get one another's weights
    """
    asked = {"settings": dict(settings), "data_sha256": workspace.digits.sha256}
    folder = workspace.kept / f"{name}-{_digest(asked)}"
    kept = _kept(folder, asked)
    if kept is None:
        made = train()
        save_weights(folder, made.tensors, made.card | asked)
        kept = load_weights(folder)
    return kept


def _kept(folder: Path, asked: dict[str, Any]) -> Weights | None:
    """What the folder holds; None where that is nothing, damaged, or another network."""
    try:
        weights = load_weights(folder)
    except InputError:
        return None
    return weights if {key: weights.card.get(key) for key in asked} == asked else None


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def learn(recipe: Recipe, seed: int, shown: Callable[[int], Digits]) -> Weights:
    """Train on digits that may differ from pass to pass; nothing is written but the answer.

    The same steps as `fit` takes when every pass shows the same digits: between two passes the
    published method carries nothing over but the weights.

    Parameters
    ----------
    recipe : with the published method, one pattern per update
    shown : the digits of pass 1, 2, …, equally many each time

    Raises
    ------
    LenetError
        if the weights stop being finite
    """
    assert isinstance(recipe.method, Sdlm)
    order = RunConfig(recipe, seed=seed, engine=chosen("auto"))
    tensors = fresh_tensors(order)
    for number in range(1, recipe.passes + 1):
        digits = shown(number)
        with learner_of(order, tensors, digits) as learner:
            learner.start_pass(number, sample(order, number, len(digits)))
            learner.learn(sequence(order, number, len(digits)))
            tensors = learner.tensors()
        if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
            raise LenetError(f"the weights stopped being finite in pass {number}: lower the rates")
    return Weights(tensors, {"network": recipe.network.to_dict(), "seed": seed})
