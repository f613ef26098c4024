"""Section III-E: how far digits may be shifted, turned, scaled or soiled, with a noise-trained net.

The network of Fig. 13 was trained on MNIST with 10 % of all pixels inverted. The paper does not say
whether the noise was drawn once; here it is new in each pass, so that no pattern can be learnt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.transforms import TRANSFORMS, Transform, invert_pixels
from lenet.data.digits import Digits
from lenet.engine.select import best_engine
from lenet.errors import LenetError
from lenet.evaluation.score import Score
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.report import (
    Cell,
    Curve,
    Panel,
    Report,
    Row,
    Table,
    curve_over_seeds,
    interval_of,
    row_over_seeds,
)
from lenet.experiments.robustness import (
    Points,
    answers_of,
    error_curve,
    error_curves,
    ink_lost,
    rate_at,
    spread,
    tolerated,
)
from lenet.network.plane import BYTE_TO_PLANE, OFFSET, ByteArray
from lenet.network.weights import Weights, load_weights
from lenet.training.engines import choose_engine, make_learner
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.recipe import Recipe, RunConfig
from lenet.training.recipes import PUBLISHED

SHARE = 0.1  # of pixels inverted in training (section III-E)
SEEDS = 3  # trainings at most; the ranges hardly differ between them
NOISE_STREAM = 4  # of the seed; 0 … 3 are the weights, the order, the curvature, the distortions
BATCH = 250  # planes at a time, so that their stages take little memory
QUICK_DIGITS, ALL_DIGITS = 2_000, 10_000  # of the test part
WITHOUT, WITH = "invariance-1998", "invariance-noise-"  # names of jobs; a seed follows WITH
LABELS = {WITHOUT: "trained without noise", WITH: "trained with 10 % noise"}
LIMITS = (0.1, 0.5)  # error rates up to which a digit's class counts as recognised
HEIGHT = 20  # pixels: of a digit in MNIST, the box it was fitted into (section III-A)
PRINTED = {"scale": (0.5, 2.0), "down": (-HEIGHT / 2, HEIGHT / 2), "rotation": (-30.0, 30.0)}
# What, unit, printed, name of the transform, and our figure from its lowest and highest amount.
RANGES: tuple[tuple[str, str, float, str, Callable[[float, float], float]], ...] = (
    ("largest scale", "×", 2.0, "scale", lambda low, high: high),
    ("smallest scale", "×", 0.5, "scale", lambda low, high: low),
    (
        "vertical shift, either way",
        "of the height",
        0.5,
        "down",
        lambda low, high: min(-low, high) / HEIGHT,
    ),
    ("rotation, either way", "°", 30.0, "rotation", lambda low, high: min(-low, high)),
)
NOTES = (
    "The paper estimates that digits are read at up to about twice the size, shifted by up to "
    "about half their height, and turned by up to 30° either way; it does not state which share "
    "of digits must be right. So whole curves are shown, and the amounts at which 10 % and 50 % of "
    "the test digits are misread, interpolated linearly between the amounts tried.",
    "Fig. 13's network is not the one of 0.95 %: in its training each pixel was inverted with "
    "probability 0.1. The noise is new in each pass; the paper does not say. It covers the 28×28 "
    "pixels of a digit, not the border of 2 pixels that makes them 32×32.",
    "A factor of two is taken as half to double the size. Digits are moved within 28×28 pixels, so "
    "large and far-shifted ones are cut off (last table); beside them stand the errors of digits "
    "moved within the whole 32×32 plane, of which less is cut off.",
)

Curves = list[dict[str, Points]]  # of each seed: points by the name of a transform


def jobs(budget: Budget) -> list[Job]:
    count = QUICK_DIGITS if budget.quick else ALL_DIGITS
    training = {"passes": budget.passes, "train_size": budget.train_size, "share": SHARE}
    return [
        Job("invariance-ink", lost, {"count": count}),
        Job(WITHOUT, without_noise, {"count": count}, ("1998",)),
        *(
            Job(f"{WITH}{seed}", with_noise, {"seed": seed, **training, "count": count})
            for seed in range(min(SEEDS, budget.seeds))
        ),
    ]


def lost(workspace: Workspace, count: int) -> Result:
    """The share of ink that is cut off at the amounts the paper names."""
    digits = spread(workspace.digits.test, count)
    return {
        name: [(amount, ink_lost(digits, TRANSFORMS[name], amount)) for amount in amounts]
        for name, amounts in PRINTED.items()
    }


def without_noise(workspace: Workspace, count: int) -> Result:
    """The curves of the shipped network."""
    return _curves(load_weights("1998"), workspace.digits.test, count)


def with_noise(
    workspace: Workspace, seed: int, passes: int, train_size: int, share: float, count: int
) -> Result:
    """The curves of one noise-trained network."""
    made = noise_trained(workspace, seed, passes, train_size, share)
    return _curves(made, workspace.digits.test, count)


def noise_trained(
    workspace: Workspace, seed: int, passes: int, train_size: int, share: float = SHARE
) -> Weights:
    """The network of Fig. 13: the published recipe on inverted pixels."""
    clean = workspace.train(train_size)

    def shown(number: int) -> Digits:
        generator = np.random.default_rng([seed, NOISE_STREAM, number])
        return Digits(invert_pixels(clean.images, share, generator), clean.labels)

    return train_on_changing(replace(PUBLISHED, passes=passes), seed, shown)


def train_on_changing(recipe: Recipe, seed: int, shown: Callable[[int], Digits]) -> Weights:
    """Train by the published method on digits that may differ from pass to pass.

    The same steps as `fit` if every pass shows the same digits: between two passes the published
    method keeps nothing but the weights.

    Parameters
    ----------
    shown : the digits of pass 1, 2, …, the same number each time

    Raises
    ------
    LenetError
        if the weights stop being finite
    """
    order = RunConfig(recipe, seed=seed, engine=choose_engine("auto"))
    tensors = starting_tensors(order)
    for number in range(1, recipe.passes + 1):
        digits = shown(number)
        with make_learner(order, tensors, digits) as learner:
            learner.start_pass(number, curvature_sample(order, number, len(digits)))
            learner.learn(pass_permutation(order, number, len(digits)))
            tensors = learner.tensors()
        if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
            raise LenetError(f"the weights stopped being finite in pass {number}: lower the rates")
    return Weights(tensors, {"network": recipe.network.to_dict(), "seed": seed})


def _curves(weights: Weights, digits: Digits, count: int) -> Result:
    """Errors by amount; at the printed amounts also with the whole plane to move in."""
    engine, tried = best_engine(weights, threads=1), spread(digits, count)
    planes = np.pad(tried.images, ((0, 0), (OFFSET, OFFSET), (OFFSET, OFFSET)))

    def answer_planes(images: ByteArray) -> NDArray[np.int64]:
        parts = np.array_split(images, -(-len(images) // BATCH))
        stages = (engine.stages(BYTE_TO_PLANE[part][:, None]) for part in parts)
        return np.concatenate([found.output.argmin(1) for found in stages])

    return {
        "curves": error_curves(answers_of(weights), tried, TRANSFORMS.values(), count),
        "plane": {
            name: error_curve(
                answer_planes, planes, tried.labels, replace(TRANSFORMS[name], values=amounts)
            )
            for name, amounts in PRINTED.items()
        },
    }


def report(budget: Budget, results: dict[str, Result]) -> Report:
    networks, planes = (
        {
            kind: [results[name][which] for name in sorted(results) if name.startswith(kind)]
            for kind in (WITHOUT, WITH)
        }
        for which in ("curves", "plane")
    )
    range_rows = [
        row_over_seeds(
            f"{what}, at most {limit:.0%} errors",
            [measure(*_tolerated(points, name, limit)) for points in networks[WITH]],
            printed,
            unit=unit,
            source="section III-E",
        )
        for limit in LIMITS
        for what, unit, printed, name, measure in RANGES
    ]
    cut_off = [
        [name, TRANSFORMS[name].unit, amount, round(100 * share, 1)]
        for name, pairs in results["invariance-ink"].items()
        for amount, share in pairs
    ]
    header = ["transform", "unit", "amount", "%"]
    return Report(
        notes=NOTES,
        rows=[*_error_rows(networks), *range_rows],
        panels=[_panel(transform, networks) for transform in TRANSFORMS.values()],
        tables=[
            _ranges(networks),
            _at_printed(networks, planes),
            Table("Ink cut off at the edge of 28×28 pixels", header, cut_off),
        ],
        details={LABELS[name]: curves for name, curves in networks.items()},
    )


def _error_rows(networks: dict[str, Curves]) -> list[Row]:
    """Errors on clean digits, and with as much noise as in training."""
    rows = []
    for name, curves in networks.items():
        for what, amount in (("clean digits", 0.0), ("10 % of pixels inverted", SHARE)):
            percents = [100 * rate_at(points["noise"], amount) for points in curves]
            row = row_over_seeds(f"{LABELS[name]}, {what}", percents)
            if name == WITHOUT:
                _, errors, n = next(point for point in curves[0]["noise"] if point[0] == amount)
                row = replace(row, interval=interval_of(Score(int(n), int(errors))))
            rows.append(row)
    return rows


def _tolerated(points: dict[str, Points], name: str, limit: float) -> tuple[float, float]:
    return tolerated(points[name], TRANSFORMS[name].neutral, limit)


def _panel(transform: Transform, networks: dict[str, Curves]) -> Panel:
    """Error against the amount, a band over the seeds; upright lines for the paper's estimate."""
    drawn = []
    for name, curves in networks.items():
        rates = [[100 * e / n for _, e, n in points[transform.name]] for points in curves]
        amounts = [point[0] for point in curves[0][transform.name]]
        curve = curve_over_seeds(LABELS[name], amounts, rates)
        drawn.append(curve if len(curves) > 1 else replace(curve, low=None, high=None))
    if transform.name in PRINTED:
        low, high = PRINTED[transform.name]
        ends = [low] * 3 + [high] * 2
        drawn.append(Curve("the paper's estimate", ends, [0, 100, None, 0, 100], True))
    return Panel(transform.title, transform.unit, "% errors", drawn)


def _ranges(networks: dict[str, Curves]) -> Table:
    lines = [
        [
            transform.name,
            transform.unit,
            f"{limit:.0%}",
            *(_range(curves, transform, limit) for curves in networks.values()),
        ]
        for transform in TRANSFORMS.values()
        for limit in LIMITS
    ]
    header = ["transform", "unit", "errors at most", *(LABELS[name] for name in networks)]
    return Table("How far digits may be moved (mean of the seeds)", header, lines)


def _range(curves: Curves, transform: Transform, limit: float) -> str:
    """As text: low … high, with ≤ or ≥ where even the last amount tried is within the limit."""
    low, high = np.mean([_tolerated(points, transform.name, limit) for points in curves], axis=0)
    below = "≤ " if low == transform.values[0] < transform.neutral else ""
    above = "≥ " if high == transform.values[-1] else ""
    first, last = (f"{end:.2f}".rstrip("0").rstrip(".").replace("-", "−") for end in (low, high))
    return f"{below}{first} … {above}{last}"


def _at_printed(networks: dict[str, Curves], planes: dict[str, Curves]) -> Table:
    """Errors in % at the amounts that the paper names."""
    lines: list[list[Cell]] = []
    for name, amount in [(name, amount) for name, ends in PRINTED.items() for amount in ends]:
        cells = [
            round(100 * float(np.mean([rate_at(points[name], amount) for points in seeds])), 2)
            for kind in networks
            for seeds in (networks[kind], planes[kind])
        ]
        lines.append([name, TRANSFORMS[name].unit, amount, *cells])
    which = [f"{LABELS[kind]}, in {side}×{side}" for kind in networks for side in (28, 32)]
    header = ["transform", "unit", "amount", *which]
    return Table("% errors where the paper draws the line", header, lines)


EXPERIMENT = Experiment("invariance", "Scale, shift, rotation and noise (Fig. 13)", jobs, report)
