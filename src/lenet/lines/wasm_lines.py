"""The weights of a line reader in one file, as lenet.js loads them."""

from __future__ import annotations

import json
import math
from typing import get_args

import numpy as np
from safetensors.numpy import save

from lenet.engine.packing import packed
from lenet.lines.line_weights import LineWeights
from lenet.lines.native_lines import PREPARATION, reader_settings, sdnn_layers
from lenet.network.architecture import Architecture, Head, Squash, Subsampling
from lenet.network.plane import BYTE_TO_PLANE
from lenet.network.sdnn import SHAPES
from lenet.network.weights import Weights


def wasm_weights(weights: LineWeights) -> bytes:
    """A safetensors file: tensors in the kernels' layout and, in its metadata, the settings.

    The settings are JSON: numbers by name for each step, and the two networks' architectures.
    """
    settings = PREPARATION | reader_settings(weights)
    settings["weights"]["text_temperature"] = weights.temperature
    tensors = {"byte_to_plane": BYTE_TO_PLANE}
    for name in ("network", "digit_network"):
        network: Weights = getattr(weights, name)
        settings[name] = _architecture(network.architecture)
        tensors[name] = packed(network.tensors, network.architecture)
    tensors |= {f"context.{name}": tensor for name, tensor in vars(weights.layer).items()}
    for name, (weight, bias) in zip(SHAPES, sdnn_layers(weights.sdnn), strict=True):
        tensors |= {f"sdnn.{name}.weight": weight, f"sdnn.{name}.bias": bias}
    contiguous = {name: np.ascontiguousarray(t, np.float32) for name, t in tensors.items()}
    finite = {
        step: {name: value for name, value in numbers.items() if math.isfinite(value)}
        for step, numbers in settings.items()
    }
    return save(contiguous, {"settings": json.dumps(finite)})


def _architecture(architecture: Architecture) -> dict[str, float]:
    """The kinds by their places in csrc/network.hpp, which are Python's."""
    kinds = {"squash": Squash, "subsampling": Subsampling, "head": Head}
    return {name: get_args(kind).index(getattr(architecture, name)) for name, kind in kinds.items()}
