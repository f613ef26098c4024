"""`lenet export header`: the network as one C99 header that needs nothing but <stdint.h>."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Any

from lenet.engine.select import best_engine
from lenet.export import c_source
from lenet.export.c_source import Array, float_arrays, int8_arrays
from lenet.export.folded import folded_steps, squash_of
from lenet.export.int8 import quantise_network
from lenet.export.parity import Parity, available_digits, calibration_subset, parity
from lenet.files import write_atomically
from lenet.network.summary import summarise
from lenet.network.weights import Weights

UNITS = 6 * 14 * 14 + 16 * 5 * 5 + 120  # S2, S4 and C5 are kept; C1 and C3 are made as needed
F6 = 84

NUMBERS = {
    False: "In single precision.",
    True: """In 8-bit integers: weights are int8, with a scale for each map or unit; S2, S4 and C5
   are bytes, which a table squashes. F6 and the output, 94 units, are floats.""",
}


@dataclass(frozen=True)
class Header:
    """One header and what it needs.

    constants, memory : bytes of constants, and of working memory
    digits, parity : the integer network against ours, computed in numpy on the set's test
        part; None in floating point, which is the network itself
    """

    text: str
    constants: int
    memory: int
    multiply_adds: int
    digits: str | None = None
    parity: Parity | None = None

    def document(self) -> dict[str, Any]:
        """As JSON, without the text."""
        needs = {"constants": self.constants, "memory": self.memory}
        needs |= {"multiply_adds": self.multiply_adds}
        compared = {"digits": self.digits} | asdict(self.parity) if self.parity else {}
        return needs | compared


def export_header(
    weights: Weights, file: Path, *, int8: bool = False, data_dir: Path | None = None
) -> Header:
    """Write the header.

    int8 : in integers, whose ranges are those of training digits: MNIST's where it lies in
        data_dir, else the embedded ones

    Raises
    ------
    LenetError
        if it cannot be written
    """
    made = int8_header(weights, data_dir) if int8 else float_header(weights)
    write_atomically(file, made.text.encode())
    return made


def float_header(weights: Weights) -> Header:
    """The network in single precision."""
    arrays = float_arrays(folded_steps(weights), weights.architecture)
    return header_of(weights, arrays, int8=False)


def int8_header(weights: Weights, data_dir: Path | None = None) -> Header:
    """The network in integers, compared with the network here on test digits."""
    known = available_digits(data_dir)
    network = quantise_network(weights, calibration_subset(known.train.images))
    arrays = int8_arrays(network.steps, weights.architecture)
    wanted = best_engine(weights).penalties(known.test.images)
    found = parity(network.penalties(known.test.images), wanted, known.test.labels)
    return header_of(weights, arrays, int8=True, digits=f"{known.name} test", parity=found)


def header_of(weights: Weights, arrays: list[Array], *, int8: bool, **compared: Any) -> Header:
    """The template with this network's constants and functions in it."""
    constants = sum(array.numbers.nbytes for array in arrays)
    memory = UNITS * (1 if int8 else 4) + 4 * F6
    multiply_adds = sum(layer.multiply_adds for layer in summarise(weights.architecture))
    weight, total, unit = ("int8_t", "int32_t", "uint8_t") if int8 else ("float",) * 3
    *layers, last = folded_steps(weights)
    byte = c_source.c_file("byte.h") + "\n" if int8 else ""
    text = Template(c_source.c_file("lenet.h.in")).substitute(
        numbers=NUMBERS[int8],
        constants=f"{constants:,}",
        memory=f"{memory:,}",
        multiply_adds=f"{multiply_adds:,}",
        network=" | ".join(f"{k} {v}" for k, v in weights.architecture.to_dict().items()),
        sha256=weights.card.get("weights_sha256", "not known"),
        version=version("lenet"),
        temperature=repr(weights.temperature),
        weight=weight,
        total=total,
        unit=unit,
        arrays="".join(f"{array}\n\n" for array in arrays),
        squash=c_source.squash(squash_of(weights)) + byte,
        layers="".join(c_source.layer(step, int8=int8) for step in layers),
        output=c_source.output(last),
    )
    return Header(text, constants, memory, multiply_adds, **compared)
