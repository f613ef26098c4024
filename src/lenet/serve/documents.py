"""The documents of the API, without HTTP: digit images in, results out; and a known digit."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, FailFast, Field, ValidationError

from lenet.engine.native_engine import NativeEngine
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import InputError
from lenet.network.confidence import Classified, classify_penalties, probabilities
from lenet.network.plane import DIGIT_SIDE, ByteArray, to_planes
from lenet.preprocessing.image import IMAGE_KINDS, STARTS, Planes
from lenet.reading.reader import Reader
from lenet.serve.config import MAX_DIGITS

PIXELS = DIGIT_SIDE**2
SCHEMA = {"schema": 1}
STAGES = ("C1", "S2", "C3", "S4", "C5", "F6", "output")
Document = dict[str, Any]
Network = NativeEngine | NumpyEngine
Row = TypeVar("Row")
# FailFast: the first error is reported; one for every pixel would take seconds.
Side = Annotated[list[Row], Field(min_length=DIGIT_SIDE, max_length=DIGIT_SIDE), FailFast()]
Byte = Annotated[int, Field(ge=0, le=255, strict=True)]
Image = Annotated[Side[Side[Byte]], Field(description="28 rows of 28: 0 paper, 255 full ink")]


class Body(BaseModel):
    """A JSON body; `expected` completes its error messages."""

    expected: ClassVar[str]


class Images(Body):
    """Digit images."""

    expected = "images as n × 28 × 28 whole numbers from 0 to 255"
    images: Annotated[list[Image], Field(min_length=1, max_length=MAX_DIGITS), FailFast()]


class OneImage(Images):
    """One digit image."""

    images: Annotated[list[Image], Field(min_length=1, max_length=1), FailFast()]


Parsed = TypeVar("Parsed", bound=Body)


def parse(kind: type[Parsed], body: bytes) -> Parsed:
    """Parse and check a JSON body; InputError names the fault and what was expected."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as problem:
        first, *_ = problem.errors(include_url=False, include_input=False)
        if first["type"] == "json_invalid":
            raise InputError(f"the body is not JSON ({first['msg']})") from problem
        name, *indices = first["loc"] or ("the body",)
        where = f"{name}" + "".join(f"[{index}]" for index in indices)
        raise InputError(f"{where}: {first['msg']}; expected {kind.expected}") from problem


def from_json(body: bytes, kind: type[Images] = Images) -> ByteArray:
    """The images of a JSON body, uint8 (n, 28, 28)."""
    return np.array(parse(kind, body).images, np.uint8)


def from_bytes(body: bytes) -> ByteArray:
    """The images of a plain body, n × 784 bytes row by row; uint8 (n, 28, 28)."""
    count, rest = divmod(len(body), PIXELS)
    if rest:
        raise InputError(f"expected n × {PIXELS} bytes, 28 × 28 per image, got {len(body):,}")
    if not 1 <= count <= MAX_DIGITS:
        raise InputError(f"expected 1 … {MAX_DIGITS:,} images in one request, got {count:,}")
    images: ByteArray = np.frombuffer(body, np.uint8).reshape(-1, DIGIT_SIDE, DIGIT_SIDE)
    return images


def classify(network: Network, images: ByteArray) -> Classified:
    """Values and confidences of digit images, uint8 (n, 28, 28)."""
    return classify_penalties(network.penalties(images), network.weights.temperature)


def classify_document(values: NDArray[np.int64], confidences: NDArray[np.float64]) -> Document:
    """The response of /v1/classify."""
    return SCHEMA | {"values": values.tolist(), "confidences": confidences.tolist()}


def stages_document(network: Network, image: ByteArray) -> Document:
    """Every stage of one digit image, uint8 (28, 28), as nested lists."""
    stages = network.stages(to_planes(image))
    confidence = probabilities(stages.output, network.weights.temperature).max()
    return SCHEMA | {
        "value": int(stages.output[0].argmin()),
        "confidence": float(confidence),
        "image": image.tolist(),
        "stages": {name: stage[0].tolist() for name, stage in zip(STAGES, stages, strict=True)},
    }


def read_document(reader: Reader, planes: Planes, images: bool = False) -> Document:
    """The response of /v1/read to one image."""
    return SCHEMA | {"files": [entry("body", reader, planes, images)]}


def form_document(entries: Sequence[bytes]) -> bytes:
    """The response of /v1/read to a form, of its files' entries."""
    return b'{"schema": 1, "files": [' + b", ".join(entries) + b"]}"


def checked(content: bytes) -> bytes:
    """A file of a form, if it is an image; InputError names what is expected."""
    if not content.startswith(STARTS):
        raise InputError(f"not an image that can be read, expected {IMAGE_KINDS}")
    return content


def entry(name: str, reader: Reader, planes: Planes, images: bool = False) -> Document:
    """What an image shows.

    images : whether to add each digit's 28×28 as base64 of 784 bytes, 255 full ink
    """
    reading = reader.read_planes(planes)
    fields = {"file": name} | reading.to_dict() | {"size": list(reading.size)}
    if images:
        for found, digit in zip(fields["digits"], reading.digits, strict=True):
            found["image"] = base64.b64encode(digit.image.tobytes()).decode()
    return fields


# What examples/3-photo.jpg shows, prepared: the digit that a ready service reads right.
KNOWN_VALUE = 3
KNOWN: ByteArray = from_bytes(
    zlib.decompress(
        base64.b85decode(
            "c-muN7@UBo`r*F=TG(W`G9LfGwEF*lGc0mD|6g}!WH9`H35%Rx7#oOM{2#Zahri*JQvSaZmlWgX|EAbwq@#BIp"
            "M+IL?8N{7|J#_b%6b0(f6EG&WuBY=|KG=fOO`9+e>ZOLP5y^dBZJ$2HJox$|0QrqF<&`~AtuZSq1*qfW5|8D>I"
            "al%to$E_X_i#`?@PJ<+y19vwMn@9?f(--G*5Q`7_B;="
        )
    )
)[0]
