"""Trains the page's fully connected baseline and stores it in 8 bits.

    LENET_DATA=... python benchmarks/page_fully_connected.py

As many parameters as LeNet-5, the same rule, rates, passes and loss: only the connections differ.
A weight is a whole number from -127 to 127 times its row's scale; the error on the card is that of
the stored numbers. Takes about half a minute on one core, and needs MNIST.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save

import lenet
from lenet.data.datasets import load_set
from lenet.evaluation.calibration import fit_temperature
from lenet.evaluation.score import compare
from lenet.experiments.methods.graph_networks import train_network
from lenet.network.connection_graph import PLACE_CODES
from lenet.training.run_folder import hardware, versions
from lenet.web.dense import penalties_of

NAME, SEED, PASSES = "28×28-75-10", 0, 20
FOLDER = Path(lenet.__file__).parent / "web" / "baselines" / "28x28-75-10"


def in_bytes(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of weights as int8, and what one step of each row is worth."""
    scale = (np.abs(weight).max(axis=1) / 127).astype(np.float32)
    return np.rint(weight / scale[:, None]).astype(np.int8), scale


def main() -> None:
    digits = load_set("mnist")
    network, rates = train_network(NAME, digits.train, SEED, PASSES)
    values = network.values
    tensors: dict[str, np.ndarray] = {}
    for name, block in network.graph.blocks.items():
        array = values[block.numbers]
        if name.endswith("weight"):
            tensors[name], tensors[f"{name}.scale"] = in_bytes(array)
        else:
            tensors[name] = array.astype(np.float32)
    assert np.array_equal(network.graph.codes, PLACE_CODES)
    held = digits.split("validation")
    score = compare(penalties_of(tensors, digits.test.images).argmin(1), digits.test.labels).score
    content = save({name: np.ascontiguousarray(array) for name, array in tensors.items()})
    card = {
        "name": NAME.replace("×", "x"),
        "network": {"layers": [784, 75, 10], "squash": "scaled tanh"},
        "parameters": network.graph.parameters,
        "stored": "int8 with a float32 scale for each row; biases float32",
        "recipe": "1998's rates and initialisation, eq. 8",
        "passes": PASSES,
        "seed": SEED,
        "dataset": "mnist",
        "data_sha256": digits.sha256,
        "temperature": fit_temperature(penalties_of(tensors, held.images), held.labels),
        "temperature_from": "validation digits, learnt too",
        "train_error_rate": rates[-1],
        "test_error_rate": score.error_rate,
        "test_n": score.total,
        "hardware": hardware(),
        "versions": versions(),
        "weights_sha256": hashlib.sha256(content).hexdigest(),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "weights.safetensors").write_bytes(content)
    text = json.dumps(card, indent=2, ensure_ascii=False)
    (FOLDER / "card.json").write_text(f"{text}\n", encoding="utf-8")
    print(f"{FOLDER}: {len(content):,} bytes, {score}")


if __name__ == "__main__":
    main()
