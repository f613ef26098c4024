"""The network as a straight line of steps with every constant folded into the weights.

Bytes to plane, eq. 6's amplitude and slope, and the coefficients of sub-sampling disappear into the
weights around them: exact algebra, and the form in which other runtimes are fastest. A peer
that had to multiply by 1.7159 eight thousand times an image would lose for no good reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from lenet.network.plane import INK, OFFSET, PAPER, FloatArray
from lenet.network.weights import Weights

AMPLITUDE = 1.7159  # A of eq. 6; lenet.network.layers has it too, but needs torch
SLOPE = 2 / 3  # S of eq. 6
BORDER = OFFSET  # bare pixels, bytes of 0, around the 28×28 image

Kind = Literal["convolution", "subsampling", "average", "max", "full", "codes"]


def _nothing() -> FloatArray:
    return np.empty(0, np.float32)


@dataclass(frozen=True, eq=False)
class Step:
    """One layer; images enter as bytes 0 … 255 with a border of 2 pixels.

    weight : convolution (maps, inputs, 5, 5); subsampling (maps), to multiply each 2×2 sum, and
        so for average; full (units, inputs); codes (10, 84)
    bias : (maps) or (units); codes none
    scale : what enters is multiplied by this first (only where it could not be folded: codes)
    squashed : whether the network's squashing follows
    """

    name: str
    kind: Kind
    weight: FloatArray
    bias: FloatArray = field(default_factory=_nothing)
    scale: float = 1.0
    squashed: bool = True


def squash_of(weights: Weights) -> str:
    """What squashes between the steps: "tanh", "relu" or "silu"; eq. 6 is folded into a tanh."""
    squash = weights.architecture.squash
    return "tanh" if squash == "scaled tanh" else squash


def folded_steps(weights: Weights) -> list[Step]:
    """The seven layers, from images as bytes to penalties (n, 10)."""
    tensors, architecture = weights.tensors, weights.architecture
    scaled = architecture.squash == "scaled tanh"
    amplitude, slope = (AMPLITUDE, SLOPE) if scaled else (1.0, 1.0)
    byte = (INK - PAPER) / 255

    def step(name: str, kind: Kind, enters: float, offset: float = 0.0) -> Step:
        """A layer whose own numbers are w, b: what enters it stands for enters × it + offset."""
        weight, bias = tensors[f"{name}.weight"].astype(float), tensors[f"{name}.bias"]
        kernels = weight.reshape(len(weight), -1)
        shifted = bias + offset * kernels.sum(1)
        weight = kernels if kind == "full" else weight
        return Step(name, kind, _single(weight * enters * slope), _single(shifted * slope))

    def subsampling(name: str, maps: int) -> Step:
        if architecture.subsampling != "trainable":
            quarters = np.full(maps, 1 / 4, np.float32)
            nothing = np.zeros(maps, np.float32)
            return Step(name, architecture.subsampling, quarters, nothing, squashed=False)
        coefficient = tensors[f"{name}.coefficient"].astype(float)
        weight = _single(coefficient * amplitude * slope)
        return Step(name, "subsampling", weight, _single(tensors[f"{name}.bias"] * slope))

    return [
        step("c1", "convolution", byte, PAPER),
        subsampling("s2", 6),
        step("c3", "convolution", amplitude),
        subsampling("s4", 16),
        step("c5", "full", amplitude),  # 5×5 kernels on 5×5 maps: one product
        step("f6", "full", amplitude),
        _output(weights, amplitude),
    ]


def _output(weights: Weights, amplitude: float) -> Step:
    tensors = weights.tensors
    if weights.architecture.head == "rbf":
        codes = tensors["output.codes"]
        return Step("output", "codes", codes, scale=amplitude, squashed=False)
    weight, bias = -tensors["output.weight"].astype(float) * amplitude, -tensors["output.bias"]
    return Step("output", "full", _single(weight), bias, squashed=False)


def _single(numbers: Any) -> FloatArray:
    array: FloatArray = np.ascontiguousarray(numbers, np.float32)
    return array
