"""What more digits are worth: 15,000, 30,000, 60,000 (Fig. 6), and 540,000 distorted copies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lenet.experiments.experiment import (
    Curve,
    Experiment,
    Found,
    Job,
    Panel,
    Plan,
    Report,
    Workplace,
    row_over_seeds,
)
from lenet.experiments.images.distort import with_copies
from lenet.experiments.lenet_5 import overlap_rows
from lenet.experiments.paper_figures import FIG6, FIG6_DISTORTED
from lenet.experiments.published import passes
from lenet.training.recipes import PUBLISHED

SHARES = (0.25, 0.5, 1.0)  # of the training digits
COPIES = 9


def trained(workplace: Workplace, seed: int, made: int, learnt: int, copies: int = 0) -> Found:
    """Errors on training digits, as learnt, and on test digits after each pass; the answers."""
    digits, test = workplace.learnt(learnt), workplace.digits.test
    shown = len(digits)
    if copies:
        digits = with_copies(digits, copies, seed)
    history = []
    for after in passes(replace(PUBLISHED, passes=made), seed, digits, shown):
        history.append([after.error_rate, after.errors(test)])
    known = after.errors(workplace.learnt(learnt))
    answers = "".join(map(str, after.answers(test.images)))
    return {"history": history, "known": known, "answers": answers}


def _pieces(plan: Plan, sizes: list[int], copies: int) -> list[Job]:
    return [
        Job(
            f"{size}-seed-{seed}",
            trained,
            {"seed": seed, "made": plan.passes, "learnt": size, "copies": copies},
        )
        for size in sizes
        for seed in range(1, plan.seeds + 1)
    ]


def _sizes(plan: Plan) -> list[int]:
    return [round(share * plan.learnt) for share in SHARES]


def size_pieces(plan: Plan) -> list[Job]:
    return _pieces(plan, _sizes(plan), copies=0)


def size_report(plan: Plan, found: dict[str, Found]) -> Report:
    rows, test, known = [], [], []
    for size, (printed_test, printed_train) in zip(_sizes(plan), FIG6.values(), strict=True):
        seeds = [found[f"{size}-seed-{seed}"] for seed in range(1, plan.seeds + 1)]
        test.append([100 * seed["history"][-1][1] for seed in seeds])
        known.append([100 * seed["known"] for seed in seeds])
        for what, rates, paper in (
            (f"test, {size:,} digits learnt", test[-1], printed_test),
            (f"those {size:,} digits", known[-1], printed_train),
        ):
            rows.append(row_over_seeds(what, [r / 100 for r in rates], paper, "Fig. 6"))
    curves = [
        Curve(
            label,
            _sizes(plan),
            [float(np.mean(rates)) for rates in values],
            low=[min(rates) for rates in values],
            high=[max(rates) for rates in values],
        )
        for label, values in (("test", test), ("digits learnt", known))
    ]
    printed = [
        Curve(f"printed, {label}", list(FIG6), [pair[k] for pair in FIG6.values()], printed=True)
        for k, label in enumerate(("test", "digits learnt"))
    ]
    says = [
        "Each training makes the same number of passes, so fewer digits are also fewer updates. "
        "The smaller sets are the first digits of MNIST's order."
    ]
    panel = Panel("Size of the training set", "training digits", "errors, %", curves + printed)
    return Report(says, rows, [panel])


def distorted_pieces(plan: Plan) -> list[Job]:
    return _pieces(plan, [plan.learnt], COPIES)


def distorted_report(plan: Plan, found: dict[str, Found]) -> Report:
    seeds = [found[f"{plan.learnt}-seed-{seed}"] for seed in range(1, plan.seeds + 1)]
    history = 100 * np.array([seed["history"] for seed in seeds])
    along = list(range(1, history.shape[1] + 1))
    curve = Curve(
        f"ours, mean and range of {len(seeds)}",
        along,
        history[:, :, 1].mean(0).tolist(),
        low=history[:, :, 1].min(0).tolist(),
        high=history[:, :, 1].max(0).tolist(),
    )
    line = Curve("printed, at the end", along, [FIG6_DISTORTED] * len(along), printed=True)
    return Report(
        says=[
            f"{plan.learnt:,} digits and {COPIES * plan.learnt:,} distorted copies, of which each "
            f"pass shows the next {plan.learnt:,} in one constant random order. Ranges as measured "
            "on Fig. 7 (experiments/images/distort.py); the paper prints none."
        ],
        rows=[
            row_over_seeds(
                "test, after the last pass",
                list(history[:, -1, 1] / 100),
                FIG6_DISTORTED,
                "Fig. 6; 0.8 in III-B",
            ),
            row_over_seeds("digits as learnt, last pass", list(history[:, -1, 0] / 100)),
            *overlap_rows(plan, [seed["answers"] for seed in seeds]),
        ],
        panels=[Panel("Test digits", "pass", "errors, %", [curve, line])],
    )


EXPERIMENTS = (
    Experiment("training-size", "15,000, 30,000, 60,000 training digits", size_pieces, size_report),
    Experiment("distortions", "Distorted digits: 0.8 %", distorted_pieces, distorted_report),
)
