"""Digits degraded in fifteen ways, as MNIST-C spoils them: what each network still reads.

Of invariance and noise resistance the paper shows examples (section III-E, Fig. 13); this counts
errors. No network has learnt from these corruptions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lenet.engine.select import best_engine
from lenet.evaluation.score import Score, compare
from lenet.experiments.experiment import (
    Budget,
    Curve,
    Experiment,
    Job,
    Panel,
    Report,
    Result,
    Row,
    Table,
    Workspace,
)
from lenet.experiments.images.corrupt import CORRUPTIONS, corrupted
from lenet.experiments.methods.graph_networks import in_turns, learnt_by
from lenet.network.plane import ByteArray
from lenet.network.weights import load_weights, shipped_names

SEED = 1998
QUICK = 2_000  # of the test digits
CONNECTED = "28×28-300-10"  # learns here; the others are shipped
LABELS = {
    "1998": "LeNet-5 as published",
    "modern": "LeNet-5, modern recipe",
    CONNECTED: "fully connected, 28×28-300-10",
}
CLEAN = "none"  # the name of no corruption

Classifier = Callable[[ByteArray], NDArray[np.int64]]


def shipped() -> list[str]:
    """Names of the shipped networks that are compared: the ones that we know of."""
    return [name for name in LABELS if name in shipped_names()]


def read(workspace: Workspace, network: str, count: int, seed: int) -> Result:
    """Errors of a shipped network among the first `count` test digits."""
    engine = best_engine(load_weights(network), threads=1)
    return counted(workspace, lambda images: engine.penalties(images).argmin(axis=1), count, seed)


def learnt_and_read(
    workspace: Workspace, network: str, count: int, seed: int, passes: int, train_size: int
) -> Result:
    """The same of a network of `wired` that first learns untouched digits."""
    grown, _ = learnt_by(network, workspace.train(train_size), seed, passes)
    return counted(
        workspace, lambda images: grown.penalties(in_turns(network, images)).argmin(1), count, seed
    )


def counted(workspace: Workspace, answers_of: Classifier, count: int, seed: int) -> Result:
    """Errors among the first `count` test digits: untouched, and degraded each way."""
    test = workspace.digits.test
    test = test.take(np.arange(min(count, len(test))))
    errors = {CLEAN: compare(answers_of(test.images), test.labels).score.errors}
    for name in CORRUPTIONS:
        answers = answers_of(corrupted(name, test.images, seed))
        errors[name] = compare(answers, test.labels).score.errors
    return {"digits": len(test), "errors": errors}


def jobs(budget: Budget) -> list[Job]:
    scored = {"count": QUICK if budget.quick else 10_000, "seed": SEED}
    trained = {
        "network": CONNECTED,
        "passes": budget.passes,
        "train_size": budget.train_size,
    } | scored
    return [
        Job(CONNECTED, learnt_and_read, trained),
        *(Job(name, read, {"network": name} | scored, (name,)) for name in shipped()),
    ]


def report(budget: Budget, found: dict[str, Result]) -> Report:
    rates = {name: _rates(found[name]) for name in sorted(found, key=list(LABELS).index)}
    digits = min(job["digits"] for job in found.values())
    means = {name: _mean(ours) for name, ours in rates.items()}
    return Report(
        notes=_notes(digits, means, rates),
        rows=[Row(f"mean of fifteen corruptions, {_label(name)}", means[name]) for name in rates],
        tables=[_table(digits, rates, means)],
        panels=[
            Panel(
                "Test digits degraded in fifteen ways",
                "corruption",
                "errors in %",
                [
                    Curve(_label(name), list(ours), list(ours.values()))
                    for name, ours in rates.items()
                ],
            )
        ],
        details={"errors": {name: found[name]["errors"] for name in rates}},
    )


def _label(network: str) -> str:
    return LABELS.get(network, network)


def _table(digits: int, rates: dict[str, dict[str, float]], means: dict[str, float]) -> Table:
    lines: list[list[str | float | int | None]] = [
        [way, *(round(ours[way], 2) for ours in rates.values())] for way in (CLEAN, *CORRUPTIONS)
    ]
    return Table(
        f"Errors in % among the first {digits:,} test digits",
        ["corruption", *map(_label, rates)],
        [*lines, ["mean of the fifteen", *(round(mean, 2) for mean in means.values())]],
    )


def _rates(job: Result) -> dict[str, float]:
    """Errors in %, by corruption, the untouched digits first."""
    return {
        way: 100 * Score(job["digits"], job["errors"][way]).error_rate
        for way in (CLEAN, *CORRUPTIONS)
    }


def _mean(rates: dict[str, float]) -> float:
    """The mean corruption error: each corruption weighs the same, untouched digits nothing."""
    return float(np.mean([rates[way] for way in CORRUPTIONS]))


def _notes(
    digits: int, means: dict[str, float], rates: dict[str, dict[str, float]]
) -> Sequence[str]:
    sentences = [
        f"The first {digits:,} test digits, untouched and degraded in fifteen ways as in "
        "MNIST-C (Mu and Gilmer 2019). No network has learnt from these.",
        "The corruptions are written from their architectures and are not the published files: "
        "figures compare networks within this table only, not with those of other work.",
    ]
    for name, ours in rates.items():
        worst = max(CORRUPTIONS, key=lambda way: ours[way])
        sentences.append(
            f"{_label(name)}: {ours[CLEAN]:.2f} % errors untouched, {means[name]:.1f} % "
            f"in the mean of the fifteen, most under {worst} ({ours[worst]:.1f} %)."
        )
    missing = [label for name, label in LABELS.items() if name not in means]
    if missing:
        sentences.append(f"Not shipped yet, and so not scored: {', '.join(missing)}.")
    return sentences


EXPERIMENT = Experiment("corruptions", "Digits degraded in fifteen ways", jobs, report)
