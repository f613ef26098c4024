"""How a run learnt: errors by pass."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lenet.files import write_atomically

# Part of the digits, its colour (Okabe and Ito's, told apart by colour-blind eyes) and marker.
PARTS = (("train", "#0072B2", "o"), ("validation", "#E69F00", "s"), ("test", "#D55E00", "^"))


def draw_curves(history: Sequence[dict[str, Any]], axes: Axes) -> Axes:
    """Error in % against the pass, a line for each part that was scored, as Fig. 5."""
    for part, colour, marker in PARTS:
        rates = [(line["pass"], line.get(f"{part}_error_rate")) for line in history]
        points = [(number, 100 * rate) for number, rate in rates if rate is not None]
        if points:
            label = f"{part}, {points[-1][1]:.2f} % at the end"
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, ms=4, label=label)
    axes.set_xlabel("pass through the training digits")
    axes.set_ylabel("errors, %")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return axes


def save_curves(history: Sequence[dict[str, Any]], path: Path) -> None:
    """Write the curves as a picture of the format its name says."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    draw_curves(history, figure.subplots())
    picture = BytesIO()
    figure.savefig(picture, format=path.suffix[1:], dpi=200)
    write_atomically(path, picture.getvalue())
