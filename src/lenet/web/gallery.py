"""A gallery of test digits, chosen by what a network makes of them."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.network.confidence import probabilities
from lenet.network.plane import ByteArray, FloatArray

MISTAKES, PAIRS = 12, 5  # at most


def gallery_script(document: dict[str, Any]) -> bytes:
    """A gallery as the script that a page loads, from a server or from a disk."""
    return f"lenetGallery({json.dumps(document)});\n".encode()


def gallery_of(
    source: str,
    images: ByteArray,
    labels: NDArray[np.int64],
    penalties: FloatArray,
    temperature: float,
) -> dict[str, Any]:
    """One digit of each class that is read correctly, mistakes, and pairs that are confused.

    source : name of the data set;  penalties : (n, 10), of the network

    A pair is two classes that share most probability, each by the digit that looks most like the
    other; mistakes are the surest ones.
    """
    found = probabilities(penalties, temperature)
    values, sure = found.argmax(1), found.max(1)
    right = values == labels
    ordinary = [int(np.flatnonzero(right & (labels == digit))[0]) for digit in range(10)]
    wrong = np.flatnonzero(~right)
    mistakes = wrong[np.argsort(-sure[wrong], kind="stable")][:MISTAKES]
    shared = np.array([found[labels == digit].sum(0) for digit in range(10)])
    first, second = np.triu_indices(10, 1)
    most = np.argsort(-(shared + shared.T)[first, second], kind="stable")[:PAIRS]

    def entry(place: int) -> dict[str, Any]:
        image = base64.b64encode(images[place].tobytes()).decode()
        return {"label": int(labels[place]), "value": int(values[place]), "image": image}

    def likest(digit: int, other: int) -> dict[str, Any]:
        own = np.flatnonzero(labels == digit)
        return entry(int(own[found[own, other].argmax()]))

    return {
        "source": source,
        "count": len(labels),
        "errors": len(wrong),
        "ordinary": [entry(place) for place in ordinary],
        "mistakes": [entry(int(place)) for place in mistakes],
        "pairs": [
            digit
            for pair in most
            for one, other in [(int(first[pair]), int(second[pair]))]
            for digit in (likest(one, other), likest(other, one))
        ],
    }
