"""What the curves of the study of section III-E add up to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lenet.augmentation.transforms import TRANSFORMS, Transform
from lenet.evaluation.score import Score
from lenet.experiments.experiment import (
    Budget,
    Curve,
    Panel,
    Report,
    Result,
    Row,
    Table,
    mean_and_sd,
)
from lenet.experiments.robustness import Points, rate_at, tolerated

WITHOUT, WITH = "invariance-1998", "invariance-noise-"  # names of jobs; WITH goes on with a seed
LABELS = {WITHOUT: "trained without noise", WITH: "trained with 10 % noise"}
LIMITS = (0.1, 0.5)  # error rates up to which we call a digit's class recognised
HEIGHT = 20  # pixels: of a digit in MNIST, as the box it was fitted into (section III-A)
SOURCE = "section III-E"
PRINTED = {"scale": (0.5, 2.0), "down": (-HEIGHT / 2, HEIGHT / 2), "rotation": (-30.0, 30.0)}

NOTES = (
    "The paper estimates that digits are read at up to about twice the size, shifted by up "
    "to about half their height, and turned by up to 30° either way; it names no share of digits "
    "that must be right. So whole curves are shown, and the amounts at which 10 % and 50 % of "
    "the test digits are read wrongly, on straight lines between the amounts tried.",
    "Fig. 13's network is not the one of 0.95 %: it learnt digits of which each pixel was inverted "
    "with probability 0.1. The noise was drawn anew for each pass; the paper does not say. It lies "
    "on the 28×28 pixels of a digit, not on the border of 2 pixels that makes them 32×32.",
    "A factor of two is read as half to double the size. Digits are moved within 28×28 pixels, so "
    "large and far-shifted ones are cut off, as the last table shows; beside them stand the errors "
    "of digits moved within the whole 32×32 plane, of which less is cut off.",
)

Curves = list[dict[str, Points]]  # of each seed: points by the name of a move


def report(budget: Budget, found: dict[str, Result]) -> Report:
    """Rows, curves and tables from the jobs' findings."""
    networks, planes = _of_each(found, "curves"), _of_each(found, "plane")
    return Report(
        notes=NOTES,
        rows=[*_error_rows(networks), *_range_rows(networks[WITH])],
        panels=[_panel(move, networks) for move in TRANSFORMS.values()],
        tables=[
            _ranges(networks),
            _at_printed(networks, planes),
            _cut_off(found["invariance-ink"]),
        ],
        details={LABELS[name]: curves for name, curves in networks.items()},
    )


def _of_each(found: dict[str, Result], which: str) -> dict[str, Curves]:
    """What was found of either network, seed by seed."""
    return {
        kind: [found[name][which] for name in sorted(found) if name.startswith(kind)]
        for kind in (WITHOUT, WITH)
    }


def _error_rows(networks: dict[str, Curves]) -> list[Row]:
    """Errors on digits as they are, and with as much noise as was learnt."""
    rows = []
    for name, curves in networks.items():
        for what, amount in (("clean digits", 0.0), ("10 % of pixels inverted", 0.1)):
            percents = [100 * rate_at(points["noise"], amount) for points in curves]
            mean, sd = mean_and_sd(percents)
            interval = None
            if name == WITHOUT:
                _, errors, n = next(point for point in curves[0]["noise"] if point[0] == amount)
                low, high = Score(int(n), int(errors)).interval_95
                interval = (100 * low, 100 * high)
            text = f"{LABELS[name]}, {what}"
            rows.append(Row(text, mean, sd=sd, interval=interval, seeds=len(curves)))
    return rows


def _range_rows(curves: Curves) -> list[Row]:
    """How far the network of Fig. 13 goes, beside what the paper estimates."""
    rows = []
    for limit in LIMITS:
        both = {name: [tolerated_by(points, name, limit) for points in curves] for name in PRINTED}
        shifts = [min(-low, high) / HEIGHT for low, high in both["down"]]
        turns = [min(-low, high) for low, high in both["rotation"]]
        for what, unit, printed, values in (
            ("largest scale", "×", 2.0, [high for _, high in both["scale"]]),
            ("smallest scale", "×", 0.5, [low for low, _ in both["scale"]]),
            ("vertical shift, either way", "of the height", 0.5, shifts),
            ("rotation, either way", "°", 30.0, turns),
        ):
            mean, sd = mean_and_sd(values)
            text = f"{what}, at most {limit:.0%} errors"
            rows.append(Row(text, mean, printed, unit, sd, seeds=len(values), source=SOURCE))
    return rows


def tolerated_by(points: dict[str, Points], name: str, limit: float) -> tuple[float, float]:
    """`tolerated` for the move of this name."""
    return tolerated(points[name], TRANSFORMS[name].neutral, limit)


def _panel(move: Transform, networks: dict[str, Curves]) -> Panel:
    """Error against the amount, a band over the seeds; the paper's estimate stands upright."""
    drawn = []
    for name, curves in networks.items():
        rates = 100 * np.array([[e / n for _, e, n in points[move.name]] for points in curves])
        band = {"low": rates.min(0).tolist(), "high": rates.max(0).tolist()}
        amounts = [point[0] for point in curves[0][move.name]]
        curve = Curve(
            LABELS[name], amounts, rates.mean(0).tolist(), **band if len(rates) > 1 else {}
        )
        drawn.append(curve)
    if move.name in PRINTED:
        low, high = PRINTED[move.name]
        upright = Curve(
            "the paper's estimate", [low] * 3 + [high] * 2, [0, 100, None, 0, 100], True
        )
        drawn.append(upright)
    return Panel(move.title, move.unit, "% errors", drawn)


def _ranges(networks: dict[str, Curves]) -> Table:
    lines = []
    for move in TRANSFORMS.values():
        for limit in LIMITS:
            cells = [_range(curves, move, limit) for curves in networks.values()]
            lines.append([move.name, move.unit, f"{limit:.0%}", *cells])
    header = ["move", "unit", "errors at most", *(LABELS[name] for name in networks)]
    return Table("How far digits may be moved (mean of the seeds)", header, lines)


def _range(curves: Curves, move: Transform, limit: float) -> str:
    """As text: low … high, with ≤ or ≥ where even the last amount tried is within the limit."""
    pairs = [tolerated_by(points, move.name, limit) for points in curves]
    low, high = np.mean(pairs, axis=0)
    below = "≤ " if low == move.values[0] < move.neutral else ""
    above = "≥ " if high == move.values[-1] else ""
    return f"{below}{_short(low)} … {above}{_short(high)}"


def _at_printed(networks: dict[str, Curves], planes: dict[str, Curves]) -> Table:
    """Errors in % at the very amounts that the paper names."""
    lines: list[Sequence[str | float]] = []
    for name, amounts in PRINTED.items():
        for amount in amounts:
            cells = [
                _mean_percent(curves[kind], name, amount)
                for kind in networks
                for curves in (networks, planes)
            ]
            lines.append([name, TRANSFORMS[name].unit, amount, *cells])
    places = ("in 28×28", "in 32×32")
    which = [f"{LABELS[kind]}, {place}" for kind in networks for place in places]
    return Table(
        "% errors where the paper draws the line", ["move", "unit", "amount", *which], lines
    )


def _mean_percent(curves: Curves, name: str, amount: float) -> float:
    return round(100 * mean_and_sd([rate_at(points[name], amount) for points in curves])[0], 2)


def _cut_off(lost: Result) -> Table:
    lines = [
        [name, TRANSFORMS[name].unit, amount, round(100 * share, 1)]
        for name, pairs in lost.items()
        for amount, share in pairs
    ]
    return Table("Ink cut off at the edge of 28×28 pixels", ["move", "unit", "amount", "%"], lines)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")
