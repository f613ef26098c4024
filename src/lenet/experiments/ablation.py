"""From 1998 to now, one change at a time: what each is worth, and the network that comes of it.

The steps learn the digits that are not held out, and choices rest on the validation column alone.
The networks at the top, `modern` (the network of 1998 itself) and the plain network, are distilled
twice: without the validation digits, and on all 60,000.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import replace
from typing import Any

import numpy as np

from lenet.data.digits import Digits
from lenet.engine.select import best_engine
from lenet.experiments.ablation_report import report
from lenet.experiments.ablation_steps import STEPS, recipes
from lenet.experiments.experiment import Budget, Experiment, Job, Report, Result, Workspace
from lenet.network.plane import FloatArray, to_planes
from lenet.network.weights import Weights, load_weights
from lenet.training.distillation import Asked
from lenet.training.engines import deep_teachers, learner_of
from lenet.training.fit import Callbacks, fit, fresh_tensors, sample, sequence
from lenet.training.recipe import Recipe
from lenet.training.recipes import MODERN, PLAIN_TAUGHT
from lenet.training.run_config import RunConfig
from lenet.training.run_folder import read_about

STEP_SEEDS, HELD_OUT_SEEDS = 3, 1
STEP_PASSES = 10
AVERAGED = 0.25  # of the passes, the last ones, whose weights are averaged
ALL, HELD_OUT = "distilled", "distilled-held-out"


def step(workspace: Workspace, recipe: dict[str, Any], seed: int, train_size: int) -> Result:
    """One training of one step: error rates of its last weights and of their average."""
    fitting = workspace.digits.train_part()
    digits = fitting.take(np.arange(min(train_size, len(fitting))))
    started = time.perf_counter()
    last, average = _learn(Recipe.from_dict(recipe), seed, digits)
    seconds = time.perf_counter() - started
    found: Result = {"seconds": seconds, "last": _rates(workspace, best_engine(last, threads=1))}
    if average:
        found["average"] = _rates(workspace, best_engine(average, threads=1))
    return found


def _learn(recipe: Recipe, seed: int, digits: Digits) -> tuple[Weights, Weights | None]:
    """Weights after the last pass, and the mean of those after the last quarter of the passes."""
    order = RunConfig(recipe, seed=seed, engine="native")
    first = recipe.passes - round(AVERAGED * recipe.passes)
    sums: dict[str, FloatArray] = {}
    with learner_of(order, fresh_tensors(order), digits) as learner:
        for number in range(1, recipe.passes + 1):
            learner.start_pass(number, sample(order, number, len(digits)))
            learner.learn(sequence(order, number, len(digits)))
            for name, tensor in learner.tensors().items() if number > first else ():
                sums[name] = sums.get(name, np.float32(0)) + tensor / (recipe.passes - first)
        card = {"network": recipe.network.to_dict()}
        return Weights(learner.tensors(), card), Weights(sums, card) if sums else None


def _rates(workspace: Workspace, network: Asked) -> dict[str, float]:
    return {
        part: float(
            (network.plane_penalties(to_planes(digits.images)).argmin(1) != digits.labels).mean()
        )
        for part, digits in (
            ("validation", workspace.digits.split("validation")),
            ("test", workspace.digits.test),
        )
    }


def distilled(
    workspace: Workspace,
    recipes: list[dict[str, Any]],
    seeds: int,
    holdout: bool,
    train_size: int,
) -> Result:
    """Recipes with the same teachers, each from several seeds, as `lenet train` runs them."""
    held_out, train = workspace.digits.validation, workspace.train(train_size)
    digits = replace(workspace.digits, train=train, validation=held_out[held_out < len(train)])
    orders = [
        RunConfig(Recipe.from_dict(recipe), seed=seed, holdout=holdout, engine="native")
        for recipe in recipes
        for seed in range(1, seeds + 1)
    ]
    asked = json.dumps([*(order.to_dict() for order in orders), train_size, digits.sha256]).encode()
    here = workspace.kept / f"distilled-{hashlib.sha256(asked).hexdigest()[:16]}"
    homes = [here / f"{order.recipe.name}-{order.seed}" for order in orders]
    teachers = homes[0] / "teachers"
    for order, home in zip(orders, homes, strict=True):
        if home != homes[0] and not (home / "teachers").exists():
            shutil.copytree(teachers, home / "teachers")
        fit(order, digits, home, resume=read_about(home) is not None, listener=Callbacks())
    first = orders[0].recipe
    assert first.teaching
    members = range(1, len(first.teaching.members()) + 1)
    networks = [load_weights(teachers / str(number)) for number in members]
    deep = deep_teachers(first, digits.train_part() if holdout else digits.train, teachers)
    students: dict[str, list[dict[str, float]]] = {}
    for order, home in zip(orders, homes, strict=True):
        rates = _rates(workspace, best_engine(load_weights(home), threads=1))
        students.setdefault(order.recipe.name, []).append(rates)
    return {
        "students": students,
        "teachers": [_rates(workspace, best_engine(each, threads=1)) for each in networks],
        "deep": [_rates(workspace, each) for each in deep],
    }


def _within_budget(recipe: Recipe, budget: Budget) -> Recipe:
    """The recipe, with fewer passes and teachers in a quick budget."""
    assert recipe.teaching
    if not budget.quick:
        return recipe
    teachers = tuple(replace(each, passes=budget.passes) for each in recipe.teaching.recipes)
    deep = recipe.teaching.deep and replace(recipe.teaching.deep, seeds=1, passes=1)
    teaching = replace(recipe.teaching, recipes=teachers, deep=deep, seeds=1)
    return replace(recipe, passes=budget.passes, teaching=teaching)


def jobs(budget: Budget) -> list[Job]:
    fewer = min(budget.seeds, STEP_SEEDS)
    both = [_within_budget(recipe, budget).to_dict() for recipe in (MODERN, PLAIN_TAUGHT)]
    settings = {"recipes": both, "train_size": budget.train_size}
    top = [
        Job(ALL, distilled, settings | {"seeds": budget.seeds, "holdout": False}),
        Job(HELD_OUT, distilled, settings | {"seeds": min(fewer, HELD_OUT_SEEDS), "holdout": True}),
    ]
    return top + [
        Job(
            f"step-{number}-{seed}",
            step,
            {"recipe": recipe.to_dict(), "seed": seed, "train_size": budget.train_size},
        )
        for number, recipe in enumerate(recipes(min(budget.passes, STEP_PASSES)).values(), 1)
        for seed in range(1, fewer + 1)
    ]


def _report(budget: Budget, found: dict[str, Result]) -> Report:
    all_steps = {
        step.name: [
            found[f"step-{number}-{seed}"] for seed in range(1, min(budget.seeds, STEP_SEEDS) + 1)
        ]
        for number, step in enumerate(STEPS, 1)
    }
    return report(all_steps, found[HELD_OUT], found[ALL])


EXPERIMENT = Experiment("ablation", "From 1998 to now", jobs, _report)
