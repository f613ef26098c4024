"""What the networks that learnt MNIST make of other digits, and of what is no digit at all.

Section II-C gives it as a reason for codes and distances at the output that they reject what is no
character better than sigmoid units do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lenet.data.datasets import load_set
from lenet.data.digits import Digits, DigitSet
from lenet.engine.select import best_engine
from lenet.errors import FetchError, MissingExtraError
from lenet.evaluation.score import compare
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.robustness import spread
from lenet.experiments.transfer_report import report
from lenet.network.confidence import classified
from lenet.network.plane import FloatArray
from lenet.network.weights import load_weights, shipped_names

NETWORKS = ("1998", "modern")  # those of them that are shipped
QUICK_DIGITS = 2_000
REJECTED = 0.01  # of MNIST's own validation digits, which sets the bound that others are held to
SURE = 0.9  # confidence from which an answer counts as given with confidence


@dataclass(frozen=True)
class Foreign:
    """A set the networks did not learn, and the part of it to try.

    chosen : from the whole set; none of these digits was learnt
    digits : whether it shows digits, so that answers can be wrong
    """

    about: str
    chosen: Callable[[DigitSet], Digits]
    digits: bool = True


FOREIGN: dict[str, Foreign] = {
    "mnist": Foreign("MNIST, 10,000 test digits", lambda known: known.test),
    # The first 10,000 are MNIST's test digits made again; the others nobody saw before 2019.
    "qmnist": Foreign(
        "QMNIST-50k, the lost test digits",
        lambda known: known.test.take(np.arange(10_000, len(known.test))),
    ),
    "usps": Foreign("USPS, 2,007 test digits", lambda known: known.test),
    "digits": Foreign("scikit-learn's 1,797 digits", lambda known: _whole(known)),
    "fashion": Foreign(
        "Fashion-MNIST, 10,000 pictures of clothes", lambda known: known.test, False
    ),
}


def jobs(budget: Budget) -> list[Job]:
    count = QUICK_DIGITS if budget.quick else None
    return [
        Job(
            f"transfer-{name}-{known}",
            scored,
            {"name": name, "known": known, "count": count},
            (name,),
        )
        for name in NETWORKS
        if name in shipped_names()
        for known in FOREIGN
    ]


def scored(workspace: Workspace, name: str, known: str, count: int | None) -> Result:
    """One network on one set, or why that set is not here."""
    foreign, weights = FOREIGN[known], load_weights(name)
    found: Result = {
        "network": name,
        "set": known,
        "about": foreign.about,
        "digits": foreign.digits,
    }
    try:
        all_of_it = workspace.digits if known == "mnist" else load_set(known, workspace.data_dir)
    except (FetchError, MissingExtraError) as absence:
        return found | {"absent": str(absence)}
    tried = foreign.chosen(all_of_it)
    tried = tried if count is None else spread(tried, count)
    engine = best_engine(weights, threads=1)
    own = doubts(engine.penalties(workspace.digits.split("validation").images))
    bounds = {score: np.quantile(values, 1 - REJECTED) for score, values in own.items()}
    penalties = engine.penalties(tried.images)
    answers = classified(penalties, weights.temperature)
    result = compare(answers.values, tried.labels).score
    return found | {
        "errors": result.errors if foreign.digits else None,
        "n": result.total,
        "confidence": float(answers.confidences.mean()),
        "sure": float((answers.confidences >= SURE).mean()),
        "rejected": {
            score: float((values > bounds[score]).mean())
            for score, values in doubts(penalties).items()
        },
    }


def doubts(penalties: FloatArray) -> dict[str, FloatArray]:
    """How doubtful each answer is, the higher the more, by each of the paper's two measures.

    "penalty" is the lowest one itself (section II-C); "lead" is by how little it leads the next
    (section III-C), counted below 0. From penalties of shape (n, 10).
    """
    best, next_best = np.sort(penalties, axis=1)[:, :2].T
    return {"penalty": best, "lead": best - next_best}


def _whole(known: DigitSet) -> Digits:
    """Both parts: the set is small, and neither was learnt."""
    parts = known.train, known.test
    return Digits(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )


EXPERIMENT = Experiment("transfer", "Digits of other origin, and no digits at all", jobs, report)
