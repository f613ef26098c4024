"""The ablation as a report: what helped, what did not, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lenet.experiments.ablation_steps import STEPS
from lenet.experiments.experiment import (
    Curve,
    Panel,
    Report,
    Result,
    Row,
    Table,
    mean_and_sd,
    row_over_seeds,
)
from lenet.training.recipes import MODERN, PLAIN_TAUGHT

Rates = Sequence[dict[str, float]]


def report(all_steps: dict[str, list[Result]], held_out: Result, full: Result) -> Report:
    """From what every step's seeds found, and the students without and with validation digits."""
    steps = _steps(all_steps, held_out)
    kept = [name for name, is_kept, *_ in steps if is_kept]
    validation = {name: _percent(rates, "validation") for name, _, rates, _ in steps}
    by_all, by_fewer = full["students"], held_out["students"]
    return Report(
        notes=[
            "Each line changes one thing, first in training, then in the network, on the "
            "architecture of 1998: six maps, sixteen, 120, 84, ten. Lines in brackets branch off "
            "the last line without brackets; the next lines do not build on them.",
            "Errors on the validation part (writers of which nothing is learnt) decide; it is "
            "harder than the test part, on which every network is scored once.",
            "At the end the network of 1998 itself, its 60,000 numbers and codes, which is "
            "`modern`, and the plain network are distilled by "
            f"{len(full['teachers'])} plain and {len(full['deep'])} deeper networks, all of which "
            "learnt the same digits and nothing else.",
        ],
        rows=[
            *(
                row_over_seeds(f"{recipe.name}, {what}", _of(students[recipe.name], part))
                for recipe in (MODERN, PLAIN_TAUGHT)
                for what, students, part in (
                    ("all 60,000 digits learnt: test", by_all, "test"),
                    ("validation digits held out: validation", by_fewer, "validation"),
                )
            ),
            Row(
                "modern, worst seed: test",
                max(100 * rate for rate in _of(by_all[MODERN.name], "test")),
            ),
            row_over_seeds("their plain teachers, one by one: test", _of(full["teachers"], "test")),
            row_over_seeds("their deep teachers, one by one: test", _of(full["deep"], "test")),
        ],
        panels=[
            Panel(
                "Validation digits",
                "",
                "errors, %",
                [
                    Curve(
                        "mean and range of the seeds",
                        kept,
                        [float(np.mean(validation[name])) for name in kept],
                        low=[min(validation[name]) for name in kept],
                        high=[max(validation[name]) for name in kept],
                    )
                ],
            )
        ],
        tables=[_table(steps)],
        details={"validation": validation},
    )


def _steps(
    all_steps: dict[str, list[Result]], held_out: Result
) -> list[tuple[str, bool, Rates, float | None]]:
    """Name, whether the next stand on it, rates by seed, seconds a training, bottom to top."""
    found: list[tuple[str, bool, Rates, float | None]] = []
    for step in STEPS:
        seeds = all_steps[step.name]
        seconds = float(np.mean([seed["seconds"] for seed in seeds]))
        found.append((step.name, step.kept, [seed["last"] for seed in seeds], seconds))
    averages = [seed["average"] for seed in all_steps[_last_kept()]]
    found.append(("weights averaged over the last quarter of the passes", False, averages, None))
    students = held_out["students"]
    for recipe, what in ((MODERN, "distilled"), (PLAIN_TAUGHT, "the plain network, distilled")):
        told = f"{what}, batches of 256, {recipe.passes} passes: {recipe.name}"
        found.append((told, True, students[recipe.name], None))
    return found


def _last_kept() -> str:
    return [step.name for step in STEPS if step.kept][-1]


def _of(rates: Rates, part: str) -> list[float]:
    return [each[part] for each in rates]


def _percent(rates: Rates, part: str) -> list[float]:
    return [100 * rate for rate in _of(rates, part)]


def _table(steps: list[tuple[str, bool, Rates, float | None]]) -> Table:
    lines: list[list[str | float | int | None]] = []
    for name, kept, rates, seconds in steps:
        cells: list[str | float | int | None] = [name if kept else f"({name})"]
        for part in ("validation", "test"):
            cells += mean_and_sd(_percent(rates, part))
        lines.append([*cells, len(rates), None if seconds is None else round(seconds)])
    header = ["change", "validation, %", "sd", "test, %", "sd", "seeds", "training, s"]
    return Table("One change a line", header, lines)
