"""Draw a fully connected network's weights, and its errors on shifted digits, for docs/tour.md.

    python examples/draw_fully_connected.py docs/images/fully-connected.png

Both networks have about 60,000 parameters and were trained on MNIST by the same rule. They read the
397 test digits embedded in scikit-learn, which neither has seen, shifted to the right.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from lenet.augmentation.transforms import translate
from lenet.data.datasets import load_sklearn_digits
from lenet.engine.select import best_engine
from lenet.network.weights import load_weights
from lenet.plots.sheet import save
from lenet.web.dense import penalties_of, weight_of
from lenet.web.networks import BASELINES, dense_tensors

SHIFTS = range(8)  # pixels
UNITS = (3, 11, 22, 30, 41, 57)  # of the 75 hidden ones


def error_rates() -> dict[str, list[float]]:
    """Error rates by shift, for both networks."""
    test, lenet = load_sklearn_digits().test, best_engine(load_weights("1998"))
    tensors, _ = dense_tensors(BASELINES / "28x28-75-10")
    networks = {
        "LeNet-5": lenet.penalties,
        "28×28-75-10": lambda images: penalties_of(tensors, images),
    }
    return {
        name: [
            float((ask(translate(test.images, shift)).argmin(1) != test.labels).mean())
            for shift in SHIFTS
        ]
        for name, ask in networks.items()
    }


def main(path: Path) -> None:
    tensors, _ = dense_tensors(BASELINES / "28x28-75-10")
    weights = weight_of(tensors, "layer1").reshape(-1, 28, 28)
    figure = Figure(figsize=(6.3, 2.8), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.25, 1))
    left.suptitle("six hidden units: 784 weights each", fontsize=9)
    most = np.abs(weights[list(UNITS)]).max()
    for axes, unit in zip(left.subplots(2, 3).ravel(), UNITS, strict=True):
        axes.imshow(weights[unit], cmap="PuOr", vmin=-most, vmax=most)
        axes.set(xticks=[], yticks=[])
    axes = right.subplots()
    styles = {"LeNet-5": ("#0072B2", "o"), "28×28-75-10": ("#D55E00", "^")}
    for name, rates in error_rates().items():
        colour, marker = styles[name]
        axes.plot(SHIFTS, 100 * np.array(rates), color=colour, marker=marker, ms=4, label=name)
        print(name, *(f"{100 * rate:.1f}" for rate in rates))
    axes.set(xlabel="shifted right, pixels", ylabel="errors, %", ylim=(0, 100))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    save(figure, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
