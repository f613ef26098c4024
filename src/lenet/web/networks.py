"""The shipped networks as scripts that a page loads one by one, from a server or from a disk.

A script and not a JSON file, because a page opened from the disk (file://) may load scripts but
may not fetch. Numbers travel in base64 of their bytes, little-endian, as they are stored.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from lenet.errors import InputError
from lenet.network.summary import summarise
from lenet.network.weights import Weights, load_weights, shipped_names

BASELINES = Path(__file__).parent / "baselines"  # networks that are no LeNet-5, for comparison
TYPES = {"float32": "<f4", "int8": "i1"}


def page_networks() -> list[dict[str, Any]]:
    """Every network the page offers: the shipped ones, 1998 first, and the baselines."""
    names = sorted(shipped_names(), key=lambda name: (name != "1998", name))
    lenets = [lenet_document(name, load_weights(name)) for name in names]
    return lenets + [_dense(folder) for folder in sorted(BASELINES.iterdir()) if folder.is_dir()]


def lenet_document(name: str, weights: Weights) -> dict[str, Any]:
    """A LeNet-5 or one of its variants, as the page loads it."""
    architecture = weights.architecture
    return {
        "name": name,
        "kind": "lenet5",
        "network": architecture.to_dict() | {"c3_inputs": architecture.c3_inputs},
        "parameters": sum(layer.parameters for layer in summarise(architecture)),
        "temperature": weights.temperature,
        "test_error_rate": weights.card.get("test_error_rate"),
        "tensors": _tensors(weights.tensors),
    }


def first_network(name: str = "1998") -> tuple[dict[str, Any], dict[str, Any]]:
    """A LeNet-5 for the first answer over a slow link, and what makes it the exact one.

    The first document is a network by itself, whose weights are rounded: `rounded` is true. The
    second has their other bits; biases and coefficients are exact from the start.
    """
    weights = load_weights(name)
    network = lenet_document(name, weights)
    tensors = {key: values for key, values in weights.tensors.items() if key.endswith(".weight")}
    halves = {key: _in_letters(values) for key, values in tensors.items()}
    coded = network["tensors"] | {key: first for key, (first, _) in halves.items()}
    rest = {key: bits for key, (_, bits) in halves.items()}
    return network | {"tensors": coded, "rounded": True}, {"name": name, "rest": rest}


def dense_tensors(folder: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The stored numbers of a fully connected network, and its card."""
    content = (folder / "weights.safetensors").read_bytes()
    card: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    if hashlib.sha256(content).hexdigest() != card["weights_sha256"]:
        raise InputError(f"{folder}: weights and card do not belong together; install lenet again")
    return load(content), card


def _dense(folder: Path) -> dict[str, Any]:
    tensors, card = dense_tensors(folder)
    kept = ("name", "network", "parameters", "temperature", "test_error_rate")
    return {key: card[key] for key in kept} | {"kind": "dense", "tensors": _tensors(tensors)}


def _tensors(tensors: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "shape": array.shape,
            "type": str(array.dtype),
            "base64": _base64(np.ascontiguousarray(array, TYPES[str(array.dtype)])),
        }
        for name, array in sorted(tensors.items())
    }


def _in_letters(values: NDArray[np.float32]) -> tuple[dict[str, Any], str]:
    """A tensor in two parts: one gives its numbers within 3 %, the other has their other bits.

    The first has a letter for sign and exponent ([ is zero), and four bits of the mantissa, two to
    a byte; the other, the 19 bits that are left, as three letters.
    """
    bits = np.ascontiguousarray(values, "<f4").view("<u4").ravel()
    exponents, high, low = bits >> 23 & 0xFF, bits >> 19 & 0xF, bits & 0x7FFFF
    least = exponents[exponents > 0].min() - 1
    signed = np.where(exponents > 0, 2 * (exponents - least) + (bits >> 31), 0)
    rest = np.stack([low // 81**2, low // 81 % 81, low % 81], axis=1)  # 81³ is just above 2¹⁹
    first = {"shape": values.shape, "least": int(least), "letters": _letters(signed, "[")}
    first["base64"] = _base64((high[::2] << 4 | high[1::2]).astype(np.uint8))
    return first, _letters(rest, "#")


def _letters(codes: NDArray[np.uint32], zero: str) -> str:
    return (codes.ravel() + ord(zero)).astype(np.uint8).tobytes().decode("ascii")


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()
