"""Initial weights: the paper's rule and the authors' own (appendix A; Lush gblearn2)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from lenet.network.architecture import Architecture
from lenet.network.plane import FloatArray
from lenet.network.rbf_codes import digit_codes
from lenet.network.weights import expected_shapes

Initialisation = Literal["paper", "lush"]


def initial_tensors(
    architecture: Architecture,
    rule: Initialisation,
    generator: np.random.Generator,
    coefficient: float | None = None,
) -> dict[str, FloatArray]:
    """Fresh weights under their published names; biases start at 0 (the paper does not say).

    Parameters
    ----------
    rule : "paper" is uniform ±2.4/F, *linear* in the fan-in F, sub-sampling coefficients included;
        "lush" is uniform ±1/√F with every coefficient at 0.5 = 1/√4, as the authors' code does.
        F counts inputs without the bias: C1 25, S 4, C3 75/100/150, C5 400, F6 120.
    coefficient : if given, what every sub-sampling coefficient starts at, whatever the rule
    """

    def width(fan_in: int) -> float:
        return 2.4 / fan_in if rule == "paper" else 1 / math.sqrt(fan_in)

    def draw(shape: tuple[int, ...], fan_in: int) -> FloatArray:
        return generator.uniform(-width(fan_in), width(fan_in), shape).astype(np.float32)

    tensors: dict[str, FloatArray] = {}
    for name, shape in expected_shapes(architecture).items():
        if name.endswith("bias"):
            tensors[name] = np.zeros(shape, np.float32)
        elif name.endswith("codes"):
            tensors[name] = digit_codes()
        elif name.endswith("coefficient"):
            start = width(4) if coefficient is None else coefficient
            random = rule == "paper" and coefficient is None
            tensors[name] = draw(shape, 4) if random else np.full(shape, start, np.float32)
        elif name == "c3.weight":
            tensors[name] = np.zeros(shape, np.float32)
            for to, sources in enumerate(architecture.c3_inputs):
                kernels = (len(sources), *shape[2:])
                tensors[name][to, list(sources)] = draw(kernels, math.prod(kernels))
        else:
            tensors[name] = draw(shape, math.prod(shape[1:]))
    return tensors
