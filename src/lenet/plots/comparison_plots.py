"""Learning curves, and our curves against the printed ones as `lenet reproduce` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from lenet.files import write_atomically

# Okabe and Ito's colour-blind-safe palette; a marker for each colour, for print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "o^sDvPX"
PRINTED = {"color": "#666666", "ls": "--", "marker": "x", "zorder": 1}


def draw_panel(panel: dict[str, Any], axes: Axes) -> Axes:
    """One panel of a report: curves over numbers, or dots for names.

    panel : the fields of `experiments.report.Panel`
    """
    positions = [position for curve in panel["curves"] for position in curve["x"]]
    names, ours = any(isinstance(position, str) for position in positions), 0
    for curve in panel["curves"]:
        style: dict[str, Any] = dict(PRINTED)
        if not curve["printed"]:
            style = {"color": COLOURS[ours % 7], "marker": MARKERS[ours % 7], "zorder": 2}
            ours += 1
        heights = [np.nan if height is None else height for height in curve["y"]]
        (_dots if names else _line)(axes, curve, heights, style)
    along, up = (panel["y"], panel["x"]) if names else (panel["x"], panel["y"])
    axes.set(title=panel["title"], xlabel=along, ylabel=up)
    if panel["scale"] == "log":
        axis = axes.xaxis if names else axes.yaxis
        (axes.set_xscale if names else axes.set_yscale)("log")
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_locator(NullLocator())
    elif not names:
        axes.set_ylim(bottom=0)
    if names:
        axes.invert_yaxis()
    elif all(position == int(position) for position in positions):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _line(axes: Axes, curve: dict[str, Any], heights: list[float], style: dict[str, Any]) -> None:
    axes.plot(curve["x"], heights, label=curve["label"], ms=3.5, lw=1.4, **style)
    if curve["low"] is not None:
        band: dict[str, Any] = {"color": style["color"], "alpha": 0.2, "lw": 0}
        axes.fill_between(curve["x"], curve["low"], curve["high"], **band)


def _dots(axes: Axes, curve: dict[str, Any], values: list[float], style: dict[str, Any]) -> None:
    axes.plot(values, curve["x"], label=curve["label"], **style | {"ls": "", "ms": 5})
    if curve["low"] is not None:
        bar: dict[str, Any] = {"color": style["color"], "lw": 1.2, "zorder": 1}
        axes.hlines(curve["x"], curve["low"], curve["high"], **bar)


def _add_legend(figure: Figure, grid: Sequence[Axes]) -> None:
    """One legend for the sheet, above its panels, where no curve runs."""
    entries = (zip(*axes.get_legend_handles_labels(), strict=True) for axes in grid)
    named = {label: handle for entry in entries for handle, label in entry}
    if len(named) > 1:
        columns = min(len(named), 2 if len(grid) == 1 else 5)
        look: dict[str, Any] = {"loc": "outside upper center", "frameon": False}
        figure.legend(list(named.values()), list(named), ncols=columns, **look)


def save_panels(panels: Sequence[dict[str, Any]], path: Path) -> None:
    """All panels of a report on one sheet, three in a row; the suffix names the format."""
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    all_curves = [curve["x"] for panel in panels for curve in panel["curves"]]
    tall = max((len(names) for names in all_curves if isinstance([*names, 0][0], str)), default=0)
    size = (6.0 if columns == 1 else 4.6 * columns, max(3.6, 0.24 * tall + 1) * rows)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, axes in zip(panels, grid, strict=False):
        draw_panel(panel, axes)
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    _add_legend(figure, list(grid))
    picture = BytesIO()
    # Without dates and versions inside, so that the same curves are the same file.
    figure.savefig(picture, format=path.suffix[1:], dpi=150, metadata={"Software": None})
    write_atomically(path, picture.getvalue())


def save_curves(history: Sequence[dict[str, Any]], path: Path) -> None:
    """Learning curves as Fig. 5: error in % against the pass, a line for each part scored."""
    curves = []
    for part in ("train", "validation", "test"):
        rates = [(line["pass"], line.get(f"{part}_error_rate")) for line in history]
        points = [(number, 100 * rate) for number, rate in rates if rate is not None]
        if points:
            passes, errors = zip(*points, strict=True)
            label = f"{part}, {errors[-1]:.2f} % at the end"
            curves.append({"label": label, "x": passes, "y": errors, "printed": False, "low": None})
    title = curves[0]["label"] if len(curves) == 1 else ""  # one curve gets no legend
    words = {"title": title, "x": "pass through the training digits", "y": "errors, %"}
    save_panels([words | {"curves": curves, "scale": "linear"}], path)
