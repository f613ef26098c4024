"""The network's numbers as constant arrays of C."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.export.folded import Step
from lenet.export.int8 import Int8Layer
from lenet.network.architecture import Architecture

TYPES = {
    "float32": "float",
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int32": "int32_t",
    "int64": "int64_t",
}
WIDTH = 100  # columns of text


@dataclass(frozen=True, eq=False)
class Array:
    """One constant: its name without lenet_, and its numbers, kept flat."""

    name: str
    numbers: NDArray[Any]

    def __str__(self) -> str:
        kind = TYPES[self.numbers.dtype.name]
        head = f"static const {kind} lenet_{self.name}[{self.numbers.size}] = {{"
        return "\n".join([head, *_wrapped(map(_literal, self.numbers.ravel())), "};"])


def float_arrays(steps: list[Step], architecture: Architecture) -> list[Array]:
    """Every number of the network in single precision."""
    arrays = [*_c3_inputs(architecture)]
    for step in steps:
        arrays += _floats(step, architecture)
    return arrays


def int8_arrays(layers: list[Int8Layer], architecture: Architecture) -> list[Array]:
    """Every number of the network in integers; the output's in single precision."""
    arrays = [*_c3_inputs(architecture)]
    for layer in layers:
        name = layer.step.name
        if name == "output":
            arrays += _floats(layer.step, architecture)
        if layer.weight.size:
            arrays.append(_kept(name, layer.weight, architecture))
        rest = ("multiplier", "offset", "table", "scale", "bias")
        parts = [Array(f"{name}_{part}", getattr(layer, part)) for part in rest]
        arrays += [array for array in parts if array.numbers.size]
    return arrays


def _floats(step: Step, architecture: Architecture) -> list[Array]:
    """One layer's numbers; the ten codes, which are 1 and -1, in bytes; of pooling none."""
    if step.kind in ("max", "average"):
        return []
    if step.kind == "codes":
        return [Array("output_codes", step.weight.astype(np.int8))]
    return [_kept(step.name, step.weight, architecture), Array(f"{step.name}_bias", step.bias)]


def _c3_inputs(architecture: Architecture) -> tuple[Array, Array]:
    """The S2 maps that each C3 map reads, a bit each, and where its first kernel lies."""
    inputs = architecture.c3_inputs
    bits = np.array([sum(1 << source for source in sources) for sources in inputs], np.uint8)
    first = np.cumsum([0, *map(len, inputs)])[:-1].astype(np.uint8)
    return Array("c3_inputs", bits), Array("c3_first", first)


def _kept(name: str, weight: NDArray[Any], architecture: Architecture) -> Array:
    """The weights; of C3 only the kernels that the table has."""
    if name == "c3":
        kernels = [
            weight[to, source] for to, all_ in enumerate(architecture.c3_inputs) for source in all_
        ]
        weight = np.stack(kernels)
    return Array(f"{name}_weight", weight)


def _literal(number: Any) -> str:
    """The shortest text that reads back as the same number."""
    return f"{number!s}f" if isinstance(number, np.floating) else str(number)


def _wrapped(words: Iterator[str]) -> Iterator[str]:
    line = "   "
    for word in words:
        if len(line) + len(word) + 2 > WIDTH:
            yield line
            line = "   "
        line += f" {word},"
    yield line
