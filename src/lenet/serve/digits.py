"""Digit images as clients send them, JSON or plain bytes, checked; and a digit that is known."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

import numpy as np

from lenet.errors import InputError
from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.serve.config import MOST_DIGITS

PIXELS = DIGIT_SIDE**2
SHAPE = 'expected a JSON object {"images": [[[0, …], …], …]}, n × 28 × 28'


def from_json(body: bytes) -> ByteArray:
    """The images of a JSON body, uint8 (n, 28, 28), or an error that says what is wrong in it."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise InputError(f"the body is not JSON ({problem})") from problem
    given = document.get("images") if isinstance(document, dict) else None
    if not isinstance(given, list):
        raise InputError(SHAPE)
    _check_count(len(given))
    if all(map(_is_square, given)):
        try:  # bytes() takes whole numbers from 0 to 255 only, and is faster than numpy
            rows = b"".join(bytes(row) for image in given for row in image)
            return from_bytes(rows)
        except (TypeError, ValueError):
            pass
    raise InputError(_what_is_wrong(given))


def from_bytes(body: bytes) -> ByteArray:
    """The images of a plain body, n × 784 bytes row by row; uint8 (n, 28, 28)."""
    if len(body) % PIXELS:
        raise InputError(f"expected n × {PIXELS} bytes, 28 × 28 for an image, got {len(body):,}")
    _check_count(len(body) // PIXELS)
    images: ByteArray = np.frombuffer(body, np.uint8).reshape(-1, DIGIT_SIDE, DIGIT_SIDE)
    return images


def from_query(text: str) -> ByteArray:
    """The image in an address, base64url of 784 bytes; uint8 (28, 28)."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError) as problem:
        raise InputError("image must be base64url of 784 bytes") from problem
    if len(content) != PIXELS:
        raise InputError(f"image must be base64url of {PIXELS} bytes, got {len(content):,} bytes")
    return only(from_bytes(content))


def only(images: ByteArray) -> ByteArray:
    """The one image there must be."""
    if len(images) != 1:
        raise InputError(f"expected one image, got {len(images)}; send them one by one")
    image: ByteArray = images[0]
    return image


def _is_square(image: Any) -> bool:
    """Whether an image is a list of 28 lists of 28."""
    return (
        type(image) is list
        and len(image) == DIGIT_SIDE
        and all(type(row) is list and len(row) == DIGIT_SIDE for row in image)
    )


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_DIGITS:
        raise InputError(f"expected 1 … {MOST_DIGITS:,} images in one request, got {count:,}")


def _what_is_wrong(given: list[Any]) -> str:
    try:
        array = np.array(given)
    except (ValueError, OverflowError):
        return "the images are not all 28 rows of 28 numbers"
    if array.shape[1:] != (DIGIT_SIDE, DIGIT_SIDE):
        return f"expected images of shape (n, 28, 28), got {array.shape}"
    return "expected whole numbers from 0 (bare paper) to 255 (full ink)"


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
