"""Why convolution: LeNet-5 beside fully connected networks, and with one idea after another out.

Everything here learns by eq. 8 and the same rule, so that only connections differ. What the report
makes of it stands in `why_report`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.transforms import TRANSFORMS
from lenet.engine.select import best_engine
from lenet.experiments.experiment import Budget, Experiment, Job, Report, Result, Workspace
from lenet.experiments.methods.graph_networks import in_turns, learnt_by
from lenet.experiments.methods.lenet5 import train_by_pass
from lenet.experiments.robustness import Answer, error_curves
from lenet.experiments.why_report import report
from lenet.network.architecture import FULL, TABLE_I, Architecture
from lenet.network.plane import ByteArray, to_planes
from lenet.network.variants import lenet5
from lenet.network.weights import Weights
from lenet.training.recipe import Recipe
from lenet.training.recipes import PUBLISHED

Sources = tuple[tuple[int, ...], ...]  # the S2 maps that each C3 map reads

SEEDS = 3  # of each network at most; of the slow ones, fewer
MOVED_DIGITS = 2_000  # for the curves of error against moves
POOLED = 44  # coefficients and biases of S2 and S4
LOOKED_AT = 500  # digits that the likeness of maps is taken from


@dataclass(frozen=True)
class WithTable(Architecture):
    """The published network with any table between S2 and C3."""

    table: Sources = TABLE_I

    def __post_init__(self) -> None:
        pass  # the options are the published ones, and any table is allowed

    @property
    def c3_inputs(self) -> Sources:
        return self.table

    def to_dict(self) -> dict[str, str]:
        """Told as fully connected, with weights that are 0: the same answers."""
        return Architecture(self.subsampling, "full", self.squash, self.head).to_dict()


def random_table(seed: int) -> Sources:
    """A table with Table I's 60 pairs, as many for each C3 map, drawn by chance."""
    draw = np.random.default_rng([seed, 11])
    return tuple(tuple(sorted(draw.choice(6, len(row), replace=False).tolist())) for row in TABLE_I)


# What the kernels for LeNet-5 can train: what stands in place of S2 and S4, and of Table I.
VARIANTS: Mapping[str, tuple[str, str]] = {
    "LeNet-5": ("trainable", "Table I"),
    "average": ("average", "Table I"),
    "max": ("max", "Table I"),
    "full table": ("trainable", "full"),
    "random table": ("trainable", "random"),
}
# Networks as lists of connections, the slowest first, and how many seeds each is given.
WIRED: dict[str, int] = {
    "LeNet-5, unshared": 2,
    "LeNet-5, not sub-sampled": 3,
    "28×28-412-10": 3,
    "28×28-75-10": 3,
}


def variant(workspace: Workspace, name: str, seed: int, passes: int, train_size: int) -> Result:
    """LeNet-5 with other sub-sampling or another table, trained and looked at."""
    pooling, table = VARIANTS[name]
    sources = {"Table I": TABLE_I, "full": FULL, "random": random_table(seed)}[table]
    network = WithTable(subsampling=pooling, table=sources)  # type: ignore[arg-type]
    digits = workspace.train(train_size)
    *_, last = train_by_pass(replace(_recipe(), network=network, passes=passes), seed, digits)
    found = _looked_at(workspace, last.answers, last.error_rate, train_size)
    same = lenet5(sources)
    return found | {
        "parameters": same.parameters - (0 if pooling == "trainable" else POOLED),
        "multiply_adds": same.multiply_adds,
        "likeness": likeness(last.weights, workspace),
    }


def _recipe() -> Recipe:
    return replace(PUBLISHED, loss="eq8", rubbish=float("inf"))


def wired(workspace: Workspace, name: str, seed: int, passes: int, train_size: int) -> Result:
    """A network given by its connections, trained and looked at."""
    network, rates = learnt_by(name, workspace.train(train_size), seed, passes)

    def answer(images: ByteArray) -> NDArray[np.int64]:
        found: NDArray[np.int64] = network.penalties(in_turns(name, images)).argmin(1)
        return found

    found = _looked_at(workspace, answer, rates[-1], train_size)
    return found | {
        "parameters": network.wiring.parameters,
        "multiply_adds": network.wiring.multiply_adds,
    }


def _looked_at(workspace: Workspace, answer: Answer, rate: float, train_size: int) -> Result:
    """Errors on test digits, on the digits learnt, and on digits moved in seven ways."""
    test, known = workspace.digits.test, workspace.train(train_size)
    started = time.perf_counter()
    wrong = float((answer(test.images) != test.labels).mean())
    return {
        "test": wrong,
        "read_seconds": time.perf_counter() - started,
        "known": float((answer(known.images) != known.labels).mean()),
        "as_learnt": rate,
        "curves": error_curves(answer, test, TRANSFORMS.values(), MOVED_DIGITS),
    }


def likeness(weights: Weights, workspace: Workspace) -> float:
    """How alike C3's maps are: the mean of |correlation| over all pairs of the sixteen maps."""
    planes = to_planes(workspace.digits.test.images[:LOOKED_AT])
    maps = best_engine(weights, threads=1).stages(planes).c3
    correlation = np.corrcoef(maps.transpose(1, 0, 2, 3).reshape(len(maps[0]), -1))
    return float(np.abs(correlation[np.triu_indices(len(correlation), 1)]).mean())


def jobs(budget: Budget) -> list[Job]:
    each = {"passes": budget.passes, "train_size": budget.train_size}
    slow_first = WIRED | dict.fromkeys(VARIANTS, SEEDS)
    return [
        Job(
            f"{name}-{seed}".replace(" ", "-"),
            wired if name in WIRED else variant,
            {"name": name, "seed": seed} | each,
        )
        for name, seeds in slow_first.items()
        for seed in range(1, min(seeds, budget.seeds) + 1)
    ]


def _report(budget: Budget, found: dict[str, Result]) -> Report:
    networks: dict[str, list[Result]] = {}
    for job in jobs(budget):
        networks.setdefault(job.settings["name"], []).append(found[job.name])
    return report(networks)


EXPERIMENT = Experiment("why-convolution", "Why convolution", jobs, _report)
