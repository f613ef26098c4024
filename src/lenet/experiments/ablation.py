"""From 1998 to now, one change at a time: the effect of each, and the network at the end.

The steps train without the validation digits, and the validation column decides. At the end
`modern`, the network of 1998, and the plain network are distilled from the same teachers, once
without the validation digits and once on all 60,000.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from lenet.augmentation.warp import Distortion
from lenet.data.digits import Digits
from lenet.engine.select import best_engine
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.report import (
    Cell,
    Curve,
    Panel,
    Report,
    Row,
    Table,
    mean_and_sd,
    row_over_seeds,
)
from lenet.network.plane import FloatArray, to_planes
from lenet.network.weights import Weights, load_weights
from lenet.training.distillation import Teacher
from lenet.training.engines import cnn_teachers, make_learner
from lenet.training.fit import Callbacks, curvature_sample, fit, pass_permutation, starting_tensors
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Recipe, RunConfig
from lenet.training.recipes import MODERN, PLAIN, PLAIN_DISTILLED, PUBLISHED, STRONG, TEACHER
from lenet.training.run_folder import read_record

STEP_SEEDS, HELD_OUT_SEEDS = 3, 1
STEP_PASSES = 10
AVERAGED = 0.25  # of the passes, the last ones, whose weights are averaged
ALL, HELD_OUT = "distilled", "distilled-held-out"

Rates = Sequence[dict[str, float]]  # error rates 0 … 1 by part, of each seed
Line = tuple[str, bool, Rates, float | None]  # name, kept or not, rates, seconds of a training
Change = Callable[[Recipe], Recipe]


@dataclass(frozen=True)
class Step:
    """One change.

    name : what is changed, for the report
    change : makes the recipe from that of the last step kept
    kept : whether the next step builds on this one
    """

    name: str
    change: Change
    kept: bool = True


def _recipe(**changes: Any) -> Change:
    return lambda below: replace(below, **changes)


def _network(**changes: Any) -> Change:
    return lambda below: replace(below, network=replace(below.network, **changes))


def _method(**changes: Any) -> Change:
    return lambda below: replace(below, optimiser=replace(below.optimiser, **changes))


def _warped(*names: str, times: float = 1.0) -> Change:
    """These amounts of today's recipes, times a factor."""
    amounts = {name: times * vars(STRONG)[name] for name in names}
    return lambda below: replace(
        below, distortion=replace(below.distortion or Distortion(), **amounts)
    )


AFFINE = ("rotation", "scale", "shear", "shift")
STEPS: tuple[Step, ...] = (
    Step("1998: single patterns, SDLM, eq. 9 with j = 3", _recipe()),
    Step("mini-batches of 128: AdamW, one cycle to 0.003", _recipe(optimiser=AdamW())),
    Step("the rate kept constant", _method(schedule="constant"), False),
    Step("weights start within ±2.4/F", _recipe(initialisation="paper"), False),
    Step(
        "penalties divided by 10, no rubbish class",
        _recipe(rubbish=inf, temperature=TEACHER.temperature),
    ),
    Step("affine distortions, new ones each pass", _warped(*AFFINE)),
    Step("elastic ones too", _warped("elastic")),
    Step("all distortions 1.5 times as strong", _warped(*AFFINE, "elastic", times=1.5), False),
    Step("elastic ones 2.5 times as strong", _warped("elastic", times=2.5), False),
    Step("strokes thicker and thinner", _warped("thickness")),
    Step(
        "15 % of the digits degraded: grey paper, patches, noise",
        _warped("degraded", "background", "patch", "noise"),
    ),
    Step("batches of 256, one cycle to 0.004", _method(batch=256, peak_rate=0.004), False),
    Step("weight decay 0.1 for 0.01", _method(weight_decay=0.1), False),
    Step(
        "a trainable linear output for the codes",
        lambda below: replace(_network(head="linear")(below), temperature=1.0),
        False,
    ),
    Step("silu for the scaled tanh", _network(squash="silu"), False),
    Step("averages for trainable sub-sampling", _network(subsampling="average"), False),
    Step("maxima for trainable sub-sampling", _network(subsampling="max"), False),
    Step("C3 reads all six maps", _network(c3="full"), False),
    Step(
        "the plain network: silu, maxima, all six maps, linear output",
        _recipe(network=PLAIN, temperature=1.0),
        False,
    ),
)


def recipes(passes: int) -> dict[str, Recipe]:
    """The recipe of every step by its name, each making so many passes."""
    found, below = {}, replace(PUBLISHED, passes=passes)
    for step in STEPS:
        found[step.name] = step.change(below)
        if step.kept:
            below = found[step.name]
    return found


def trained_step(
    workspace: Workspace, recipe: dict[str, Any], seed: int, train_size: int
) -> Result:
    """One training of one step: error rates of its last weights and of their average."""
    digits = workspace.train_without_validation(train_size)
    started = time.perf_counter()
    last, average = _train(Recipe.from_dict(recipe), seed, digits)
    seconds = time.perf_counter() - started
    result: Result = {"seconds": seconds, "last": _rates(workspace, best_engine(last, threads=1))}
    if average:
        result["average"] = _rates(workspace, best_engine(average, threads=1))
    return result


def _train(recipe: Recipe, seed: int, digits: Digits) -> tuple[Weights, Weights | None]:
    """Weights after the last pass, and the mean of those after the last quarter of the passes."""
    order = RunConfig(recipe, seed=seed, engine="native")
    first = recipe.passes - round(AVERAGED * recipe.passes)
    sums: dict[str, FloatArray] = {}
    with make_learner(order, starting_tensors(order), digits) as learner:
        for number in range(1, recipe.passes + 1):
            learner.start_pass(number, curvature_sample(order, number, len(digits)))
            learner.learn(pass_permutation(order, number, len(digits)))
            for name, tensor in learner.tensors().items() if number > first else ():
                sums[name] = sums.get(name, np.float32(0)) + tensor / (recipe.passes - first)
        card = {"network": recipe.network.to_dict()}
        return Weights(learner.tensors(), card), Weights(sums, card) if sums else None


def _rates(workspace: Workspace, network: Teacher) -> dict[str, float]:
    parts = {"validation": workspace.digits.split("validation"), "test": workspace.digits.test}
    answers = {
        part: network.plane_penalties(to_planes(digits.images)).argmin(1)
        for part, digits in parts.items()
    }
    return {part: float((answers[part] != parts[part].labels).mean()) for part in parts}


def distilled(
    workspace: Workspace, recipes: list[dict[str, Any]], seeds: int, holdout: bool, train_size: int
) -> Result:
    """Students of the same teachers, each from several seeds, as `lenet train` runs them."""
    held_out, train = workspace.digits.validation, workspace.train(train_size)
    digits = replace(workspace.digits, train=train, validation=held_out[held_out < len(train)])
    orders = [
        RunConfig(Recipe.from_dict(recipe), seed=seed, holdout=holdout, engine="native")
        for recipe in recipes
        for seed in range(1, seeds + 1)
    ]
    asked = json.dumps([*(order.to_dict() for order in orders), train_size, digits.sha256]).encode()
    here = workspace.cache / f"distilled-{hashlib.sha256(asked).hexdigest()[:16]}"
    homes = [here / f"{order.recipe.name}-{order.seed}" for order in orders]
    teachers = homes[0] / "teachers"
    students: dict[str, list[dict[str, float]]] = {}
    for order, home in zip(orders, homes, strict=True):
        if home != homes[0] and not (home / "teachers").exists():
            shutil.copytree(teachers, home / "teachers")
        fit(order, digits, home, resume=read_record(home) is not None, callbacks=Callbacks())
        rates = _rates(workspace, best_engine(load_weights(home), threads=1))
        students.setdefault(order.recipe.name, []).append(rates)
    first = orders[0].recipe
    assert first.distillation
    plain = [load_weights(teachers / str(k + 1)) for k in range(len(first.distillation.members()))]
    cnn = cnn_teachers(first, digits.train_part() if holdout else digits.train, teachers)
    return {
        "students": students,
        "teachers": [_rates(workspace, best_engine(each, threads=1)) for each in plain],
        "deep": [_rates(workspace, each) for each in cnn],
    }


def _within(budget: Budget, recipe: Recipe) -> Recipe:
    """The recipe, with fewer passes and teachers in a quick budget."""
    assert recipe.distillation
    if not budget.quick:
        return recipe
    teachers = tuple(replace(each, passes=budget.passes) for each in recipe.distillation.recipes)
    cnn = recipe.distillation.cnn and replace(recipe.distillation.cnn, seeds=1, passes=1)
    distillation = replace(recipe.distillation, recipes=teachers, cnn=cnn, seeds=1)
    return replace(recipe, passes=budget.passes, distillation=distillation)


def jobs(budget: Budget) -> list[Job]:
    seeds = budget.seed_numbers(STEP_SEEDS)
    both = [_within(budget, recipe).to_dict() for recipe in (MODERN, PLAIN_DISTILLED)]
    settings = {"recipes": both, "train_size": budget.train_size}
    held_out = {"seeds": min(budget.seeds, HELD_OUT_SEEDS), "holdout": True}
    of_step = recipes(min(budget.passes, STEP_PASSES)).values()
    each = {"train_size": budget.train_size}
    return [
        Job(ALL, distilled, settings | {"seeds": budget.seeds, "holdout": False}),
        Job(HELD_OUT, distilled, settings | held_out),
        *(
            Job(f"step-{n}-{seed}", trained_step, {"recipe": recipe.to_dict(), "seed": seed} | each)
            for n, recipe in enumerate(of_step, 1)
            for seed in seeds
        ),
    ]


def notes(plain: int, deep: int) -> list[str]:
    """From the numbers of plain and of deep teachers."""
    return [
        "Each line changes one thing, first in training, then in the network, on the architecture "
        "of 1998: six maps, sixteen, 120, 84, ten. Lines in brackets branch off the last line "
        "without brackets; the next lines do not build on them.",
        "Errors on the validation part (writers who are not in the training digits) decide; it is "
        "harder than the test part. Three choices were made with test figures seen: the setting of "
        "`1998`, and twice which network is `modern` (docs/log.md).",
        "At the end two networks are distilled, `modern`, which is the network of 1998 with its "
        f"60,000 numbers and codes, and the plain one. Their teachers, {plain} plain and {deep} "
        "deeper networks, trained on the same digits and nothing else.",
        "The seeds of `modern` and `plain-distilled` are students of one set of teachers on the "
        "same copies: ± covers initialisation and order, not other teachers.",
    ]


def report(budget: Budget, results: dict[str, Result]) -> Report:
    steps = _steps(budget, results)
    validation = {name: _percent(rates, "validation") for name, _, rates, _ in steps}
    kept = {name: validation[name] for name, is_kept, *_ in steps if is_kept}
    full, held_out = results[ALL], results[HELD_OUT]
    teachers, deep = _percent(full["teachers"], "test"), _percent(full["deep"], "test")
    rows = [
        row_over_seeds(f"{recipe.name}, {what}", _percent(result["students"][recipe.name], part))
        for recipe in (MODERN, PLAIN_DISTILLED)
        for what, result, part in (
            ("all 60,000 digits learnt: test", full, "test"),
            ("validation digits held out: validation", held_out, "validation"),
        )
    ]
    rows += [
        Row("modern, worst seed: test", max(_percent(full["students"][MODERN.name], "test"))),
        row_over_seeds("their plain teachers, one by one: test", teachers),
        row_over_seeds("their deep teachers, one by one: test", deep),
    ]
    curve = Curve(
        "mean and range of the seeds",
        list(kept),
        [float(np.mean(values)) for values in kept.values()],
        low=[min(values) for values in kept.values()],
        high=[max(values) for values in kept.values()],
    )
    return Report(
        notes=notes(len(teachers), len(deep)),
        rows=rows,
        panels=[Panel("Validation digits", "", "errors, %", [curve])],
        tables=[_table(steps)],
        details={"validation": validation},
    )


def _steps(budget: Budget, results: dict[str, Result]) -> list[Line]:
    """All steps, from 1998 on."""
    found: list[Line] = []
    averages: Rates = []
    for number, step in enumerate(STEPS, 1):
        seeds = [results[f"step-{number}-{seed}"] for seed in budget.seed_numbers(STEP_SEEDS)]
        seconds = float(np.mean([seed["seconds"] for seed in seeds]))
        found.append((step.name, step.kept, [seed["last"] for seed in seeds], seconds))
        if step.kept:
            averages = [seed["average"] for seed in seeds]
    found.append(("weights averaged over the last quarter of the passes", False, averages, None))
    students = results[HELD_OUT]["students"]
    for recipe, what in ((MODERN, "distilled"), (PLAIN_DISTILLED, "the plain network")):
        name = f"{recipe.name}: {what}, batches of 256, {recipe.passes} passes"
        found.append((name, True, students[recipe.name], None))
    return found


def _percent(rates: Rates, part: str) -> list[float]:
    return [100 * each[part] for each in rates]


def _table(steps: list[Line]) -> Table:
    lines: list[list[Cell]] = [
        [
            name if kept else f"({name})",
            *mean_and_sd(_percent(rates, "validation")),
            *mean_and_sd(_percent(rates, "test")),
            len(rates),
            None if seconds is None else round(seconds),
        ]
        for name, kept, rates, seconds in steps
    ]
    header = ["change", "validation, %", "sd", "test, %", "sd", "seeds", "training, s"]
    return Table("One change per line", header, lines)


EXPERIMENT = Experiment("ablation", "From 1998 to now", jobs, report)
