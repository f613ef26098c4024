"""The ladder as a report: what helped, what did not, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lenet.experiments.ablation_steps import RUNGS
from lenet.experiments.experiment import (
    Curve,
    Found,
    Panel,
    Report,
    Row,
    Table,
    mean_and_sd,
    row_over_seeds,
)
from lenet.training.recipes import MODERN, PLAIN_TAUGHT

Rates = Sequence[dict[str, float]]


def report(rungs: dict[str, list[Found]], held_out: Found, full: Found) -> Report:
    """From what every rung's seeds found, and the taught without and with the validation digits."""
    steps = _steps(rungs, held_out)
    kept = [name for name, is_kept, *_ in steps if is_kept]
    validation = {name: _percent(rates, "validation") for name, _, rates, _ in steps}
    by_all, by_fewer = full["pupils"], held_out["pupils"]
    return Report(
        says=[
            "One thing is changed a line, first in training and then in the network, on the plan "
            "of 1998: six maps, sixteen, 120, 84, ten. A line in brackets hangs beside the last "
            "one without brackets, and the next ones do not stand on it.",
            "Errors on the validation part (writers of which nothing is learnt) decide; it is "
            "harder than the test part, on which every network is scored once.",
            "At the end the network of 1998 itself, its 60,000 numbers and codes, which is "
            "`modern`, and the plain plan are taught by "
            f"{len(full['teachers'])} plain and {len(full['deep'])} deeper networks, all of which "
            "learnt the same digits and nothing else.",
        ],
        rows=[
            *(
                row_over_seeds(f"{recipe.name}, {what}", _of(pupils[recipe.name], part))
                for recipe in (MODERN, PLAIN_TAUGHT)
                for what, pupils, part in (
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
    rungs: dict[str, list[Found]], held_out: Found
) -> list[tuple[str, bool, Rates, float | None]]:
    """Name, whether the next stand on it, rates by seed, seconds a training, bottom to top."""
    found: list[tuple[str, bool, Rates, float | None]] = []
    for rung in RUNGS:
        seeds = rungs[rung.name]
        seconds = float(np.mean([seed["seconds"] for seed in seeds]))
        found.append((rung.name, rung.kept, [seed["last"] for seed in seeds], seconds))
    averages = [seed["average"] for seed in rungs[_last_kept()]]
    found.append(("weights averaged over the last quarter of the passes", False, averages, None))
    pupils = held_out["pupils"]
    for recipe, what in ((MODERN, "taught"), (PLAIN_TAUGHT, "the plain plan, taught")):
        told = f"{what}, batches of 256, {recipe.passes} passes: {recipe.name}"
        found.append((told, True, pupils[recipe.name], None))
    return found


def _last_kept() -> str:
    return [rung.name for rung in RUNGS if rung.kept][-1]


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
