"""What the scores on other sets add up to."""

from __future__ import annotations

from lenet.evaluation.score import Score
from lenet.experiments.experiment import Budget, Curve, Panel, Report, Result, Row, Table

PRINTED = {  # errors in %, and where that stands
    "mnist": (0.95, "section III-B"),
    "qmnist": (1.08, "not the paper: QMNIST's authors in 2019, a LeNet-5 without F6 and codes"),
}

NOTES = (
    "Every network was scored once on every set, as it is shipped; nothing was fitted to a set. "
    "USPS and scikit-learn's digits were brought to MNIST's 20×20 box and centre first.",
    "An answer is rejected when it is more doubtful than 99 of 100 of MNIST's validation digits, "
    "by the lowest penalty itself (section II-C) or by its lead over the next (section III-C). "
    "The paper prints no figure for either on sets like these.",
    "Clothes have no right answer among ten digits: what counts is how many are rejected.",
)


def report(budget: Budget, found: dict[str, Result]) -> Report:
    """Rows and tables from the jobs' findings; sets that are not here are named."""
    here = [line for line in found.values() if "absent" not in line]
    absent = sorted({line["set"] for line in found.values() if "absent" in line})
    return Report(
        notes=[*NOTES, *(f"{name} is not here: lenet data fetch {name}" for name in absent)],
        rows=[_row(line) for line in here if line["digits"]],
        panels=[_panel(here)],
        tables=[_table(here)],
        details={"absent": absent},
    )


def _row(line: Result) -> Row:
    score = Score(line["n"], line["errors"])
    low, high = score.interval_95
    printed, source = None, ""
    if line["network"] == "1998":
        printed, source = PRINTED.get(line["set"], (None, ""))
    return Row(
        f"{line['network']} on {line['about']}",
        100 * score.error_rate,
        printed,
        interval=(100 * low, 100 * high),
        source=source,
        note=str(score),
    )


def _panel(here: list[Result]) -> Panel:
    """Errors on digits, with 95 % intervals."""
    curves = []
    for name in dict.fromkeys(line["network"] for line in here):
        lines = [line for line in here if line["network"] == name and line["digits"]]
        scores = [Score(line["n"], line["errors"]) for line in lines]
        curves.append(
            Curve(
                name,
                [line["about"] for line in lines],
                [100 * score.error_rate for score in scores],
                low=[100 * score.interval_95[0] for score in scores],
                high=[100 * score.interval_95[1] for score in scores],
            )
        )
    return Panel("Errors of networks that learnt MNIST", "set", "% errors", curves, "log")


def _table(here: list[Result]) -> Table:
    """Confidence and rejection, all in %."""
    lines = [
        [
            line["network"],
            line["about"],
            line["n"],
            line["errors"],
            *(
                round(100 * share, 2)
                for share in (
                    line["confidence"],
                    line["sure"],
                    line["rejected"]["penalty"],
                    line["rejected"]["lead"],
                )
            ),
        ]
        for line in here
    ]
    header = ["network", "set", "n", "errors", "mean confidence, %", "confidence ≥ 90 %, %"]
    rejected = [f"rejected by {measure}, %" for measure in ("lowest penalty", "lead over the next")]
    return Table("How sure the networks are of what they see", [*header, *rejected], lines)
