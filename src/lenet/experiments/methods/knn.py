"""K nearest neighbours by Euclidean distance (section III-C), and what their errors depend on.

The paper gives k = 3 for deslanted digits and no k for the others, and no rule for equal votes.
Here the digit of the nearest neighbour wins then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import OUTPUTS, Digits
from lenet.experiments.experiment import Result, Workspace
from lenet.experiments.images.deslant import FOREGROUND, boxed, flat, pixels, upright
from lenet.experiments.methods import Trained, method
from lenet.network.plane import ByteArray, FloatArray

View = Literal["28×28", "deslanted", "black and white", "boxed", "deslanted, boxed"]

COUNTS = (1, 3, 5, 9, 15, 25, 49)  # numbers of neighbours to try
VIEWS: dict[View, Callable[[ByteArray], FloatArray]] = {
    "28×28": pixels,
    "deslanted": lambda images: pixels(images, deslanted=True),
    "black and white": lambda images: flat(np.where(images >= FOREGROUND, 255, 0)),
    "boxed": lambda images: flat(boxed(images)),
    "deslanted, boxed": lambda images: flat(boxed(upright(images))),
}


def nearest(
    train: Digits, view: View, k: int
) -> Callable[[ByteArray], tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Search for the k nearest digits of each image: labels and distances (n, k), rising."""
    from sklearn.neighbors import NearestNeighbors  # here, because it loads for seconds

    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(VIEWS[view](train.images))

    def find(images: ByteArray) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        distances, indices = search.kneighbors(VIEWS[view](images))
        return train.labels[indices], distances

    return find


def votes(labels: NDArray[np.int64], distances: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Scores (n, 10) from the labels and distances (n, m ≥ k) of neighbours, nearest first.

    A class scores one for each of the k nearest, plus at most a half for its closeness (the squared
    distance of the nearest neighbour over that of the nearest of the class, among all m): this
    breaks ties and grades the scores for rejection.
    """
    of_class = labels[:, :, None] == np.arange(OUTPUTS)  # (n, m, 10)
    squared = np.maximum(distances, 1e-3) ** 2
    nearest_of_class = np.where(of_class, squared[:, :, None], np.inf).min(axis=1)
    closeness = squared[:, :1] / nearest_of_class
    scores: NDArray[np.float64] = of_class[:, :k].sum(axis=1) + closeness / 2
    return scores


@method
def knn(digits: Digits, k: int = 3, view: View = "28×28") -> Trained:
    """All training digits are stored; the k nearest vote."""
    find = nearest(digits, view, max(COUNTS))
    stored = VIEWS[view](digits.images[:1]).size * len(digits)
    how = f"{k} nearest by Euclidean distance, {view}, ties to the nearest; no rule is stated."
    return Trained(lambda images: votes(*find(images), k), stored, stored, how)


def knn_causes(workspace: Workspace, *, train_size: int) -> Result:
    """Errors by view, number of stored digits and number of neighbours.

    Returns
    -------
    lines : [view, digits stored, k, errors among the test digits], …
    """
    test, lines = workspace.digits.test, []
    tried = [(view, train_size) for view in VIEWS]
    tried += [("28×28", train_size // part) for part in (2, 4, 6, 10, 20)]
    for view, count in tried:
        train = workspace.train(count)
        labels, distances = nearest(train, view, max(COUNTS))(test.images)
        for k in COUNTS:
            wrong = votes(labels, distances, k).argmax(axis=1) != test.labels
            lines.append([view, len(train), k, int(wrong.sum())])
    return {"lines": lines}
