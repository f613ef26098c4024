"""The parts of the C header: arrays of constants, and the functions that differ by network.

c/lenet.h.in is the header around them.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.export.folded import Step
from lenet.export.int8 import Int8Layer
from lenet.network.architecture import Architecture

FOLDER = Path(__file__).parent / "c"

TYPES = {
    "float32": "float",
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int32": "int32_t",
    "int64": "int64_t",
}
WIDTH, INDENT = 100, " " * 4  # columns of text
SQUASHES = {
    "tanh": "return lenet_tanh(a);",
    "relu": "return a > 0.0f ? a : 0.0f;",
    "silu": "return a < -15.8f ? 0.0f : a * (0.5f + 0.5f * lenet_tanh(0.5f * a));",
}
# What becomes of a total, by the layer's name, else its kind.
FLOAT_DONE = {
    "": "lenet_squash(total + lenet_{0}_bias[map])",
    "subsampling": "lenet_squash(total * lenet_{0}_weight[map] + lenet_{0}_bias[map])",
}
INT8_DONE = {
    "": "lenet_byte(total, lenet_{0}_multiplier[map], lenet_{0}_offset[map], lenet_{0}_table)",
    "f6": "lenet_squash((float)total * lenet_{0}_scale[map] + lenet_{0}_bias[map])",
}
# Of four units; the same for floats and bytes, but the average, which is rounded of bytes.
SAMPLED = {
    "subsampling": "return lenet_{0}_done((lenet_total)a + b + c + d, map);",
    "max": "const lenet_unit above = a > b ? a : b, below = c > d ? c : d;\n"
    "    (void)map;\n    return above > below ? above : below;",
    "average": "(void)map;\n    return (lenet_unit)({1});",
}
AVERAGE = {False: "0.25f * (a + b + c + d)", True: "(a + b + c + d + 2) >> 2"}


@dataclass(frozen=True, eq=False)
class Array:
    """One constant: its name without lenet_, and its numbers, kept flat."""

    name: str
    numbers: NDArray[Any]

    def __str__(self) -> str:
        kind = TYPES[self.numbers.dtype.name]
        head = f"static const {kind} lenet_{self.name}[{self.numbers.size}] = {{"
        words = " ".join(map(_literal, self.numbers.ravel()))
        wrapper = textwrap.TextWrapper(WIDTH, INDENT, INDENT, break_on_hyphens=False)
        return f"{head}\n{wrapper.fill(words)}\n}};"


def c_file(name: str) -> str:
    """The text of a file of c/."""
    return (FOLDER / name).read_text(encoding="utf-8")


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
    return f"{number!s}f," if isinstance(number, np.floating) else f"{number!s},"


def squash(name: str) -> str:
    """The squashing function, with tanh where it needs it."""
    function = f"static inline float lenet_squash(float a) {{\n    {SQUASHES[name]}\n}}\n\n"
    return function if name == "relu" else f"{c_file('tanh.h')}\n{function}"


def layer(step: Step, *, int8: bool) -> str:
    """What becomes of a layer's totals, and for S2 and S4 how four units become one."""
    sampling = step.name in ("s2", "s4")
    written = ""
    if not sampling or step.kind == "subsampling":
        texts = INT8_DONE if int8 else FLOAT_DONE
        done = (texts.get(step.name) or texts.get(step.kind) or texts[""]).format(step.name)
        unit = "float" if step.name == "f6" else "lenet_unit"
        head = f"static inline {unit} lenet_{step.name}_done(lenet_total total, int map)"
        written = f"{head} {{\n    return {done};\n}}\n\n"
    if sampling:
        body = SAMPLED[step.kind].format(step.name, AVERAGE[int8])
        head = f"static inline lenet_unit lenet_{step.name}("
        units = "lenet_unit a, lenet_unit b, lenet_unit c, lenet_unit d, int map"
        written += f"{head}{units}) {{\n    {body}\n}}\n\n"
    return written


def output(step: Step) -> str:
    """A digit's penalty: minus its score, or the squared distance of F6 to its code."""
    if step.kind == "codes":
        start = "0.0f"
        add = (
            f"const float off = {step.scale!r}f * f6[i] - lenet_output_codes[84 * digit + i];\n"
            "        total += off * off;"
        )
    else:
        start = "lenet_output_bias[digit]"
        add = "total += lenet_output_weight[84 * digit + i] * f6[i];"
    return f"""\
static inline float lenet_penalty(const float f6[84], int digit) {{
    float total = {start};
    int i;
    for (i = 0; i < 84; i++) {{
        {add}
    }}
    return total;
}}

"""
