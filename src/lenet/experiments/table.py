"""The paper's comparison of methods (section III-C, Figs. 9 and 10), rebuilt on the same digits."""

from __future__ import annotations

from lenet.evaluation.score import Score
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
)
from lenet.experiments.methods.knn import knn_causes
from lenet.experiments.methods.wired import COPIES
from lenet.experiments.table_rows import ABSENT, CAUSES, METHODS, Method


def jobs(budget: Budget) -> list[Job]:
    made = [
        Job(
            method.job,
            method.work,
            {"train_size": budget.train_size, **method.settings}
            | ({"passes": budget.passes} if method.passes else {}),
        )
        for method in (*METHODS, *CAUSES)
    ]
    return [*made, Job("neighbour-causes", knn_causes, {"train_size": budget.train_size})]


def report(budget: Budget, found: dict[str, Result]) -> Report:
    ours = [(method, found[method.job]) for method in METHODS]
    ours.sort(key=lambda pair: -(pair[0].error or 0))
    causes = [(method, found[method.job]) for method in CAUSES]
    rates = [100 * job["errors"] / len(job["answers"]) for _, job in ours]
    names = [method.name for method, _ in ours]
    return Report(
        notes=[
            "Each method learns the same digits and reads the 10,000 test digits once. [dist] adds "
            f"{COPIES} distorted copies of each digit, [deslant] shears digits upright, 20×20. "
            "The other networks learn by LeNet-5's rule and rates, and eq. 8.",
            f"Not rebuilt: {ABSENT}.",
            "Bar: within ±25 % of the printed error or ±0.2 points. Outside it: "
            + (", ".join(_outside(ours)) or "none")
            + ".",
        ],
        rows=[_row(method, job) for method, job in ours],
        panels=[
            Panel(
                "Errors on the test digits, %",
                "",
                "errors, % (logarithmic)",
                [
                    Curve("ours", names, rates),
                    Curve("printed", names, [method.error for method, _ in ours], printed=True),
                ],
                "log",
            )
        ],
        tables=[_costs(ours), _causes(causes), _neighbours(found["neighbour-causes"])],
        details={"how": {method.name: job["how"] for method, job in ours}},
    )


def _row(method: Method, job: Result) -> Row:
    score = Score(len(job["answers"]), job["errors"])
    low, high = score.interval_95
    return Row(
        method.name,
        100 * score.error_rate,
        method.error,
        interval=(100 * low, 100 * high),
        source="Fig. 9",
        note=method.note,
    )


def _outside(pairs: list[tuple[Method, Result]]) -> list[str]:
    """Names of the methods whose error differs by more than the bar allows."""
    found = []
    for method, job in pairs:
        ours = 100 * job["errors"] / len(job["answers"])
        if method.error and abs(ours - method.error) > max(0.2, 0.25 * method.error):
            found.append(f"{method.name} ({ours:.2f} for {method.error:g})")
    return found


def _costs(pairs: list[tuple[Method, Result]]) -> Table:
    lines: list[list[str | float | int | None]] = []
    for method, job in pairs:
        share = job["reject_for_half_percent"]
        lines.append(
            [
                method.name,
                None if share is None else 100 * share,
                method.reject,
                job["parameters"],
                job["multiply_adds"],
                round(job["train_seconds"], 1),
                round(job["read_seconds"], 2),
                job["memory_bytes"] / 1e6,
            ]
        )
    header = ["method", "rejected for 0.5 %", "printed", "parameters", "multiply-adds"]
    header += ["training, s", "10,000 digits, s", "memory, MB"]
    return Table("What they cost, on one core; printed rejections: Fig. 10", header, lines)


def _causes(pairs: list[tuple[Method, Result]]) -> Table:
    lines = [
        [method.name, 100 * job["errors"] / len(job["answers"]), method.error]
        for method, job in pairs
    ]
    return Table("Other readings of what is not printed", ["method", "ours, %", "printed"], lines)


def _neighbours(job: Result) -> Table:
    rates: dict[tuple[str, int], dict[int, float]] = {}
    for view, kept, k, errors in job["lines"]:
        rates.setdefault((view, kept), {})[k] = 100 * errors / 10_000
    ks = sorted({k for found in rates.values() for k in found})
    return Table(
        "K-NN: what would bring it to the printed 5.0; errors in %",
        ["images", "digits kept", *(f"k = {k}" for k in ks)],
        [[*of, *(found.get(k) for k in ks)] for of, found in rates.items()],
    )


EXPERIMENT = Experiment("table", "The comparison of methods (Fig. 9)", jobs, report)
