"""The interface, described for machines: OpenAPI 3.1. tests/serve hold it against what happens."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from lenet.serve.config import BODY_SECONDS, MOST_BYTES, MOST_DIGITS, MOST_FILES
from lenet.serve.schemas import SCHEMAS, reference

Part = dict[str, Any]
JSON, BYTES, FORM = "application/json", "application/octet-stream", "multipart/form-data"
MIB = MOST_BYTES // 2**20

WHY = {
    400: "Not a request that can be understood.",
    401: "A token is set and was not sent.",
    403: "Sent by another site's page (Origin is not this host).",
    408: f"The body took longer than {BODY_SECONDS:.0f} s.",
    413: f"The body is over {MIB} MiB, or JSON over what is parsed here. Nothing was decoded.",
    415: "The body is of a type, or an image of a format, that is not read.",
    421: "The Host header names nothing that this service answers for.",
    422: "The content cannot be used; the message says what came and what was expected.",
    500: "A mistake in the service.",
    503: "No room or no worker free: ask again after Retry-After seconds.",
    504: "A worker was still at it when the timeout ended.",
}
ALWAYS = (400, 401, 421)
WITH_BODY = (*ALWAYS, 403, 408, 413, 415, 422, 500, 503)
RETRY = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
BINARY: Part = {"schema": {}}  # OpenAPI 3.1: bytes have no schema


def describe() -> Part:
    """The whole document."""
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
        "paths": PATHS,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _in(kind: str, schema: str) -> Part:
    return {kind: {"schema": reference(schema)}}


def _answers(good: Part, refusals: tuple[int, ...], words: str) -> Part:
    told: Part = {"200": {"description": words, "content": good}}
    for status in sorted(refusals):
        answer: Part = {"description": WHY[status], "content": _in(JSON, "Error")}
        told[str(status)] = answer | ({"headers": RETRY} if status == 503 else {})
    return told


def _operation(name: str, words: str, good: Part, refusals: tuple[int, ...], **more: Any) -> Part:
    answers = _answers(good, refusals, words)
    return {"operationId": name, "summary": words} | more | {"responses": answers}


def _sent(words: str, *contents: Part) -> Part:
    content = {kind: part for given in contents for kind, part in given.items()}
    return {"required": True, "description": words, "content": content}


def _question(name: str, words: str, **schema: Any) -> Part:
    return {"name": name, "in": "query", "description": words, "schema": schema}


def _open(name: str, words: str, good: Part, *refusals: int) -> Part:
    """An address without a token."""
    told = _operation(name, words, good, (400, 421, *refusals), security=[{}])
    return {"get": told}


ONE = {"image/*": BINARY, BYTES: BINARY}
SEVERAL: Part = {
    FORM: {
        "schema": {
            "type": "object",
            "properties": {
                "image": {
                    "type": "array",
                    "items": {"type": "string", "contentMediaType": BYTES},
                    "minItems": 1,
                    "maxItems": MOST_FILES,
                }
            },
            "required": ["image"],
        }
    }
}
PATHS: Part = {
    "/v1/read": {
        "post": _operation(
            "read",
            "The numbers that images show.",
            _in(JSON, "Read"),
            (*WITH_BODY, 504),
            description="An image alone that cannot be read is a 422; in a form, the entry of a "
            "bad file says what is wrong and the others are still read.",
            parameters=[
                _question("images", "1: also the 28×28 that the network saw", type="string")
            ],
            requestBody=_sent(f"One image, or a form with up to {MOST_FILES}.", ONE, SEVERAL),
        )
    },
    "/v1/classify": {
        "post": _operation(
            "classify",
            "The digits that 28×28 images show.",
            _in(JSON, "Classified"),
            (*WITH_BODY, 504),
            requestBody=_sent(
                f"Up to {MOST_DIGITS:,} images: JSON, or n × 784 bytes row by row.",
                _in(JSON, "Images"),
                {BYTES: BINARY},
            ),
        )
    },
    "/v1/stages": {
        "get": _operation(
            "stages_of_address",
            "Every stage of a digit in the address, or of the known digit.",
            _in(JSON, "Stages"),
            (*ALWAYS, 422, 500),
            parameters=[
                _question(
                    "image",
                    "base64url of 784 bytes",
                    type="string",
                    pattern="^[A-Za-z0-9_-]{1046}(==)?$",
                )
            ],
        ),
        "post": _operation(
            "stages",
            "Every stage of one digit.",
            _in(JSON, "Stages"),
            (*WITH_BODY, 504),
            requestBody=_sent("A 28×28 image, or an image file.", _in(JSON, "Image"), ONE),
        ),
    },
    "/v1/train": {
        "post": _operation(
            "train",
            "The training of 1998 as server-sent events, one training at a time.",
            {"text/event-stream": {"schema": {"type": "string"}}},
            WITH_BODY,
            requestBody=_sent("What to learn from.", _in(JSON, "TrainRequest")),
        )
    },
    "/metrics": {
        "get": _operation(
            "metrics",
            "Counters for Prometheus.",
            {"text/plain": {"schema": {"type": "string"}}},
            ALWAYS,
        )
    },
    "/healthz": _open("live", "The process is alive.", _in(JSON, "Live")),
    "/readyz": _open("ready", "The service reads a known digit right.", _in(JSON, "Ready"), 503),
    "/openapi.json": _open("openapi", "This document.", {JSON: {"schema": {"type": "object"}}}),
    "/": _open("page", "The page.", {"text/html": {"schema": {"type": "string"}}}),
}
