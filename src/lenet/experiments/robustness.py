"""Errors of a classifier against the amount by which digits are transformed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lenet.augmentation.transforms import Transform
from lenet.data.digits import Digits
from lenet.engine.select import best_engine
from lenet.network.plane import ByteArray
from lenet.network.weights import Weights

Answer = Callable[[ByteArray], NDArray[np.int64]]  # images (n, side, side) to n answers
Points = Sequence[Sequence[float]]  # (amount, errors, digits), amounts rising


def answers_of(weights: Weights) -> Answer:
    """The answers of LeNet-5 with these weights, to digit images (n, 28, 28)."""
    engine = best_engine(weights, threads=1)
    return lambda images: engine.penalties(images).argmin(1)


def error_curves(
    answer: Answer, digits: Digits, transforms: Iterable[Transform], count: int
) -> dict[str, list[tuple[float, int, int]]]:
    """(amount, errors, digits) at every amount of every transform, by the transform's name.

    count : digits to try at most, spread evenly, for the halves of MNIST's test part differ
    """
    tried = spread(digits, count)
    return {
        transform.name: error_curve(answer, tried.images, tried.labels, transform)
        for transform in transforms
    }


def error_curve(
    answer: Answer, images: ByteArray, labels: NDArray[np.int64], transform: Transform
) -> list[tuple[float, int, int]]:
    """The same for one transform of images (n, side, side), and all of them."""

    def errors(amount: float) -> int:
        return int((answer(transform.apply(images, amount)) != labels).sum())

    return [(amount, errors(amount), len(labels)) for amount in transform.values]


def spread(digits: Digits, count: int) -> Digits:
    """This many of the digits, evenly spread, or all if there are no more."""
    kept = min(count, len(digits))
    return digits.take(np.arange(kept) * len(digits) // max(1, kept))


def rate_at(points: Points, amount: float) -> float:
    """The error rate, 0 … 1, at an amount that was tried."""
    return next(errors / n for tried, errors, n in points if tried == amount)


def tolerated(points: Points, neutral: float, limit: float) -> tuple[float, float]:
    """The lowest and the highest amount up to which the error rate stays within the limit.

    Rates are interpolated linearly between the amounts tried. If the rate stays within the limit
    up to the last amount tried, the result is that amount, a bound. If even the neutral amount is
    beyond the limit, both results are the neutral amount.
    """
    rates = [(amount, errors / n) for amount, errors, n in points]
    lower = [pair for pair in reversed(rates) if pair[0] <= neutral]
    upper = [pair for pair in rates if pair[0] >= neutral]
    return _furthest(lower, limit), _furthest(upper, limit)


def _furthest(rates: Sequence[tuple[float, float]], limit: float) -> float:
    """The last amount within the limit, along (amount, rate) pairs from the neutral amount on."""
    if rates[0][1] > limit:
        return rates[0][0]
    for (near, good), (far, bad) in pairwise(rates):
        if bad > limit:
            return near + (far - near) * (limit - good) / (bad - good)
    return rates[-1][0]


def ink_lost(digits: Digits, transform: Transform, amount: float) -> float:
    """The share of all ink, 0 … 1, that leaves the 28×28 pixels; blur and rounding count too."""
    area = amount**2 if transform.name == "scale" else 1.0
    made = transform.apply(digits.images, amount).sum(dtype=np.float64)
    return float(1 - made / (area * digits.images.sum(dtype=np.float64)))
