"""What more digits are worth: 15,000, 30,000, 60,000 (Fig. 6), and 540,000 distorted copies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lenet.experiments.experiment import (
    Budget,
    Curve,
    Experiment,
    Job,
    Panel,
    Report,
    Result,
    Workspace,
    row_over_seeds,
)
from lenet.experiments.images.paper_distortions import with_copies
from lenet.experiments.lenet_5 import overlap_rows
from lenet.experiments.paper_figures import FIG6, FIG6_DISTORTED
from lenet.experiments.published import train_by_pass
from lenet.training.recipes import PUBLISHED

SHARES = (0.25, 0.5, 1.0)  # of the training digits
COPIES = 9


def trained(
    workspace: Workspace, seed: int, passes: int, train_size: int, copies: int = 0
) -> Result:
    """Errors on training digits, as learnt, and on test digits after each pass; the answers."""
    digits, test = workspace.train(train_size), workspace.digits.test
    shown = len(digits)
    if copies:
        digits = with_copies(digits, copies, seed)
    history = []
    for after in train_by_pass(replace(PUBLISHED, passes=passes), seed, digits, shown):
        history.append([after.error_rate, after.errors(test)])
    known = after.errors(workspace.train(train_size))
    answers = "".join(map(str, after.answers(test.images)))
    return {"history": history, "known": known, "answers": answers}


def _jobs(budget: Budget, sizes: list[int], copies: int) -> list[Job]:
    return [
        Job(
            f"{size}-seed-{seed}",
            trained,
            {"seed": seed, "passes": budget.passes, "train_size": size, "copies": copies},
        )
        for size in sizes
        for seed in range(1, budget.seeds + 1)
    ]


def _sizes(budget: Budget) -> list[int]:
    return [round(share * budget.train_size) for share in SHARES]


def size_jobs(budget: Budget) -> list[Job]:
    return _jobs(budget, _sizes(budget), copies=0)


def size_report(budget: Budget, found: dict[str, Result]) -> Report:
    rows, test, known = [], [], []
    for size, (printed_test, printed_train) in zip(_sizes(budget), FIG6.values(), strict=True):
        seeds = [found[f"{size}-seed-{seed}"] for seed in range(1, budget.seeds + 1)]
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
            _sizes(budget),
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
    notes = [
        "Each training makes the same number of passes, so fewer digits are also fewer updates. "
        "The smaller sets are the first digits of MNIST's order."
    ]
    panel = Panel("Size of the training set", "training digits", "errors, %", curves + printed)
    return Report(notes, rows, [panel])


def distorted_jobs(budget: Budget) -> list[Job]:
    return _jobs(budget, [budget.train_size], COPIES)


def distorted_report(budget: Budget, found: dict[str, Result]) -> Report:
    size = budget.train_size
    seeds = [found[f"{budget.train_size}-seed-{seed}"] for seed in range(1, budget.seeds + 1)]
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
        notes=[
            f"{size:,} digits and {COPIES * size:,} distorted copies, of which each "
            f"pass shows the next {size:,} in one constant random order. Ranges as measured "
            "on Fig. 7 (experiments/images/paper_distortions.py); the paper prints none."
        ],
        rows=[
            row_over_seeds(
                "test, after the last pass",
                list(history[:, -1, 1] / 100),
                FIG6_DISTORTED,
                "Fig. 6; 0.8 in III-B",
            ),
            row_over_seeds("digits as learnt, last pass", list(history[:, -1, 0] / 100)),
            *overlap_rows(budget, [seed["answers"] for seed in seeds]),
        ],
        panels=[Panel("Test digits", "pass", "errors, %", [curve, line])],
    )


EXPERIMENTS = (
    Experiment("training-size", "15,000, 30,000, 60,000 training digits", size_jobs, size_report),
    Experiment("distortions", "Distorted digits: 0.8 %", distorted_jobs, distorted_report),
)
