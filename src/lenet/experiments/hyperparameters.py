"""What the paper leaves open about training: each setting tried, scored on the validation part.

The printed rates with the printed rule diverge in the second pass, because units saturate, h_kk
falls tenfold and the steps η / (µ + h_kk) grow as much. A setting here either reduces the rates by
a constant or keeps h_kk from falling so far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.methods.lenet5 import Curvatures, train_by_pass
from lenet.experiments.report import Cell, Table, mean_and_sd
from lenet.network.weights import Initialisation
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import Loss
from lenet.training.recipes import PUBLISHED


@dataclass(frozen=True)
class Setting:
    """One way to fill what is not printed.

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


def measured(workspace: Workspace, name: str, seed: int, passes: int, train_size: int) -> Result:
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


def settings_table(results: dict[str, list[Result]]) -> Table:
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
