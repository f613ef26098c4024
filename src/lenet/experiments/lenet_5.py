"""LeNet-5: twenty passes from several seeds, beside Fig. 5, and the settings they rest on.

Settings are compared on the validation part only. The seeds train on all 60,000 digits with the
resulting recipe; the test digits are scored after each pass, as in Fig. 5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.images.paper_distortions import with_copies
from lenet.experiments.methods.lenet5 import Curvatures, train_by_pass
from lenet.experiments.report import (
    Cell,
    Curve,
    Panel,
    Report,
    Row,
    Table,
    curve_over_seeds,
    mean_and_sd,
    row_over_seeds,
)
from lenet.network.plane import FloatArray
from lenet.network.weights import Initialisation
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import Loss
from lenet.training.recipes import PUBLISHED

SETTING_SEEDS = 3
LAYERS = ("c1", "s2", "c3", "s4", "c5", "f6")

# Printed figures, read from the pages and vector drawings of the paper.
# Fig. 5, pass 1 … 20: errors on the test digits, and on the training digits as they are learnt, in
# %, ±0.03. From pass 13 on the drawing runs level, 0.42 falling to 0.36 on the training digits.
FIG5_TEST = (
    *(2.65, 2.24, 1.48, 1.43, 1.43, 1.09, 1.04, 1.07, 0.99, 0.96, 0.96, 0.99),
    *(0.96,) * 8,
)
FIG5_TRAIN = (4.89, 3.04, 1.77, 1.48, 1.22, 0.91, 0.78, 0.70, 0.57, 0.50, 0.47, 0.44)

# Section III-B: smallest and largest effective step during the first pass.
STEPS = (7e-5, 0.016)

# Fig. 8: the 82 test digits that the network trained with distortions gets wrong, index from 0 in
# the test set : right digit > answer. Its embedded images were matched with MNIST's.
_FIG8 = """
247:4>6 449:3>5 582:8>2 659:2>1 674:5>3 829:4>8 926:2>8 938:3>5 1014:6>5 1039:7>3 1232:9>4
1319:8>0 1328:7>8 1393:5>3 1530:8>7 1621:0>6 1681:3>7 1790:2>7 1878:8>3 1901:9>4 1955:8>2 2035:5>3
2043:4>8 2109:3>9 2118:6>0 2129:9>8 2130:4>9 2135:6>1 2293:9>4 2387:9>1 2414:9>4 2462:2>0 2654:6>1
2921:3>5 2927:3>2 2939:9>5 3030:6>0 3422:6>0 3520:6>0 3762:6>8 3780:4>6 3808:7>3 3869:9>4 3941:4>6
4176:2>7 4224:9>7 4265:4>3 4369:9>4 4405:9>4 4425:9>4 4497:8>7 4575:4>2 4601:8>4 4740:3>5 4956:8>4
5736:6>5 5749:8>5 5955:3>8 5973:3>8 6091:9>8 6101:1>5 6173:9>8 6538:6>3 6557:0>2 6558:6>5 6571:9>5
6597:0>7 6783:1>6 7434:4>9 8059:2>1 8094:2>8 8408:8>5 8527:4>9 9009:7>2 9015:7>2 9679:6>5 9692:9>7
9698:6>1 9729:5>6 9770:5>0 9792:4>9 9904:2>8
"""
FIG8: dict[int, tuple[int, int]] = {
    int(index): (int(pair[0]), int(pair[2]))
    for index, pair in (entry.split(":") for entry in _FIG8.split())
}


@dataclass(frozen=True)
class Setting:
    """One way to fill what the paper does not print, scored on the validation part.

    The printed rates with the printed rule diverge in the second pass, because units saturate, h_kk
    falls tenfold and the steps η / (µ + h_kk) grow as much. A setting here either reduces the rates
    by a constant or keeps h_kk from falling so far.

    factor : multiplies the printed rates
    coefficient : initial sub-sampling coefficients; None leaves them to the rule
    curvatures : how h_kk of the passes are used, see `lenet5.train_by_pass`
    """

    factor: float
    coefficient: float | None
    loss: Loss = "eq8"
    rubbish: float = math.inf
    curvatures: Curvatures = "each"
    initialisation: Initialisation = "lush"


CHOSEN = "eq. 9 with j = 3, rates × 0.2, coefficients from 1"
SETTINGS: dict[str, Setting] = {
    CHOSEN: Setting(0.2, 1.0, "eq9", 3.0),
    "eq. 9 with j = 3, rates × 0.2, coefficients from 0.5": Setting(0.2, 0.5, "eq9", 3.0),
    "eq. 9 with j = 3, rates × 0.3, coefficients from 0.5": Setting(0.3, 0.5, "eq9", 3.0),
    "eq. 9 with j = 1, rates × 0.2, coefficients from 2": Setting(0.2, 2.0, "eq9", 1.0),
    "eq. 9 with j = 20, rates × 0.3, coefficients from 0.5": Setting(0.3, 0.5, "eq9", 20.0),
    "eq. 9 without rubbish class, rates × 0.3, coefficients from 0.5": Setting(0.3, 0.5, "eq9"),
    "eq. 8, rates × 0.3, coefficients from 0.5": Setting(0.3, 0.5),
    "eq. 8, rates × 0.2, coefficients from 2": Setting(0.2, 2.0),
    "eq. 8, rates × 0.2, coefficients from 1": Setting(0.2, 1.0),
    "eq. 8, rates as printed, coefficients from 0.5": Setting(1.0, 0.5),
    "eq. 8, rates as printed, h of the first pass only": Setting(1.0, 1.0, curvatures="first"),
    "eq. 8, rates as printed, mean of all h so far": Setting(1.0, 1.0, curvatures="mean"),
    "eq. 8, ±2.4/F to the letter, rates × 0.05": Setting(0.05, None, initialisation="paper"),
}


def try_setting(workspace: Workspace, name: str, seed: int, passes: int, train_size: int) -> Result:
    """Errors by pass, online and on the validation part, in %."""
    setting = SETTINGS[name]
    recipe = replace(
        PUBLISHED,
        optimiser=Sdlm(rate_factor=setting.factor),
        coefficient=setting.coefficient,
        loss=setting.loss,
        rubbish=setting.rubbish,
        initialisation=setting.initialisation,
        passes=passes,
    )
    digits = workspace.train_without_validation(train_size)
    held_out = workspace.digits.split("validation")
    history = [
        [round(100 * after.error_rate, 4), round(100 * after.errors(held_out), 4)]
        for after in train_by_pass(recipe, seed, digits, curvatures=setting.curvatures)
    ]
    return {"history": history}


def trained(
    workspace: Workspace, seed: int, passes: int, train_size: int, copies: int = 0
) -> Result:
    """One training: errors and steps by pass; at the end those on the training digits, and answers.

    copies : distorted copies of each digit to train on, too
    """
    digits, test = workspace.train(train_size), workspace.digits.test
    pool = with_copies(digits, copies, seed) if copies else digits
    history, steps = [], []
    for after in train_by_pass(replace(PUBLISHED, passes=passes), seed, pool, len(digits)):
        history.append([after.error_rate, after.errors(test)])
        steps.append({layer: _range_of(after.steps, layer) for layer in LAYERS})
    answers = "".join(map(str, after.answers(test.images)))
    return {"history": history, "steps": steps, "train": after.errors(digits), "answers": answers}


def _range_of(steps: dict[str, FloatArray], layer: str) -> list[float]:
    """Smallest and largest step of a layer, without the 0 of what is not trained."""
    taken = np.concatenate([v[v > 0] for name, v in steps.items() if name.startswith(layer)])
    return [float(f"{taken.min():.3g}"), float(f"{taken.max():.3g}")]


def jobs(budget: Budget) -> list[Job]:
    each = {"passes": budget.passes, "train_size": budget.train_size}
    seeds = [Job(f"seed-{s}", trained, {"seed": s} | each) for s in budget.seed_numbers()]
    settings = [
        Job(f"setting-{number}-{s}", try_setting, {"name": name, "seed": s} | each)
        for number, name in enumerate(SETTINGS, 1)
        for s in budget.seed_numbers(SETTING_SEEDS)
    ]
    return seeds + (settings[: budget.seeds] if budget.quick else settings)


def notes(passes: int, seeds: int, median: int) -> list[str]:
    return [
        f"{passes} passes by the rule of appendix C, {seeds} seeds; the setting is "
        f"“{CHOSEN}”, chosen on the validation part after a first choice whose "
        f"test figure had been seen (docs/log.md). Seed {median} is the median.",
        "The printed rates, taken to the letter, diverge in the second pass: h falls tenfold as "
        "units saturate, and the steps grow as much. With h kept from falling (estimated once, or "
        "averaged over passes) the printed rates do train. So the factor may stand for how fast h "
        "follows, or for the scale of E; the paper states neither, and this is a hypothesis.",
    ]


def report(budget: Budget, results: dict[str, Result]) -> Report:
    seeds = [results[f"seed-{s}"] for s in budget.seed_numbers()]
    history = 100 * np.array([seed["history"] for seed in seeds])  # (seeds, passes, train and test)
    online, test = history[:, :, 0], history[:, :, 1]
    median = 1 + int(np.argsort(test[:, -1], kind="stable")[len(seeds) // 2])
    by_setting: dict[str, list[Result]] = {}
    for job in jobs(budget):
        if job.name.startswith("setting"):
            by_setting.setdefault(job.settings["name"], []).append(results[job.name])
    low, high = _range(seeds, 0, LAYERS)
    rows = [
        row_over_seeds(what, values, printed, source=source)
        for what, values, printed, source in (
            ("test, after the last pass", test[:, -1], FIG5_TEST[-1], "Fig. 5"),
            ("training digits, as learnt, last pass", online[:, -1], 0.35, "III-B"),
            ("test, after pass 1", test[:, 0], FIG5_TEST[0], "Fig. 5"),
            ("training, pass 1", online[:, 0], FIG5_TRAIN[0], "Fig. 5"),
        )
    ]
    rows.insert(1, Row("test, worst seed", float(test[:, -1].max())))
    return Report(
        notes=notes(budget.passes, len(seeds), median),
        rows=[
            *rows,
            Row("smallest step, pass 1, all seeds", low, STEPS[0], "", source="III-B"),
            Row("largest step, pass 1", high, STEPS[1], "", source="III-B"),
            *overlap_rows([seed["answers"] for seed in seeds]),
        ],
        panels=[
            _panel("Test digits", test.tolist(), FIG5_TEST),
            _panel("Training digits, as they are learnt", online.tolist(), FIG5_TRAIN),
        ],
        tables=[_settings_table(by_setting), _steps_table(seeds)],
        details={"history": (history / 100).tolist(), "median_seed": median},
    )


def overlap_rows(answers: Sequence[str]) -> list[Row]:
    """How many of the 82 errors of Fig. 8 ours share, and with the same wrong answer."""
    shared = [sum(int(given[k]) != right for k, (right, _) in FIG8.items()) for given in answers]
    same = [sum(int(given[k]) == wrong for k, (_, wrong) in FIG8.items()) for given in answers]
    return [
        row_over_seeds(what, counts, 82.0, unit="", source="Fig. 8")
        for what, counts in (
            ("errors among the 82 of Fig. 8", shared),
            ("… with that answer", same),
        )
    ]


def passes_curve(rates: Sequence[Sequence[float]]) -> Curve:
    """Our error rates (seeds, passes), in %."""
    along = list(range(1, len(rates[0]) + 1))
    return curve_over_seeds(f"ours, mean and range of {len(rates)}", along, rates)


def _panel(title: str, rates: Sequence[Sequence[float]], printed: tuple[float, ...]) -> Panel:
    paper = Curve("printed, Fig. 5", list(range(1, len(printed) + 1)), printed, printed=True)
    return Panel(title, "pass", "errors, %", [passes_curve(rates), paper])


def _range(seeds: list[Result], number: int, layers: Sequence[str]) -> tuple[float, float]:
    """The smallest and the largest step in these layers, in the pass of this number from 0."""
    ranges = [seed["steps"][number][layer] for seed in seeds for layer in layers]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _settings_table(results: dict[str, list[Result]]) -> Table:
    """A line for each setting, from the results of its seeds, the best on validation first."""
    lines: list[tuple[float, list[Cell]]] = []
    for name, seeds in results.items():
        history = np.array([seed["history"] for seed in seeds])  # (seeds, passes, 2)
        mean, sd = mean_and_sd(history[:, -1, 1])
        online = [float(history[:, number, 0].mean()) for number in (-1, 0, 1)]
        lines.append((mean, [name, mean, sd or 0.0, *online]))
    title = f"Settings of what is not printed, {len(seeds)} seeds each, errors in %"
    header = ["setting", "validation", "sd", "training, last pass", "training, pass 1", "pass 2"]
    return Table(title, header, [line for _, line in sorted(lines)])


def _steps_table(seeds: list[Result]) -> Table:
    """The range of ε in every layer, in the first, second and last pass, over all seeds."""
    last = len(seeds[0]["steps"]) - 1
    numbers = sorted({0, min(1, last), last})
    lines = [
        [
            layer.upper(),
            *("{:.1e} … {:.1e}".format(*_range(seeds, number, [layer])) for number in numbers),
        ]
        for layer in LAYERS
    ]
    header = ["layer", *(f"pass {number + 1}" for number in numbers)]
    return Table("Steps ε = η / (µ + h), smallest … largest", header, lines)


EXPERIMENT = Experiment("lenet-5", "LeNet-5: 0.95 % after 20 passes", jobs, report)
