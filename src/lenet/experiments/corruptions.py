"""Digits degraded in fifteen ways, like MNIST-C: the errors of each network.

The paper shows examples of invariance and noise resistance (section III-E, Fig. 13); this counts
errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from lenet.evaluation.score import Score
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.images.corrupt import CORRUPTIONS, corrupt
from lenet.experiments.methods.graph_networks import answers, train_network
from lenet.experiments.report import Cell, Curve, Panel, Report, Row, Table
from lenet.experiments.robustness import Answer, answers_of
from lenet.network.weights import load_weights, shipped_names

SEED = 1998
QUICK = 2_000  # of the test digits
CONNECTED = "28×28-300-10"  # trained here; the others are shipped
LABELS = {
    "1998": "LeNet-5 as published",
    "modern": "LeNet-5, modern recipe",
    CONNECTED: "fully connected, 28×28-300-10",
}
CLEAN = "none"  # the name of no corruption
# Close to what `modern` was trained on: inverted pixels, grey background, grey patches.
SEEN = ("impulse noise", "brightness", "spatter")
SEEN_SMALLER = ("shear", "scale", "rotate", "translate")  # trained on, by smaller amounts
MEANS: dict[str, Sequence[str]] = {
    "mean of fifteen corruptions": tuple(CORRUPTIONS),
    "mean of the twelve without impulse noise, brightness, spatter": tuple(
        name for name in CORRUPTIONS if name not in SEEN
    ),
}

Rates = Mapping[str, float]  # errors in %, by corruption


def shipped() -> list[str]:
    """Names of the shipped networks that are compared."""
    return [name for name in LABELS if name in shipped_names()]


def read(workspace: Workspace, network: str, count: int, seed: int) -> Result:
    """Errors of a shipped network on the first `count` test digits."""
    return counted(workspace, answers_of(load_weights(network)), count, seed)


def train_and_read(
    workspace: Workspace, network: str, count: int, seed: int, passes: int, train_size: int
) -> Result:
    """The same for a network of `graph_networks`, trained on clean digits first."""
    made, _ = train_network(network, workspace.train(train_size), seed, passes)
    return counted(workspace, partial(answers, network, made), count, seed)


def counted(workspace: Workspace, answer: Answer, count: int, seed: int) -> Result:
    """Errors on the first `count` test digits: clean, and degraded in each way."""
    test = workspace.digits.test.first(count)

    def errors(name: str) -> int:
        images = test.images if name == CLEAN else corrupt(name, test.images, seed)
        return int((answer(images) != test.labels).sum())

    return {"digits": len(test), "errors": {name: errors(name) for name in (CLEAN, *CORRUPTIONS)}}


def jobs(budget: Budget) -> list[Job]:
    scored = {"count": QUICK if budget.quick else 10_000, "seed": SEED}
    trained = {"passes": budget.passes, "train_size": budget.train_size}
    return [
        Job(CONNECTED, train_and_read, {"network": CONNECTED} | trained | scored),
        *(Job(name, read, {"network": name} | scored, (name,)) for name in shipped()),
    ]


def report(budget: Budget, results: dict[str, Result]) -> Report:
    rates = {
        name: {
            corruption: 100 * Score(results[name]["digits"], errors).error_rate
            for corruption, errors in results[name]["errors"].items()
        }
        for name in LABELS
        if name in results
    }
    digits = min(result["digits"] for result in results.values())
    lines: list[list[Cell]] = [
        [what, *(round(mean_of(ours, of), 2) for ours in rates.values())]
        for what, of in ({name: [name] for name in (CLEAN, *CORRUPTIONS)} | MEANS).items()
    ]
    curves = [Curve(LABELS[name], list(ours), list(ours.values())) for name, ours in rates.items()]
    return Report(
        notes=_notes(digits, rates),
        rows=[
            Row(f"{what}, {LABELS[name]}", mean_of(ours, of))
            for what, of in MEANS.items()
            for name, ours in rates.items()
        ],
        tables=[
            Table(
                f"Errors in % on the first {digits:,} test digits",
                ["corruption", *(LABELS[name] for name in rates)],
                lines,
            )
        ],
        panels=[Panel("Test digits degraded in fifteen ways", "corruption", "errors in %", curves)],
        details={"errors": {name: results[name]["errors"] for name in rates}},
    )


def mean_of(rates: Rates, names: Sequence[str]) -> float:
    """The mean over these corruptions, each with the same weight."""
    return float(np.mean([rates[name] for name in names]))


def _notes(digits: int, rates: Mapping[str, Rates]) -> list[str]:
    notes = [
        f"The first {digits:,} test digits, clean and degraded in fifteen ways like MNIST-C (Mu "
        "and Gilmer 2019). The corruptions are written from their descriptions and are not the "
        "published files: compare networks within this table only, not with other work.",
        "`1998` and the fully connected network were trained on none of these. `modern` was "
        "trained on relatives of three kinds (inverted pixels, grey backgrounds, grey patches: "
        f"{', '.join(SEEN)}), so the mean without them stands beside the mean of all, and on "
        f"smaller amounts of four others ({', '.join(SEEN_SMALLER)}).",
    ]
    for name, ours in rates.items():
        worst = max(CORRUPTIONS, key=lambda corruption: ours[corruption])
        of_all, of_others = (mean_of(ours, of) for of in MEANS.values())
        notes.append(
            f"{LABELS[name]}: {ours[CLEAN]:.2f} % errors on clean digits, {of_all:.1f} % in the "
            f"mean of the fifteen, {of_others:.1f} % without the three, most under {worst} "
            f"({ours[worst]:.1f} %)."
        )
    missing = [label for name, label in LABELS.items() if name not in rates]
    return [*notes, *([f"Not scored, because not shipped: {', '.join(missing)}."] * bool(missing))]


EXPERIMENT = Experiment("corruptions", "Digits degraded in fifteen ways", jobs, report)
