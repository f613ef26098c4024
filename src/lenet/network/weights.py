"""Weights and their card, read and written without torch: safetensors, never pickle."""

from __future__ import annotations

import hashlib
import json
import math
import os
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lenet.errors import InputError
from lenet.files import read_limited, write_atomically, write_json
from lenet.network.architecture import Architecture
from lenet.network.plane import FloatArray
from lenet.network.rbf_codes import digit_codes
from lenet.network.settings import TEMPERATURE

SHIPPED = Path(__file__).parent / "shipped"
TENSORS, CARD = "weights.safetensors", "card.json"
HUB_TENSORS, HUB_CARD = "model.safetensors", "config.json"  # as Hugging Face names them
CARDS = {TENSORS: CARD, HUB_TENSORS: HUB_CARD}
MAX_WEIGHTS = 2**24  # bytes; LeNet-5 has 240 kB
Initialisation = Literal["paper", "lush"]


@dataclass(frozen=True, repr=False)
class Weights:
    """The numbers of one trained network and the card with their provenance.

    tensors : float32 arrays under their published names (`expected_shapes`)
    card : recipe, seed, data hash, scores, versions; empty for a file that came without one
    """

    tensors: dict[str, FloatArray]
    card: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Weights({self.architecture}, {len(self.tensors)} tensors)"

    @property
    def architecture(self) -> Architecture:
        """The network these weights belong to; the published one unless the card names another."""
        return Architecture.from_dict(self.card.get("network", {}))

    @property
    def temperature(self) -> float:
        return float(self.card.get("temperature", 1.0))


def expected_shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of this network."""
    shapes: dict[str, tuple[int, ...]] = {
        "c1.weight": (6, 1, 5, 5),
        "c1.bias": (6,),
        "c3.weight": (16, 6, 5, 5),  # zeros where the table has no connection
        "c3.bias": (16,),
        "c5.weight": (120, 16, 5, 5),
        "c5.bias": (120,),
        "f6.weight": (84, 120),
        "f6.bias": (84,),
    }
    if architecture.subsampling == "trainable":
        shapes |= {"s2.coefficient": (6,), "s2.bias": (6,)}
        shapes |= {"s4.coefficient": (16,), "s4.bias": (16,)}
    if architecture.head == "rbf":
        return shapes | {"output.codes": (10, 84)}
    return shapes | {"output.weight": (10, 84), "output.bias": (10,)}


def initial_tensors(
    architecture: Architecture,
    rule: Initialisation,
    generator: np.random.Generator,
    coefficient: float | None = None,
) -> dict[str, FloatArray]:
    """Fresh weights under their published names; biases start at 0 (the paper gives no value).

    Parameters
    ----------
    rule : "paper" is uniform ±2.4/F, *linear* in the fan-in F, sub-sampling coefficients included;
        "lush" is uniform ±1/√F with every coefficient at 0.5 = 1/√4, as the authors' code does.
        F counts inputs without the bias: C1 25, S 4, C3 75/100/150, C5 400, F6 120.
    coefficient : if given, the initial value of every sub-sampling coefficient
    """

    def draw(shape: tuple[int, ...], fan_in: int) -> FloatArray:
        limit = 2.4 / fan_in if rule == "paper" else 1 / math.sqrt(fan_in)
        return generator.uniform(-limit, limit, shape).astype(np.float32)

    shapes = expected_shapes(architecture)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    for name, tensor in tensors.items():
        if name.endswith("codes"):
            tensor[:] = digit_codes()
        elif name.endswith("coefficient"):
            if coefficient is not None:
                tensor[:] = coefficient
            else:
                tensor[:] = draw(tensor.shape, 4) if rule == "paper" else 0.5
        elif name == "c3.weight":
            for kernels, sources in zip(tensor, architecture.c3_inputs, strict=True):
                kernels[list(sources)] = draw((len(sources), 5, 5), 25 * len(sources))
        elif name.endswith("weight"):
            tensor[:] = draw(tensor.shape, tensor[0].size)
    return tensors


def shipped_names() -> list[str]:
    """Names of the weights that come with the package."""
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{TENSORS}"))


def load_weights(name: str | Path) -> Weights:
    """Weights by shipped name, or from a safetensors file, or from a folder with one.

    A folder is a run's, or what `lenet export hub` wrote. The card beside the file is read if there
    is one, and its hash checked.

    Raises
    ------
    InputError
        names the file, what is wrong with it, and what to do.
    """
    file = _find(name)
    card_file = file.with_name(CARDS.get(file.name, CARD))
    card = _read_card(card_file)
    try:
        content = read_limited(file, MAX_WEIGHTS)
        tensors = load(content)
    except (OSError, SafetensorError, KeyError, TypeError) as problem:
        raise InputError(f"{file}: not a readable safetensors file ({problem})") from problem
    if card is not None and card.get("weights_sha256") != hashlib.sha256(content).hexdigest():
        raise InputError(
            f"{file}: these are not the weights that {card_file.name} beside it describes "
            f"(SHA-256 differs); restore both from one run"
        )
    weights = Weights(tensors, card or {})
    _check(file, weights)
    return weights


def save_weights(
    folder: Path, tensors: Mapping[str, FloatArray], card: dict[str, Any], file: str = TENSORS
) -> str:
    """Write weights, under a name of `CARDS`, and card into a folder.

    Returns
    -------
    The SHA-256 of the weights file, which the card holds, too.
    """
    content = save({name: np.ascontiguousarray(array) for name, array in tensors.items()})
    digest = hashlib.sha256(content).hexdigest()
    write_atomically(folder / file, content)
    write_json(folder / CARDS[file], card | {"weights_sha256": digest})
    return digest


def _find(name: str | Path) -> Path:
    if not isinstance(name, (str, os.PathLike)):
        raise InputError(
            f"expected weights: a shipped name ({', '.join(shipped_names())}), a safetensors file "
            f"or a run folder; got {type(name).__name__}"
        )
    if str(name) in shipped_names():
        return SHIPPED / str(name) / TENSORS
    path = Path(name)
    named = (path / name for name in CARDS)
    file = next((file for file in named if file.is_file()), path)
    if not file.is_file():
        raise InputError(
            f"{name}: no such weights; expected a safetensors file, a run folder, "
            f"or a shipped name ({', '.join(shipped_names()) or 'none'})"
        )
    return file


def _read_card(file: Path) -> dict[str, Any] | None:
    if not file.exists():
        return None
    try:
        card = json.loads(read_limited(file))
    except (OSError, ValueError, RecursionError) as problem:
        raise InputError(f"{file}: not a readable card ({problem})") from problem
    if not isinstance(card, dict) or not isinstance(card.get("network", {}), dict):
        raise InputError(f"{file}: expected a JSON object with the network's options")
    temperature = card.get("temperature", 1.0)
    if type(temperature) not in (int, float) or not TEMPERATURE.holds(temperature):
        raise InputError(
            f"{file}: the temperature must be {TEMPERATURE.words}, got {reprlib.repr(temperature)}"
        )
    return card


def _check(file: Path, weights: Weights) -> None:
    """Refuse tensors, connections or codes that are not this network's."""
    expected = expected_shapes(weights.architecture)
    if set(weights.tensors) != set(expected):
        raise InputError(
            f"{file}: expected the tensors {', '.join(sorted(expected))}; "
            f"got {', '.join(sorted(weights.tensors))}"
        )
    for name, shape in expected.items():
        tensor = weights.tensors[name]
        if tensor.shape != shape or tensor.dtype != np.float32:
            raise InputError(
                f"{file}: {name} must be float32 {shape}, got {tensor.dtype} {tensor.shape}"
            )
        if not np.isfinite(tensor).all():
            raise InputError(f"{file}: {name} holds numbers that are not finite")
    for kernels, sources in zip(
        weights.tensors["c3.weight"], weights.architecture.c3_inputs, strict=True
    ):
        if np.delete(kernels, sources, axis=0).any():
            raise InputError(f"{file}: c3.weight connects maps that Table I does not")
    codes = weights.tensors.get("output.codes")
    if codes is not None and not np.array_equal(codes, digit_codes()):
        raise InputError(f"{file}: output.codes are not the ten digits of Fig. 3")
