"""Why convolution: LeNet-5 beside fully connected networks, and without one idea after another.

All train by eq. 8 and the same rule, so that only connections differ.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lenet.augmentation.transforms import TRANSFORMS
from lenet.engine.select import best_engine
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.methods.graph_networks import answers, train_network
from lenet.experiments.methods.lenet5 import train_by_pass
from lenet.experiments.report import Cell, Curve, Panel, Report, Table, row_over_seeds
from lenet.experiments.robustness import Answer, error_curves
from lenet.network.architecture import FULL, TABLE_I, Architecture
from lenet.network.plane import to_planes
from lenet.network.variants import lenet5
from lenet.network.weights import Weights
from lenet.training.recipes import PUBLISHED

Sources = tuple[tuple[int, ...], ...]  # the S2 maps that each C3 map reads

SEEDS = 3  # of each network at most; fewer of the slow ones
MOVED_DIGITS = 2_000  # for the curves of error against transforms
POOLED = 44  # coefficients and biases of S2 and S4
COMPARED = 500  # digits for the correlation of maps
MEANS = {"test", "train", "read_seconds", "correlation"}  # over seeds, of the fields of a result
LENET, SMALL, LARGE = "LeNet-5", "28×28-75-10", "28×28-412-10"
IDEAS = {
    LENET: "as published, eq. 8",
    SMALL: "fully connected, as many parameters",
    LARGE: "fully connected, as many products per digit",
    "LeNet-5, unshared": "local fields, but every position has kernels of its own",
    "LeNet-5, not sub-sampled": "C1 and C3 move by two instead of S2 and S4",
    "average": "plain averages for S2 and S4",
    "max": "maxima for S2 and S4",
    "full table": "C3 reads all six maps",
    "random table": "60 random pairs, drawn anew for each seed",
}
DRAWN = (LENET, SMALL, LARGE, "LeNet-5, unshared", "LeNet-5, not sub-sampled")
# Trained by the kernels for LeNet-5: what replaces S2 and S4, and Table I.
VARIANTS: Mapping[str, tuple[str, str]] = {
    LENET: ("trainable", "Table I"),
    "average": ("average", "Table I"),
    "max": ("max", "Table I"),
    "full table": ("trainable", "full"),
    "random table": ("trainable", "random"),
}
# Trained as connection graphs, the slowest first, with their number of seeds.
GRAPHS: dict[str, int] = {"LeNet-5, unshared": 2, "LeNet-5, not sub-sampled": 3, LARGE: 3, SMALL: 3}


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
        """As fully connected, with weights that are 0: the same answers."""
        return Architecture(self.subsampling, "full", self.squash, self.head).to_dict()


def random_table(seed: int) -> Sources:
    """A random table with Table I's 60 pairs, as many for each C3 map."""
    draw = np.random.default_rng([seed, 11])
    return tuple(tuple(sorted(draw.choice(6, len(row), replace=False).tolist())) for row in TABLE_I)


def variant(workspace: Workspace, name: str, seed: int, passes: int, train_size: int) -> Result:
    """LeNet-5 with other sub-sampling or another table, trained and measured."""
    pooling, table = VARIANTS[name]
    sources = {"Table I": TABLE_I, "full": FULL, "random": random_table(seed)}[table]
    network = WithTable(subsampling=pooling, table=sources)  # type: ignore[arg-type]
    recipe = replace(PUBLISHED, loss="eq8", rubbish=float("inf"), network=network, passes=passes)
    *_, last = train_by_pass(recipe, seed, workspace.train(train_size))
    same = lenet5(sources)
    return _measured(workspace, last.answers, train_size) | {
        "parameters": same.parameters - (0 if pooling == "trainable" else POOLED),
        "multiply_adds": same.multiply_adds,
        "correlation": correlation(last.weights, workspace),
    }


def graph(workspace: Workspace, name: str, seed: int, passes: int, train_size: int) -> Result:
    """A network given by its connections, trained and measured."""
    network, _ = train_network(name, workspace.train(train_size), seed, passes)
    return _measured(workspace, partial(answers, name, network), train_size) | {
        "parameters": network.graph.parameters,
        "multiply_adds": network.graph.multiply_adds,
    }


def _measured(workspace: Workspace, answer: Answer, train_size: int) -> Result:
    """Errors on test digits, on the training digits, and on digits moved in seven ways."""
    test, train = workspace.digits.test, workspace.train(train_size)
    started = time.perf_counter()
    test_error = float((answer(test.images) != test.labels).mean())
    return {
        "test": test_error,
        "read_seconds": time.perf_counter() - started,
        "train": float((answer(train.images) != train.labels).mean()),
        "curves": error_curves(answer, test, TRANSFORMS.values(), MOVED_DIGITS),
    }


def correlation(weights: Weights, workspace: Workspace) -> float:
    """How similar C3's maps are: the mean |correlation| over all pairs of the sixteen maps."""
    planes = to_planes(workspace.digits.test.images[:COMPARED])
    maps = best_engine(weights, threads=1).stages(planes).c3
    pairs = np.corrcoef(maps.transpose(1, 0, 2, 3).reshape(len(maps[0]), -1))
    return float(np.abs(pairs[np.triu_indices(len(pairs), 1)]).mean())


def jobs(budget: Budget) -> list[Job]:
    each = {"passes": budget.passes, "train_size": budget.train_size}
    return [
        Job(
            f"{name}-{seed}".replace(" ", "-"),
            graph if name in GRAPHS else variant,
            {"name": name, "seed": seed} | each,
        )
        for name, seeds in (GRAPHS | dict.fromkeys(VARIANTS, SEEDS)).items()  # the slow ones first
        for seed in budget.seed_numbers(seeds)
    ]


def report(budget: Budget, results: dict[str, Result]) -> Report:
    networks: dict[str, list[Result]] = {}
    for job in jobs(budget):
        networks.setdefault(job.settings["name"], []).append(results[job.name])
    test = {name: [100 * seed["test"] for seed in seeds] for name, seeds in networks.items()}
    lenet, small, large = (float(np.mean(test[name])) for name in (LENET, SMALL, LARGE))
    size = networks[LARGE][0]["parameters"] / networks[LENET][0]["parameters"]
    return Report(
        notes=[
            "With as many parameters as LeNet-5 a fully connected network makes "
            f"{small / lenet:.1f} times its errors; with as many products per digit, and "
            f"{size:.1f} times its parameters, {large / lenet:.1f} times. All train by the same "
            "rule and eq. 8.",
            "“Gap” is the error on the test digits minus that on the training digits. The curves "
            "show the errors on moved digits: the mean over seeds on 2,000 of the test digits, of "
            "networks trained on digits in their usual place.",
        ],
        rows=[row_over_seeds(name, test[name], note=IDEAS[name]) for name in IDEAS],
        panels=[_panel(transform, networks) for transform in TRANSFORMS],
        tables=[_costs(networks)],
        details={"test": test},
    )


def _costs(networks: dict[str, list[Result]]) -> Table:
    lines: list[list[Cell]] = []
    for name in IDEAS:
        seeds, first = networks[name], networks[name][0]
        mean = {key: float(np.mean([seed[key] for seed in seeds])) for key in MEANS & first.keys()}
        lines.append(
            [
                name,
                first["parameters"],
                first["multiply_adds"],
                first["parameters"] * 4 / 1000,
                100 * mean["train"],
                100 * mean["test"] - 100 * mean["train"],
                round(mean["read_seconds"], 2),
                mean.get("correlation"),
            ]
        )
    header = ["network", "parameters", "multiply-adds", "memory, kB", "digits learnt, %"]
    header += ["gap, points", "10,000 digits, s", "|correlation| of C3's maps"]
    return Table("Sizes and costs", header, lines)


def _panel(name: str, networks: dict[str, list[Result]]) -> Panel:
    curves = []
    for network in DRAWN:
        points = np.array([seed["curves"][name] for seed in networks[network]], np.float64)
        rates = 100 * points[:, :, 1] / points[:, :, 2]
        curves.append(Curve(network, points[0, :, 0].tolist(), rates.mean(0).tolist()))
    return Panel(TRANSFORMS[name].title, TRANSFORMS[name].unit, "errors, %", curves)


EXPERIMENT = Experiment("why-convolution", "Why convolution", jobs, report)
