"""The networks trained on MNIST, on digits of other origin and on images that are no digits.

Section II-C argues for codes and distances at the output because they reject what is no character
better than sigmoid units do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lenet.data.datasets import load_set
from lenet.data.digits import Digits, DigitSet
from lenet.engine.select import best_engine
from lenet.errors import FetchError, MissingExtraError
from lenet.evaluation.score import Score, compare
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.report import Curve, Panel, Report, Table, interval_of, row_of_score
from lenet.experiments.robustness import spread
from lenet.network.confidence import classify_penalties
from lenet.network.plane import FloatArray
from lenet.network.weights import load_weights, shipped_names

NETWORKS = ("1998", "modern")  # those of them that are shipped
QUICK_DIGITS = 2_000
REJECTED = 0.01  # of MNIST's validation digits; sets the bound for the other sets
SURE = 0.9  # confidence from which an answer counts as confident
PRINTED = {  # errors in %, and their source
    "mnist": (0.95, "section III-B"),
    "qmnist": (1.08, "not the paper: QMNIST's authors in 2019, a LeNet-5 without F6 and codes"),
}
NOTES = (
    "Every network was scored once on every set, as shipped; nothing was fitted to a set. USPS and "
    "scikit-learn's digits were brought to MNIST's 20×20 box and centre first.",
    "An answer is rejected if it is more doubtful than 99 of 100 of MNIST's validation digits, by "
    "the lowest penalty (section II-C) or by its lead over the next (section III-C). The paper "
    "prints no figure for either on sets like these.",
    "Clothes have no right answer among ten digits: the figure is how many are rejected.",
)


@dataclass(frozen=True)
class Foreign:
    """A set the networks were not trained on, and the part of it to try.

    first : of the test digits that are tried
    both : the training digits, too: the set is small, and neither part was trained on
    digits : whether it shows digits, so that answers can be wrong
    """

    about: str
    first: int = 0
    both: bool = False
    digits: bool = True

    def chosen(self, known: DigitSet) -> Digits:
        """The digits to try of the whole set."""
        parts = [known.train, known.test] if self.both else [known.test]
        images = np.concatenate([part.images for part in parts])
        labels = np.concatenate([part.labels for part in parts])
        return Digits(images[self.first :], labels[self.first :])


FOREIGN: dict[str, Foreign] = {
    "mnist": Foreign("MNIST, 10,000 test digits"),
    # The first 10,000 are MNIST's test digits made again; the others were unseen before 2019.
    "qmnist": Foreign("QMNIST-50k, the lost test digits", first=10_000),
    "usps": Foreign("USPS, 2,007 test digits"),
    "digits": Foreign("scikit-learn's 1,797 digits", both=True),
    "fashion": Foreign("Fashion-MNIST, 10,000 images of clothes", digits=False),
}


def jobs(budget: Budget) -> list[Job]:
    each = {"count": QUICK_DIGITS if budget.quick else None}
    return [
        Job(f"transfer-{name}-{known}", scored, {"name": name, "known": known} | each, (name,))
        for name in NETWORKS
        if name in shipped_names()
        for known in FOREIGN
    ]


def scored(workspace: Workspace, name: str, known: str, count: int | None) -> Result:
    """One network on one set, or why that set is absent."""
    foreign, weights = FOREIGN[known], load_weights(name)
    head: Result = {"network": name, "set": known, "about": foreign.about, "digits": foreign.digits}
    try:
        whole = workspace.digits if known == "mnist" else load_set(known, workspace.data_dir)
    except (FetchError, MissingExtraError) as absence:
        return head | {"absent": str(absence)}
    tried = foreign.chosen(whole)
    tried = tried if count is None else spread(tried, count)
    engine = best_engine(weights, threads=1)
    own = doubts(engine.penalties(workspace.digits.split("validation").images))
    bounds = {measure: np.quantile(values, 1 - REJECTED) for measure, values in own.items()}
    penalties = engine.penalties(tried.images)
    answers = classify_penalties(penalties, weights.temperature)
    score = compare(answers.values, tried.labels).score
    return head | {
        "errors": score.errors if foreign.digits else None,
        "n": score.total,
        "confidence": float(answers.confidences.mean()),
        "sure": float((answers.confidences >= SURE).mean()),
        "rejected": {
            measure: float((values > bounds[measure]).mean())
            for measure, values in doubts(penalties).items()
        },
    }


def doubts(penalties: FloatArray) -> dict[str, FloatArray]:
    """How doubtful each answer is, by the paper's two measures, from penalties (n, 10).

    "penalty" is the lowest one itself (section II-C); "lead" is how little it leads the next
    (section III-C), counted below 0. Higher is more doubtful.
    """
    best, next_best = np.sort(penalties, axis=1)[:, :2].T
    return {"penalty": best, "lead": best - next_best}


def report(budget: Budget, results: dict[str, Result]) -> Report:
    here = [line for line in results.values() if "absent" not in line]
    absent = sorted({line["set"] for line in results.values() if "absent" in line})
    rows, curves = [], []
    for name in dict.fromkeys(line["network"] for line in here):
        lines = [line for line in here if line["network"] == name and line["digits"]]
        scores = [Score(line["n"], line["errors"]) for line in lines]
        for line, score in zip(lines, scores, strict=True):
            printed, source = PRINTED.get(line["set"] if name == "1998" else "", (None, ""))
            what = f"{name} on {line['about']}"
            rows.append(row_of_score(what, score, printed, source=source, note=str(score)))
        low, high = zip(*map(interval_of, scores), strict=True) if scores else ((), ())
        rates = [100 * score.error_rate for score in scores]
        curves.append(Curve(name, [line["about"] for line in lines], rates, low=low, high=high))
    return Report(
        notes=[*NOTES, *(f"{name} is not here: lenet data fetch {name}" for name in absent)],
        rows=rows,
        panels=[Panel("Errors of networks trained on MNIST", "set", "% errors", curves, "log")],
        tables=[_table(here)],
        details={"absent": absent},
    )


def _table(here: Sequence[Result]) -> Table:
    """Confidence and rejection, all in %."""
    lines = []
    for line in here:
        shares = line["confidence"], line["sure"], *line["rejected"].values()
        counts = [line[key] for key in ("network", "about", "n", "errors")]
        lines.append([*counts, *(round(100 * share, 2) for share in shares)])
    header = ["network", "set", "n", "errors", "mean confidence, %", "confidence ≥ 90 %, %"]
    header += [f"rejected by {measure}, %" for measure in ("lowest penalty", "lead over the next")]
    return Table("How sure the networks are of what they see", header, lines)


EXPERIMENT = Experiment("transfer", "Digits of other origin, and no digits at all", jobs, report)
