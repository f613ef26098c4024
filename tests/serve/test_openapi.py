"""/openapi.json is valid, complete and true: what is answered is what it says."""

from __future__ import annotations

import pytest
import requests
from jsonschema import Draft202012Validator
from serve_cases import PHOTO

from lenet.serve import documents
from lenet.serve.app import Service
from lenet.serve.config import ServiceConfig
from lenet.serve.openapi import describe

DOCUMENT = describe()
IMAGES = {"images": [documents.KNOWN.tolist()]}
PLAIN = {"content-type": "application/octet-stream"}


def resolve(part: dict) -> dict:
    """A schema that stands alone: its references lead into the document."""
    return part | {"components": DOCUMENT["components"]}


def every_schema(part: object):
    if isinstance(part, dict):
        for name, inside in part.items():
            if name == "schema" and isinstance(inside, dict) and "type" not in part:
                yield inside
            yield from every_schema(inside)
    elif isinstance(part, list):
        for inside in part:
            yield from every_schema(inside)


def test_the_schemas_are_schemas_and_the_references_lead_somewhere():
    for schema in (*DOCUMENT["components"]["schemas"].values(), *every_schema(DOCUMENT["paths"])):
        Draft202012Validator.check_schema(schema)
        assert list(Draft202012Validator(resolve(schema)).iter_errors(object())) is not None


def test_every_address_is_described_and_no_other():
    routes = Service(ServiceConfig())._routes()
    there = {(route.path, method.lower()) for route in routes for method in route.methods}
    told = {(path, method) for path, part in DOCUMENT["paths"].items() for method in part}
    assert told == {(path, method) for path, method in there if method != "head"}


@pytest.mark.parametrize(
    ("method", "path", "request_", "status"),
    [
        ("post", "/v1/read", {"data": PHOTO}, 200),
        ("post", "/v1/read", {"data": PHOTO, "params": {"images": "1"}}, 200),
        ("post", "/v1/read", {"files": [("a", PHOTO), ("b", b"none")]}, 200),
        ("post", "/v1/read", {"data": b""}, 422),
        ("post", "/v1/read", {"data": b"text"}, 415),
        ("post", "/v1/read", {"data": PHOTO, "headers": {"origin": "http://other"}}, 403),
        ("post", "/v1/classify", {"json": IMAGES}, 200),
        ("post", "/v1/classify", {"data": bytes(784 * 500), "headers": PLAIN}, 200),
        ("post", "/v1/classify", {"json": {}}, 422),
        ("get", "/metrics", {"headers": {"host": "other"}}, 421),
        ("post", "/v1/stages", {"json": IMAGES}, 200),
        ("post", "/v1/stages", {"data": PHOTO}, 200),
        ("post", "/v1/train", {"json": {"seed": "x"}}, 422),
        ("get", "/healthz", {}, 200),
        ("get", "/readyz", {}, 200),
        ("get", "/openapi.json", {}, 200),
        ("get", "/metrics", {}, 200),
        ("get", "/", {}, 200),
    ],
)
def test_answers_are_as_described(server, method, path, request_, status):
    answer = requests.request(method, server.address.rstrip("/") + path, timeout=60, **request_)
    assert answer.status_code == status
    described = DOCUMENT["paths"][path][method]["responses"][str(status)]
    kind = answer.headers["content-type"].partition(";")[0]
    schema = described["content"][kind]["schema"]
    body = answer.json() if kind == "application/json" else answer.text
    Draft202012Validator(resolve(schema)).validate(body)


def test_the_document_served_is_this_one(server):
    assert server.get("openapi.json").json() == DOCUMENT


def test_the_schema_refuses_what_the_service_does():
    """So that a mistake in the schema cannot make the tests above pass."""
    schema = Draft202012Validator(resolve(DOCUMENT["components"]["schemas"]["Classified"]))
    assert not list(schema.iter_errors({"schema": 1, "values": [3], "confidences": [0.5]}))
    for wrong in ({"schema": 1, "values": [3]}, {"schema": 1, "values": [10], "confidences": []}):
        assert list(schema.iter_errors(wrong))
