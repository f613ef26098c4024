"""The documents of the interface as JSON Schema 2020-12, for `/openapi.json`."""

from __future__ import annotations

from typing import Any

from lenet.serve.config import MOST_DIGITS

Schema = dict[str, Any]


def record(description: str, properties: dict[str, Schema], *optional: str) -> Schema:
    """An object; all of its properties are always there, but for the optional ones."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def several(items: Schema, description: str = "", **limits: int) -> Schema:
    told = {"description": description} if description else {}
    return {"type": "array", "items": items} | told | limits


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _exactly(count: int, items: Schema, description: str = "") -> Schema:
    return several(items, description, minItems=count, maxItems=count)


TEXT: Schema = {"type": "string"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
VALUE: Schema = {"type": "integer", "minimum": 0, "maximum": 9}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBERS: Schema = {"type": "array", "description": "numbers, nested as the stage has axes"}
BOX = _exactly(4, COUNT, "top, left, bottom, right in pixels; bottom and right excluded")
INK: Schema = {"type": "integer", "minimum": 0, "maximum": 255}
IMAGE = _exactly(28, _exactly(28, INK), "28 rows of 28: 0 bare paper, 255 full ink")
SCHEMA: Schema = {"type": "integer", "const": 1, "description": "version of this document"}

DIGIT = record(
    "one digit that was read",
    {
        "value": VALUE,
        "confidence": SHARE,
        "box": BOX,
        "alternatives": several(
            {"type": "array", "prefixItems": [VALUE, SHARE], "items": False, "minItems": 2},
            "other values with their share, the likeliest first",
        ),
        "image": TEXT | {"description": "base64 of the 784 bytes seen; asked for with images=1"},
    },
    "image",
)
LINE = record("one number", {"text": TEXT, "confidence": SHARE, "box": BOX, "row": COUNT})
FILE = record(
    "one image",
    {
        "file": TEXT | {"description": "the name it came with; body where it came alone"},
        "text": TEXT | {"description": "the number; empty where none was found"},
        "error": {"type": ["string", "null"], "description": "why it could not be read"},
        "digits": several(reference("Digit")),
        "rejected": {"type": "boolean"},
        "confidence": SHARE,
        "lines": several(reference("Line")),
        "size": _exactly(2, COUNT, "height, width in pixels; absent with an error"),
    },
    "size",
)
STAGES = record(
    "every stage of Fig. 2",
    dict.fromkeys(("C1", "S2", "C3", "S4", "C5", "F6", "output"), NUMBERS),
)
SCHEMAS: dict[str, Schema] = {
    "Digit": DIGIT,
    "Line": LINE,
    "File": FILE,
    "Read": record("what images show", {"schema": SCHEMA, "files": several(reference("File"))}),
    "Images": {
        "type": "object",
        "properties": {"images": several(IMAGE, minItems=1, maxItems=MOST_DIGITS)},
        "required": ["images"],
    },
    "Image": {
        "type": "object",
        "properties": {"images": _exactly(1, IMAGE)},
        "required": ["images"],
    },
    "Classified": record(
        "an answer for each image, in their order",
        {"schema": SCHEMA, "values": several(VALUE), "confidences": several(SHARE)},
    ),
    "Stages": record(
        "one digit's way through the network",
        {
            "schema": SCHEMA,
            "value": VALUE,
            "confidence": SHARE,
            "image": IMAGE,
            "stages": STAGES,
        },
    ),
    "TrainRequest": {
        "type": "object",
        "properties": {
            "data": {"type": "string", "enum": ["auto", "mnist", "digits"], "default": "auto"},
            "seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1, "default": 0},
        },
        "additionalProperties": False,
    },
    "Live": record("the process answers", {"status": {"type": "string", "const": "ok"}}),
    "Ready": record(
        "the service reads", {"status": {"type": "string", "const": "ready"}, "workers": COUNT}
    ),
    "Error": record("why not", {"error": record("", {"code": TEXT, "message": TEXT})}),
}
