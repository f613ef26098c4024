"""K nearest neighbours by Euclidean distance (section III-C), and what their errors hang on.

The paper gives k = 3 for deslanted digits and no k for the others; nor does it tell who wins when
votes are equal. Here the digit of the nearest of them wins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import OUTPUTS, Digits
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.deslant import FOREGROUND, boxed, flat, pixels, upright
from lenet.experiments.methods.scored import Trained, train_and_score
from lenet.network.plane import ByteArray, FloatArray

View = Literal["28×28", "deslanted", "black and white", "boxed", "deslanted, boxed"]

BLOCK = 1_000  # digits read at a time: their distances to 60,000 others take 0.24 GB
COUNTS = (1, 3, 5, 9, 15, 25, 49)  # numbers of neighbours that the causes are looked for among


VIEWS: dict[View, Callable[[ByteArray], FloatArray]] = {
    "28×28": pixels,
    "deslanted": lambda images: pixels(images, deslanted=True),
    "black and white": lambda images: flat(np.where(images >= FOREGROUND, 255, 0)),
    "boxed": lambda images: flat(boxed(images)),
    "deslanted, boxed": lambda images: flat(boxed(upright(images))),
}


@dataclass(frozen=True)
class Kept:
    """Digits that are kept, class after class: rows (m, d) and labels (m,), rising."""

    rows: FloatArray
    labels: NDArray[np.int64]

    @classmethod
    def of(cls, digits: Digits, view: View) -> Kept:
        order = np.argsort(digits.labels, kind="stable")
        return cls(VIEWS[view](digits.images[order]), digits.labels[order])

    def around(self, asked: FloatArray, count: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Labels (n, count) of the nearest to rows asked (n, d), in order, and closeness (n, 10).

        The closeness of a class is the squared distance of the nearest digit of all over that of
        the nearest of the class: 1 for the class of the nearest, lower for all others.
        """
        import torch  # its selection of the smallest is eight times as fast as numpy's

        present, begins = np.unique(self.labels, return_index=True)
        lengths = (self.rows**2).sum(axis=1)
        labels = np.empty((len(asked), count), np.int64)
        closeness = np.zeros((len(asked), OUTPUTS), np.float32)
        for start in range(0, len(asked), BLOCK):
            block = slice(start, start + BLOCK)
            far = lengths - 2 * asked[block] @ self.rows.T
            far += (asked[block] ** 2).sum(axis=1)[:, None]
            chosen = torch.from_numpy(far).topk(count, largest=False).indices.numpy()
            labels[block] = self.labels[chosen]
            of_class = np.maximum(np.minimum.reduceat(far, begins, axis=1), 1e-6)
            closeness[block, present] = of_class.min(axis=1, keepdims=True) / of_class
        return labels, closeness


def votes(labels: NDArray[np.int64], closeness: FloatArray) -> NDArray[np.float64]:
    """Scores (n, 10): how many of the neighbours' labels (n, k) are of a class, and at most a
    half for closeness (n, 10): it decides between equal votes and grades all others.
    """
    counts = np.stack([(labels == digit).sum(axis=1) for digit in range(OUTPUTS)], axis=1)
    return counts + closeness.astype(np.float64) / 2


def knn(workspace: Workspace, *, train_size: int, k: int = 3, view: View = "28×28") -> Result:
    """All training digits are kept; the k nearest vote."""

    def learn(digits: Digits) -> Trained:
        kept = Kept.of(digits, view)
        return Trained(
            lambda images: votes(*kept.around(VIEWS[view](images), k)),
            parameters=kept.rows.size,
            multiply_adds=kept.rows.size,
        )

    how = f"{k} nearest by Euclidean distance, {view}, ties to the nearest; who wins is not said."
    return train_and_score(workspace, train_size, learn, how)


def knn_causes(workspace: Workspace, *, train_size: int) -> Result:
    """Errors under each view, number of neighbours and of digits kept.

    Returns
    -------
    lines : [view, digits kept, k, errors among the test digits], …
    """
    test = workspace.digits.test
    tried = [(view, train_size) for view in VIEWS]
    tried += [("28×28", train_size // part) for part in (2, 4, 6, 10, 20)]
    lines: list[list[str | int]] = []
    for view, count in tried:
        kept = Kept.of(workspace.train(count), view)
        labels, closeness = kept.around(VIEWS[view](test.images), max(COUNTS))
        for k in COUNTS:
            wrong = votes(labels[:, :k], closeness).argmax(axis=1) != test.labels
            lines.append([view, len(kept.labels), k, int(wrong.sum())])
    return {"lines": lines}
