"""The weights that read lines: the candidates' network, the context layer and the SDNN."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lenet.errors import InputError
from lenet.files import write_atomically
from lenet.network.plane import FloatArray
from lenet.network.sdnn import SDNN, Sdnn, load_sdnn
from lenet.network.weights import Weights, load_weights, save_weights

DIGIT_NETWORK = "modern"  # shipped weights for single digits
SHIPPED = Path(__file__).parent / "shipped"
CONTEXT = "context.safetensors"  # beside the network's weights
CLASSES = 12  # ten digits; fragments and unions of digits; ink of no digit
MIN_LOG_PROB = -15.0  # log-probabilities below this tell nothing more
SCALE = 4.0  # brings log-probabilities to the size of the other inputs


@dataclass(frozen=True)
class ContextLayer:
    """One hidden layer: inputs (n, i) → tanh, h units → 12 classes."""

    hidden: FloatArray  # (h, i)
    hidden_bias: FloatArray  # (h,)
    output: FloatArray  # (12, h)
    output_bias: FloatArray  # (12,)

    def __call__(self, inputs: FloatArray) -> NDArray[np.float64]:
        """Log-probabilities of the classes, (n, 12)."""
        units = np.tanh(inputs @ self.hidden.T + self.hidden_bias)
        scores = (units @ self.output.T + self.output_bias).astype(np.float64)
        log_probs: NDArray[np.float64] = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        return log_probs


@dataclass(frozen=True)
class LineWeights:
    """A network for candidates, the context layer, and the SDNN for whole lines.

    digit_network : a second network, trained on single digits, that classifies candidates too
    """

    network: Weights
    layer: ContextLayer
    sdnn: Sdnn
    digit_network: Weights

    @property
    def rubbish(self) -> float:
        """The constant penalty of the rubbish class (eq. 9's j)."""
        return float(self.network.card.get("rubbish", 0.0))

    @property
    def sdnn_weight(self) -> float:
        """The weight of the SDNN's log-probabilities beside the graph's."""
        return float(self.network.card.get("sdnn_weight", 1.0))

    @property
    def digit_network_weight(self) -> float:
        """The second network's weight, 0 … 1, when classifying a candidate."""
        return float(self.network.card.get("digit_network_weight", 0.0))

    @property
    def temperature(self) -> float:
        """Divides a text's log-probabilities so that confidences mean frequencies."""
        return float(self.network.card.get("text_temperature", 1.0))


def posteriors(penalties: FloatArray, rubbish: float) -> NDArray[np.float64]:
    """Log-posteriors of eq. 9's eleven classes, ten digits and rubbish, (n, 11)."""
    scores = -with_rubbish(penalties, rubbish)
    log_probs: NDArray[np.float64] = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return log_probs


def with_rubbish(penalties: FloatArray, rubbish: float) -> NDArray[np.float64]:
    """The penalties of eq. 9's eleven classes, (n, 11), of those of its ten digits, (n, 10)."""
    found = np.full((len(penalties), 11), rubbish)
    found[:, :10] = penalties
    return found


def features(penalties: FloatArray, rubbish: float, context: FloatArray) -> FloatArray:
    """The layer's inputs, (n, 11 + c): log-posteriors of eq. 9's eleven classes, then context."""
    scaled = posteriors(penalties, rubbish).clip(MIN_LOG_PROB, 0) / SCALE
    return np.concatenate([scaled, context], axis=1).astype(np.float32)


@lru_cache(maxsize=4)
def load_line_weights(name: str | Path = "lines") -> LineWeights:
    """The weights for lines by shipped name or from a run folder."""
    folder = SHIPPED if name == "lines" else Path(name)
    file = folder / CONTEXT
    try:
        tensors = load(file.read_bytes())
        layer = ContextLayer(*(tensors[key] for key in ContextLayer.__annotations__))
    except (OSError, SafetensorError, KeyError) as problem:
        raise InputError(
            f"{file}: not a context layer ({problem}); expected a folder made by "
            "lenet train --recipe lines"
        ) from problem
    return LineWeights(load_weights(folder), layer, load_sdnn(folder), load_weights(DIGIT_NETWORK))


def save_line_weights(folder: Path, weights: LineWeights) -> None:
    """Write weights as `load_line_weights` reads them; the card is their network's."""
    save_weights(folder, weights.network.tensors, weights.network.card)
    for name, tensors in ((CONTEXT, vars(weights.layer)), (SDNN, weights.sdnn.tensors)):
        content = save({key: np.ascontiguousarray(tensor) for key, tensor in tensors.items()})
        write_atomically(folder / name, content)
