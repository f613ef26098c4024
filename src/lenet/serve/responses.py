"""What each address answers, as plain documents: no HTTP here."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import NativeEngine
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import InputError
from lenet.network.confidence import Classified, classify_penalties, probabilities
from lenet.network.plane import ByteArray, to_planes
from lenet.reading.reader import Reader

SCHEMA = {"schema": 1}
STAGES = ("C1", "S2", "C3", "S4", "C5", "F6", "output")
Document = dict[str, Any]
Network = NativeEngine | NumpyEngine


def classify(network: Network, images: ByteArray) -> Classified:
    """Values and confidences of digit images, uint8 (n, 28, 28)."""
    return classify_penalties(network.penalties(images), network.weights.temperature)


def classify_document(values: NDArray[np.int64], shares: NDArray[np.float64]) -> Document:
    return SCHEMA | {"values": values.tolist(), "confidences": shares.tolist()}


def stages_document(network: Network, image: ByteArray) -> Document:
    """Every stage of one digit image, uint8 (28, 28), as nested lists."""
    stages = network.stages(to_planes(image))
    shares = probabilities(stages.output, network.weights.temperature)[0]
    return SCHEMA | {
        "value": int(stages.output[0].argmin()),
        "confidence": float(shares.max()),
        "image": image.tolist(),
        "stages": {name: stage[0].tolist() for name, stage in zip(STAGES, stages, strict=True)},
    }


def read_document(
    reader: Reader, files: Sequence[tuple[str, bytes]], *, images: bool = False
) -> Document:
    """The `read` document; a file that cannot be read is reported, the others are still read.

    files : names and contents
    images : whether each digit's 28×28 is told as well, as base64 of 784 bytes, 255 full ink
    """
    return SCHEMA | {"files": [_row(reader, *file, images) for file in files]}


def read_one_document(reader: Reader, content: bytes, *, images: bool = False) -> Document:
    """The same for one image that came alone; InputError if it cannot be read."""
    return SCHEMA | {"files": [{"file": "body"} | _told(reader, content, images)]}


def _row(reader: Reader, name: str, content: bytes, images: bool) -> Document:
    try:
        return {"file": name} | _told(reader, content, images)
    except InputError as problem:
        nothing: Document = {"text": "", "error": str(problem), "digits": [], "rejected": False}
        return {"file": name} | nothing | {"confidence": 0.0, "lines": []}


def _told(reader: Reader, content: bytes, images: bool) -> Document:
    reading = reader.read(content)
    row = reading.to_dict() | {"size": list(reading.size)}
    if images:
        for told, digit in zip(row["digits"], reading.digits, strict=True):
            told["image"] = base64.b64encode(digit.image.tobytes()).decode()
    return row
