"""What shared weights, local fields, sub-sampling and the table are worth: the report of it."""

from __future__ import annotations

import numpy as np

from lenet.augmentation.transforms import TRANSFORMS
from lenet.experiments.experiment import Curve, Panel, Report, Result, Row, Table, mean_and_sd

LENET, SMALL, LARGE = "LeNet-5", "28×28-75-10", "28×28-412-10"
IDEAS = {
    LENET: "as published, eq. 8",
    SMALL: "fully connected, as many parameters",
    LARGE: "fully connected, as many products per digit",
    "LeNet-5, unshared": "local fields, but every place has kernels of its own",
    "LeNet-5, not sub-sampled": "C1 and C3 move by two instead of S2 and S4",
    "average": "plain averages for S2 and S4",
    "max": "maxima for S2 and S4",
    "full table": "C3 reads all six maps",
    "random table": "60 pairs by chance, another draw for each seed",
}
DRAWN = (LENET, SMALL, LARGE, "LeNet-5, unshared", "LeNet-5, not sub-sampled")


def report(networks: dict[str, list[Result]]) -> Report:
    """From what the seeds of every network found."""
    test = {name: [100 * seed["test"] for seed in seeds] for name, seeds in networks.items()}
    lenet = float(np.mean(test[LENET]))
    small, large = (float(np.mean(test[name])) for name in (SMALL, LARGE))
    return Report(
        notes=[
            "With as many parameters as LeNet-5 a fully connected network makes "
            f"{small / lenet:.1f} times its errors; with as many products per digit, and "
            f"{networks[LARGE][0]['parameters'] / networks[LENET][0]['parameters']:.1f} times its "
            f"parameters, {large / lenet:.1f} times. All learn by the same rule and eq. 8.",
            "“Gap” is the error on the test digits less that on the digits learnt. The curves tell "
            "how many errors are made as digits are moved: the mean over seeds on 2,000 of the "
            "test digits, by networks that learnt digits where they stand.",
        ],
        rows=[_row(name, test[name]) for name in IDEAS],
        panels=[_panel(move, networks) for move in TRANSFORMS],
        tables=[_costs(networks)],
        details={"test": test},
    )


def _row(name: str, rates: list[float]) -> Row:
    mean, sd = mean_and_sd(rates)
    return Row(name, mean, sd=sd, seeds=len(rates), note=IDEAS[name])


def _costs(networks: dict[str, list[Result]]) -> Table:
    lines: list[list[str | float | int | None]] = []
    for name in IDEAS:
        seeds, first = networks[name], networks[name][0]
        test, known = (float(np.mean([100 * s[part] for s in seeds])) for part in ("test", "known"))
        alike = [seed["likeness"] for seed in seeds if "likeness" in seed]
        lines.append(
            [
                name,
                first["parameters"],
                first["multiply_adds"],
                first["parameters"] * 4 / 1000,
                known,
                test - known,
                round(float(np.mean([seed["read_seconds"] for seed in seeds])), 2),
                float(np.mean(alike)) if alike else None,
            ]
        )
    header = ["network", "parameters", "multiply-adds", "memory, kB", "digits learnt, %"]
    header += ["gap, points", "10,000 digits, s", "|correlation| of C3's maps"]
    return Table("What each is made of, and what it costs", header, lines)


def _panel(move: str, networks: dict[str, list[Result]]) -> Panel:
    curves = []
    for name in DRAWN:
        points = np.array([seed["curves"][move] for seed in networks[name]], np.float64)
        rates = 100 * points[:, :, 1] / points[:, :, 2]
        curves.append(Curve(name, points[0, :, 0].tolist(), rates.mean(0).tolist()))
    return Panel(TRANSFORMS[move].title, TRANSFORMS[move].unit, "errors, %", curves)
