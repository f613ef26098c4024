"""Digits degraded in fifteen ways, like MNIST-C: the errors of each network.

The paper shows examples of invariance and noise resistance (section III-E, Fig. 13); this counts
errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lenet.engine.select import best_engine
from lenet.evaluation.score import Score, compare
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.images.corrupt import CORRUPTIONS, corrupt
from lenet.experiments.methods.graph_networks import inputs_of, train_network
from lenet.experiments.report import Cell, Curve, Panel, Report, Row, Table
from lenet.network.plane import ByteArray
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

Classifier = Callable[[ByteArray], NDArray[np.int64]]
Rates = Mapping[str, float]  # errors in %, by corruption


def shipped() -> list[str]:
    """Names of the shipped networks that are compared."""
    return [name for name in LABELS if name in shipped_names()]


def read(workspace: Workspace, network: str, count: int, seed: int) -> Result:
    """Errors of a shipped network on the first `count` test digits."""
    engine = best_engine(load_weights(network), threads=1)
    return counted(workspace, lambda images: engine.penalties(images).argmin(axis=1), count, seed)


def train_and_read(
    workspace: Workspace, network: str, count: int, seed: int, passes: int, train_size: int
) -> Result:
    """The same for a network of `graph_networks`, trained on clean digits first."""
    made, _ = train_network(network, workspace.train(train_size), seed, passes)

    def answer(images: ByteArray) -> NDArray[np.int64]:
        answers: NDArray[np.int64] = made.penalties(inputs_of(network, images)).argmin(1)
        return answers

    return counted(workspace, answer, count, seed)


def counted(workspace: Workspace, answer: Classifier, count: int, seed: int) -> Result:
    """Errors on the first `count` test digits: clean, and degraded in each way."""
    test = workspace.digits.test
    test = test.take(np.arange(min(count, len(test))))
    errors = {CLEAN: compare(answer(test.images), test.labels).score.errors}
    for name in CORRUPTIONS:
        answers = answer(corrupt(name, test.images, seed))
        errors[name] = compare(answers, test.labels).score.errors
    return {"digits": len(test), "errors": errors}


def jobs(budget: Budget) -> list[Job]:
    scored = {"count": QUICK if budget.quick else 10_000, "seed": SEED}
    trained = {"passes": budget.passes, "train_size": budget.train_size}
    return [
        Job(CONNECTED, train_and_read, {"network": CONNECTED} | trained | scored),
        *(Job(name, read, {"network": name} | scored, (name,)) for name in shipped()),
    ]


def report(budget: Budget, results: dict[str, Result]) -> Report:
    ordered = sorted(results, key=list(LABELS).index)
    rates = {name: _rates(results[name]) for name in ordered}
    digits = min(result["digits"] for result in results.values())
    panel = Panel(
        "Test digits degraded in fifteen ways",
        "corruption",
        "errors in %",
        [Curve(LABELS[name], list(ours), list(ours.values())) for name, ours in rates.items()],
    )
    return Report(
        notes=_notes(digits, rates),
        rows=[
            Row(f"{what}, {LABELS[name]}", mean_of(ours, of))
            for what, of in MEANS.items()
            for name, ours in rates.items()
        ],
        tables=[_table(digits, rates)],
        panels=[panel],
        details={"errors": {name: results[name]["errors"] for name in rates}},
    )


def _rates(result: Result) -> Rates:
    """Errors in %, by corruption, those on clean digits first."""
    return {
        name: 100 * Score(result["digits"], result["errors"][name]).error_rate
        for name in (CLEAN, *CORRUPTIONS)
    }


def mean_of(rates: Rates, names: Sequence[str]) -> float:
    """The mean over these corruptions, each with the same weight."""
    return float(np.mean([rates[name] for name in names]))


def _table(digits: int, rates: Mapping[str, Rates]) -> Table:
    lines: list[list[Cell]] = [
        [name, *(round(ours[name], 2) for ours in rates.values())] for name in (CLEAN, *CORRUPTIONS)
    ]
    for what, of in MEANS.items():
        lines.append([what, *(round(mean_of(ours, of), 2) for ours in rates.values())])
    return Table(
        f"Errors in % on the first {digits:,} test digits",
        ["corruption", *(LABELS[name] for name in rates)],
        lines,
    )


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
