"""What each address answers, as plain documents: no HTTP here."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from lenet.engine.choice import fastest
from lenet.engine.limits import MOST_IMAGES
from lenet.errors import InputError
from lenet.network.confidence import classified, confidences
from lenet.network.plane import DIGIT_SIDE, ByteArray, to_planes
from lenet.network.weights import Weights
from lenet.preparation.image import load_image
from lenet.preparation.prepare import prepare
from lenet.reading.reader import Reader

SCHEMA = {"schema": 1}
MOST_AT_ONCE = min(10_000, MOST_IMAGES)  # digit images in one request
STAGES = ("C1", "S2", "C3", "S4", "C5", "F6", "output")
Document = dict[str, Any]


class Answers:
    """One network behind every address; safe to call from several threads.

    weights : a network's numbers and its card
    """

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.network = fastest(weights, threads=1)
        self.reader = Reader(weights)

    def read(self, files: Sequence[tuple[str, bytes]], *, images: bool = False) -> Document:
        """The `read` document; a file that cannot be read is reported, the others are still read.

        files : names and contents
        images : whether each digit's 28×28 is told as well, as base64 of 784 bytes, 255 full ink
        """
        return SCHEMA | {"files": [self._row(*file, images) for file in files]}

    def _row(self, name: str, content: bytes, images: bool) -> Document:
        try:
            reading = self.reader.read(content)
        except InputError as problem:
            told = str(problem)
            return {"file": name, "text": "", "error": told, "digits": [], "rejected": False}
        row = {"file": name} | reading.to_dict() | {"size": list(reading.size)}
        if images:
            for told_digit, digit in zip(row["digits"], reading.digits, strict=True):
                told_digit["image"] = base64.b64encode(digit.image.tobytes()).decode()
        return row

    def classify(self, document: Any) -> Document:
        """Values and confidences of JSON `images`, n × 28 × 28 bytes, light ink on 0."""
        images = _images(document)
        values, shares = classified(self.network.penalties(images), self.weights.temperature)
        return SCHEMA | {"values": values.tolist(), "confidences": shares.tolist()}

    def stages(self, image: ByteArray) -> Document:
        """Every stage of one digit image, uint8 (28, 28), as nested lists."""
        stages = self.network.stages(to_planes(image))
        shares = confidences(stages.output, self.weights.temperature)[0]
        return SCHEMA | {
            "value": int(stages.output[0].argmin()),
            "confidence": float(shares.max()),
            "image": image.tolist(),
            "stages": {name: stage[0].tolist() for name, stage in zip(STAGES, stages, strict=True)},
        }

    def stages_of_json(self, document: Any) -> Document:
        """Every stage of JSON `images` with one 28×28 image in it."""
        images = _images(document)
        if len(images) != 1:
            raise InputError(f"expected one image, got {len(images)}; send them one by one")
        return self.stages(images[0])

    def stages_of_file(self, content: bytes) -> Document:
        """Every stage of the one digit in an image file."""
        return self.stages(prepare(load_image(content)).image)


def _images(document: Any) -> ByteArray:
    """The images in a JSON document, uint8 (n, 28, 28), or an error that says what is wrong."""
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        raise InputError('expected a JSON object {"images": [[[0, …], …], …]}, n × 28 × 28')
    given = document["images"]
    if not 1 <= len(given) <= MOST_AT_ONCE:
        raise InputError(f"expected 1 … {MOST_AT_ONCE:,} images in one request, got {len(given):,}")
    try:
        array = np.array(given)
    except ValueError as problem:
        raise InputError("the images are not all 28 rows of 28 numbers") from problem
    if array.shape[1:] != (DIGIT_SIDE, DIGIT_SIDE):
        raise InputError(f"expected images of shape (n, 28, 28), got {array.shape}")
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 255:
        raise InputError("expected whole numbers from 0 (bare paper) to 255 (full ink)")
    return array.astype(np.uint8)
