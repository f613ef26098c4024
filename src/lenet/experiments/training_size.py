"""Error against training set size: 15,000 to 60,000 (Fig. 6), and 540,000 distorted copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lenet.experiments.experiment import Budget, Experiment, Job, Result
from lenet.experiments.lenet_5 import overlap_rows, passes_curve, trained
from lenet.experiments.report import Curve, Panel, Report, curve_over_seeds, row_over_seeds

SHARES = (0.25, 0.5, 1.0)  # of the training digits
COPIES = 9
# Printed in Fig. 6: training digits, and errors in % on the test digits and on them.
FIG6 = {15_000: (1.68, 0.06), 30_000: (1.14, 0.31), 60_000: (0.94, 0.35)}
FIG6_DISTORTED = 0.82


def _jobs(budget: Budget, sizes: Sequence[int], copies: int) -> list[Job]:
    each = {"passes": budget.passes, "copies": copies}
    return [
        Job(f"{size}-seed-{seed}", trained, {"seed": seed, "train_size": size} | each)
        for size in sizes
        for seed in budget.seed_numbers()
    ]


def _of_size(budget: Budget, results: dict[str, Result], size: int) -> list[Result]:
    return [results[f"{size}-seed-{seed}"] for seed in budget.seed_numbers()]


def _sizes(budget: Budget) -> list[int]:
    return [round(share * budget.train_size) for share in SHARES]


def size_report(budget: Budget, results: dict[str, Result]) -> Report:
    sizes, rows, test, train = _sizes(budget), [], [], []
    for size, printed in zip(sizes, FIG6.values(), strict=True):
        seeds = _of_size(budget, results, size)
        test.append([100 * seed["history"][-1][1] for seed in seeds])
        train.append([100 * seed["train"] for seed in seeds])
        rows += [
            row_over_seeds(f"test, {size:,} digits learnt", test[-1], printed[0], source="Fig. 6"),
            row_over_seeds(f"those {size:,} digits", train[-1], printed[1], source="Fig. 6"),
        ]
    ours = {"test": test, "digits learnt": train}
    curves = [
        curve_over_seeds(label, sizes, np.transpose(values)) for label, values in ours.items()
    ]
    curves += [
        Curve(f"printed, {label}", list(FIG6), [pair[k] for pair in FIG6.values()], printed=True)
        for k, label in enumerate(ours)
    ]
    notes = [
        "Each training makes the same number of passes, so fewer digits also mean fewer updates. "
        "The smaller sets are the first digits in MNIST's order."
    ]
    panel = Panel("Size of the training set", "training digits", "errors, %", curves)
    return Report(notes, rows, [panel])


def distorted_report(budget: Budget, results: dict[str, Result]) -> Report:
    size = budget.train_size
    seeds = _of_size(budget, results, size)
    history = 100 * np.array([seed["history"] for seed in seeds])
    curve = passes_curve(history[:, :, 1].tolist())
    line = Curve("printed, at the end", curve.x, [FIG6_DISTORTED] * len(curve.x), printed=True)
    last, source = "test, after the last pass", "Fig. 6; 0.8 in III-B"
    return Report(
        notes=[
            f"{size:,} digits and {COPIES * size:,} distorted copies; each pass shows the next "
            f"{size:,} in one constant random order. The ranges of the distortions are measured on "
            "Fig. 7 (experiments/images/paper_distortions.py); the paper prints none."
        ],
        rows=[
            row_over_seeds(last, history[:, -1, 1], FIG6_DISTORTED, source=source),
            row_over_seeds("digits as learnt, last pass", history[:, -1, 0]),
            *overlap_rows([seed["answers"] for seed in seeds]),
        ],
        panels=[Panel("Test digits", "pass", "errors, %", [curve, line])],
    )


EXPERIMENTS = (
    Experiment(
        "training-size",
        "15,000, 30,000, 60,000 training digits",
        lambda budget: _jobs(budget, _sizes(budget), 0),
        size_report,
    ),
    Experiment(
        "distortions",
        "Distorted digits: 0.8 %",
        lambda budget: _jobs(budget, [budget.train_size], COPIES),
        distorted_report,
    ),
)
