"""From 1998 to now, one change at a time: what each is worth, and the network that comes of it.

The rungs learn the digits that are not held out, and choices rest on the validation column alone.
`modern`, at the top, is trained twice: without the validation digits, and on all 60,000 as shipped.
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
from lenet.engine.choice import fastest
from lenet.network.plane import FloatArray, to_planes
from lenet.network.weights import Weights, load_weights
from lenet.studies.claim import Claim, Found, Piece, Plan, Report, Workplace
from lenet.studies.ladder_report import report
from lenet.studies.ladder_rungs import RUNGS, recipes
from lenet.training.engines import deep_teachers, learner_of
from lenet.training.folder import read_about
from lenet.training.loop import Listener, fit, fresh_tensors, sample, sequence
from lenet.training.order import Order
from lenet.training.recipe import Recipe
from lenet.training.recipes import MODERN
from lenet.training.teaching import Asked

RUNG_SEEDS = 3
RUNG_PASSES = 10
AVERAGED = 0.25  # of the passes, the last ones, whose weights are averaged
HELD_OUT, ALL = "modern-held-out", "modern"


def rung(workplace: Workplace, recipe: dict[str, Any], seed: int, learnt: int) -> Found:
    """One training of one rung: error rates of its last weights and of their average."""
    fitting = workplace.digits.fitting()
    digits = fitting.take(np.arange(min(learnt, len(fitting))))
    started = time.perf_counter()
    last, average = _learn(Recipe.from_dict(recipe), seed, digits)
    seconds = time.perf_counter() - started
    found: Found = {"seconds": seconds, "last": _rates(workplace, fastest(last, threads=1))}
    if average:
        found["average"] = _rates(workplace, fastest(average, threads=1))
    return found


def _learn(recipe: Recipe, seed: int, digits: Digits) -> tuple[Weights, Weights | None]:
    """Weights after the last pass, and the mean of those after the last quarter of the passes."""
    order = Order(recipe, seed=seed, engine="native")
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


def _rates(workplace: Workplace, network: Asked) -> dict[str, float]:
    return {
        part: float(
            (network.plane_penalties(to_planes(digits.images)).argmin(1) != digits.labels).mean()
        )
        for part, digits in (
            ("validation", workplace.digits.split("validation")),
            ("test", workplace.digits.test),
        )
    }


def modern(
    workplace: Workplace, recipe: dict[str, Any], seeds: int, holdout: bool, learnt: int
) -> Found:
    """A taught recipe from several seeds, as `lenet train` runs it, with the same teachers."""
    held_out, train = workplace.digits.validation, workplace.learnt(learnt)
    digits = replace(workplace.digits, train=train, validation=held_out[held_out < len(train)])
    ordered = Order(Recipe.from_dict(recipe), holdout=holdout, engine="native")
    assert ordered.recipe.teaching
    asked = json.dumps([ordered.to_dict(), learnt, digits.sha256], sort_keys=True).encode()
    here = workplace.kept / f"{ordered.recipe.name}-{hashlib.sha256(asked).hexdigest()[:16]}"
    homes = [here / str(seed) for seed in range(1, seeds + 1)]
    for seed, home in enumerate(homes, 1):
        if seed > 1 and not (home / "teachers").exists():
            shutil.copytree(homes[0] / "teachers", home / "teachers")
        begun = read_about(home) is not None
        fit(replace(ordered, seed=seed), digits, home, resume=begun, listener=Listener())
    members = range(1, len(ordered.recipe.teaching.members()) + 1)
    taught_by = [load_weights(homes[0] / "teachers" / str(number)) for number in members]
    learning = digits.fitting() if holdout else digits.train
    deep = deep_teachers(ordered.recipe, learning, homes[0] / "teachers")
    return {
        "pupils": [_rates(workplace, fastest(load_weights(home), threads=1)) for home in homes],
        "teachers": [_rates(workplace, fastest(each, threads=1)) for each in taught_by],
        "deep": [_rates(workplace, each) for each in deep],
    }


def _planned(plan: Plan) -> Recipe:
    """`modern`, with fewer passes and teachers in a quick plan."""
    assert MODERN.teaching
    if not plan.quick:
        return MODERN
    teachers = tuple(replace(each, passes=plan.passes) for each in MODERN.teaching.recipes)
    deep = MODERN.teaching.deep and replace(MODERN.teaching.deep, seeds=1, passes=1)
    teaching = replace(MODERN.teaching, recipes=teachers, deep=deep, seeds=1)
    return replace(MODERN, passes=plan.passes, teaching=teaching)


def pieces(plan: Plan) -> list[Piece]:
    taught = {"recipe": _planned(plan).to_dict(), "learnt": plan.learnt}
    fewer = min(plan.seeds, RUNG_SEEDS)
    top = [
        Piece(ALL, modern, {"seeds": plan.seeds, "holdout": False} | taught),
        Piece(HELD_OUT, modern, {"seeds": fewer, "holdout": True} | taught),
    ]
    return top + [
        Piece(
            f"rung-{number}-{seed}",
            rung,
            {"recipe": recipe.to_dict(), "seed": seed, "learnt": plan.learnt},
        )
        for number, recipe in enumerate(recipes(min(plan.passes, RUNG_PASSES)).values(), 1)
        for seed in range(1, fewer + 1)
    ]


def _report(plan: Plan, found: dict[str, Found]) -> Report:
    rungs = {
        step.name: [
            found[f"rung-{number}-{seed}"] for seed in range(1, min(plan.seeds, RUNG_SEEDS) + 1)
        ]
        for number, step in enumerate(RUNGS, 1)
    }
    return report(rungs, found[HELD_OUT], found[ALL])


CLAIM = Claim("ladder", "From 1998 to now", pieces, _report)
