"""The OpenAPI 3.1 description, its schemas generated from pydantic models of the documents."""

from __future__ import annotations

import functools
from importlib.metadata import version
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from lenet.serve.config import BODY_SECONDS, MAX_BYTES, MAX_DIGITS, MAX_FILES
from lenet.serve.documents import Image, Images, OneImage
from lenet.serve.request_body import BYTES, FORM, JSON
from lenet.serve.train_stream import TrainRequest

Part = dict[str, Any]
Probability = Annotated[float, Field(ge=0, le=1)]
Value = Annotated[int, Field(ge=0, le=9)]
Count = Annotated[int, Field(ge=0)]
Box = Annotated[
    tuple[Count, Count, Count, Count],
    Field(description="top, left, bottom, right in pixels; bottom and right excluded"),
]


class _Response(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Versioned(_Response):
    version: Literal[1] = Field(alias="schema", description="version of this document")


class Digit(_Response):
    """One digit that was read."""

    value: Value
    confidence: Probability
    box: Box
    alternatives: Annotated[
        list[tuple[Value, Probability]], Field(description="other values, the most probable first")
    ]
    no_digit: Annotated[Probability, Field(description="that it is a letter or the like")]
    image: str = Field("", description="base64 of the network's 784 input bytes, with images=1")


class Sign(_Response):
    """One separator or sign of a number."""

    sign: Literal[".", ",", "-", "/", ":"]
    confidence: Probability
    box: Box


class Line(_Response):
    """One number."""

    text: str = Field(description="the number as written, with its separators and signs")
    confidence: Probability
    box: Box
    row: Count
    signs: list[Sign]


class Cell(_Response):
    """One cell of a table; its text is empty where nothing is written."""

    text: str
    confidence: Probability
    box: Box


class Table(_Response):
    """One grid of numbers."""

    box: Box
    rows: Count
    columns: Count
    cells: list[list[Cell]]


class File(_Response):
    """One image."""

    file: str = Field(description="the file's name; body for an image sent alone")
    text: str = Field(description="the number; empty if none was found")
    error: str | None = Field(description="why it could not be read")
    digits: list[Digit]
    rejected: bool
    confidence: Probability
    lines: list[Line]
    tables: list[Table]
    size: tuple[Count, Count] = Field((0, 0), description="height, width; absent with an error")


class Read(_Versioned):
    """The numbers in images."""

    files: list[File]


class Classified(_Versioned):
    """One result per image, in their order."""

    values: list[Value]
    confidences: list[Probability]


class StageValues(_Response):
    """Every stage of Fig. 2, as nested lists."""

    C1: list[Any]
    S2: list[Any]
    C3: list[Any]
    S4: list[Any]
    C5: list[Any]
    F6: list[Any]
    output: list[Any]


class Stages(_Versioned):
    """One digit in the network."""

    value: Value
    confidence: Probability
    image: Image
    stages: StageValues


class Live(_Response):
    """The process responds."""

    status: Literal["ok"]


class Ready(_Response):
    """The service can read."""

    status: Literal["ready"]
    workers: Count


class ErrorDetail(_Response):
    """A machine-readable code, and a message for people."""

    code: str
    message: str


class Error(_Response):
    """Why a request failed."""

    error: ErrorDetail


MODELS = (Read, Classified, Stages, Live, Ready, Error, Images, OneImage, TrainRequest)
ERRORS = {
    400: "Malformed request.",
    401: "The bearer token is missing or wrong.",
    403: "Sent by another site's page (Origin is not this host).",
    408: f"The body took longer than {BODY_SECONDS:.0f} s.",
    413: f"The body is over {MAX_BYTES // 2**20} MiB, or the JSON too large for this address.",
    415: "Unsupported body type or image format.",
    421: "The Host header does not name this service.",
    422: "Invalid content; the message says what came and what was expected.",
    424: "A data set is missing; the message says how to fetch it.",
    500: "Internal error.",
    503: "Queue full or no worker free: retry after Retry-After seconds.",
    504: "A worker did not finish within the timeout.",
}
OPEN = (400, 421)
TOKEN = (*OPEN, 401)
POST = (*TOKEN, 403, 408, 413, 415, 422, 500, 503)
WORK = (*POST, 504)
TRAIN = (*POST, 424)
RETRY = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
BINARY: Part = {BYTES: {"schema": {}}}  # OpenAPI 3.1: bytes have no schema
IMAGE_FILE: Part = {"image/*": {"schema": {}}} | BINARY
FILES: Part = {"type": "array", "minItems": 1, "maxItems": MAX_FILES}
FILES["items"] = {"type": "string", "contentMediaType": BYTES}
IMAGE_FORM: Part = {
    FORM: {"schema": {"type": "object", "properties": {"image": FILES}, "required": ["image"]}}
}

IMAGES_QUERY: Part = {
    "name": "images",
    "in": "query",
    "description": "1: also return the 28×28 inputs of the network",
    "schema": {"type": "string"},
}


def _content(kind: type[BaseModel] | str) -> Part:
    """A body: a model as JSON, any JSON, or text of a media type."""
    if isinstance(kind, str):
        return {kind: {"schema": {"type": "object" if kind == JSON else "string"}}}
    return {JSON: {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


def _operation(
    name: str,
    summary: str,
    response: type[BaseModel] | str,
    errors: tuple[int, ...],
    body: Part | None = None,
) -> Part:
    """One operation: its response, its errors and its request body."""
    responses: Part = {"200": {"description": summary, "content": _content(response)}}
    for status in sorted(errors):
        responses[str(status)] = {"description": ERRORS[status], "content": _content(Error)}
    if 503 in errors:
        responses["503"]["headers"] = RETRY
    operation: Part = {"operationId": name, "summary": summary, "responses": responses}
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    return operation | ({} if 401 in errors else {"security": [{}]})


def _paths() -> Part:
    images = f"The digits in up to {MAX_DIGITS:,} images of 28×28; as bytes, n × 784 row by row."
    events = "A training of 1998 as server-sent events, one training at a time."
    many, one = _content(Images) | BINARY, _content(OneImage) | IMAGE_FILE
    operations = (
        ("post /v1/read", "read", "The numbers in images.", Read, WORK, IMAGE_FILE | IMAGE_FORM),
        ("post /v1/classify", "classify", images, Classified, WORK, many),
        ("post /v1/stages", "stages", "Every stage of one digit.", Stages, WORK, one),
        ("post /v1/train", "train", events, "text/event-stream", TRAIN, _content(TrainRequest)),
        ("get /metrics", "metrics", "Prometheus metrics.", "text/plain", TOKEN),
        ("get /healthz", "live", "The process is alive.", Live, OPEN),
        ("get /readyz", "ready", "The known digit is read correctly.", Ready, (*OPEN, 503)),
        ("get /openapi.json", "openapi", "This document.", JSON, OPEN),
        ("get /", "page", "The web page.", "text/html", OPEN),
    )
    paths: Part = {}
    for address, *about in operations:
        method, path = address.split()
        paths.setdefault(path, {})[method] = _operation(*about)
    paths["/v1/read"]["post"] |= {
        "parameters": [IMAGES_QUERY],
        "description": f"One image, or a form with up to {MAX_FILES}. An unreadable single image "
        "is a 422; in a form it becomes an entry with an error.",
    }
    return paths


@functools.cache  # any page may ask for it
def describe() -> Part:
    """The OpenAPI document."""
    _, schemas = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "lenet",
            "version": version("lenet"),
            "description": "Reads handwritten digits with the LeNet-5 of 1998.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
