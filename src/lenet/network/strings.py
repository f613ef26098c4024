"""The weights that read lines: a network with a rubbish class and the small layer on top of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from lenet.errors import InputError
from lenet.network.plane import FloatArray
from lenet.network.weights import SHIPPED, Weights, load_weights

LINES = SHIPPED / "lines"  # apart from the weights that read single digits
PLACES = "places.safetensors"  # beside the network's weights
CLASSES = 12  # ten digits; fragments and unions of digits; ink of no digit
LEAST_SHARE = -15.0  # log-probabilities below this tell nothing more
SCALE = 4.0  # brings log-probabilities to the size of the other inputs


@dataclass(frozen=True)
class PlaceLayer:
    """One hidden layer: inputs (n, i) → tanh, h units → 12 classes."""

    hidden: FloatArray  # (h, i)
    hidden_bias: FloatArray  # (h,)
    output: FloatArray  # (12, h)
    output_bias: FloatArray  # (12,)

    def __call__(self, inputs: FloatArray) -> NDArray[np.float64]:
        """Log-probabilities of the classes, (n, 12)."""
        units = np.tanh(inputs @ self.hidden.T + self.hidden_bias)
        scores = (units @ self.output.T + self.output_bias).astype(np.float64)
        shares: NDArray[np.float64] = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        return shares


@dataclass(frozen=True)
class StringWeights:
    """A network, the constant penalty of its rubbish class (eq. 9's j), the layer for places."""

    network: Weights
    layer: PlaceLayer

    @property
    def rubbish(self) -> float:
        return float(self.network.card.get("rubbish", 0.0))

    @property
    def temperature(self) -> float:
        """By which sums over paths are divided so that confidence means frequency."""
        return float(self.network.card.get("path_temperature", 1.0))


def features(penalties: FloatArray, rubbish: float, places: FloatArray) -> FloatArray:
    """The layer's inputs, (n, 11 + p): log-posteriors of eq. 9's eleven classes, then places."""
    scores = np.full((len(penalties), 11), -rubbish)
    scores[:, :10] = -penalties
    shares = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    scaled = shares.clip(LEAST_SHARE, 0) / SCALE
    return np.concatenate([scaled, places], axis=1).astype(np.float32)


@lru_cache(maxsize=4)
def load_string_weights(name: str | Path = "strings") -> StringWeights:
    """The weights for lines by shipped name or from a run folder."""
    shipped = LINES / str(name)
    folder = shipped if shipped.is_dir() else Path(name)
    file = folder / PLACES
    try:
        tensors = load(file.read_bytes())
        layer = PlaceLayer(*(tensors[key] for key in PlaceLayer.__annotations__))
    except (OSError, SafetensorError, KeyError) as problem:
        raise InputError(
            f"{file}: not a layer for places ({problem}); expected a folder made by "
            "lenet train --recipe strings"
        ) from problem
    return StringWeights(load_weights(folder), layer)
