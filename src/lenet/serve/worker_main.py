"""A worker process: it waits for a task on its pipe, does it, and answers with bytes.

Images are decoded here and nowhere else. Answers go back as bytes that the service only passes on,
never as pickles, so that whatever a hostile image does to its decoder stays in this process.
"""

from __future__ import annotations

import json
import pickle
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from lenet.engine.select import best_engine
from lenet.errors import InputError
from lenet.network.weights import load_weights
from lenet.preprocessing.image import load_image
from lenet.preprocessing.prepare import prepare
from lenet.reading.reader import Reader
from lenet.serve import digits, responses

# The first byte of an answer: a document, a refusal (text), a mistake (text).
DONE, REFUSED, FAILED = b"+", b"?", b"!"
ZOOM = 3  # the known digit is shown to the reader three times as large


class Work:
    """What a worker can do, by name; each gives a document."""

    def __init__(self, weights: str | None) -> None:
        self.reader = Reader(weights)  # None: what `lenet read` takes
        self.network = best_engine(load_weights(weights or "1998"), 1)

    def check(self) -> None:
        """Refuse to begin with weights that do not read the known digit right."""
        page = np.kron(digits.KNOWN, np.ones((ZOOM, ZOOM), np.uint8))
        text = self.reader.read(np.uint8(255) - page).text
        if text != str(digits.KNOWN_VALUE):
            raise InputError(f"the known digit {digits.KNOWN_VALUE} was read as {text!r}")

    def read(self, files: Sequence[tuple[str, bytes]], images: bool) -> responses.Document:
        return responses.read_document(self.reader, files, images=images)

    def read_one(self, content: bytes, images: bool) -> responses.Document:
        return responses.read_one_document(self.reader, content, images=images)

    def classify(self, body: bytes, is_json: bool) -> responses.Document:
        """A body too large for the service's own process."""
        images = digits.from_json(body) if is_json else digits.from_bytes(body)
        return responses.classify_document(*responses.classify(self.network, images))

    def stages(self, content: bytes) -> responses.Document:
        """Every stage of the one digit in an image file."""
        image = prepare(load_image(content)).image
        return responses.stages_document(self.network, image)


def answer(work: Work, task: str, arguments: tuple[Any, ...]) -> bytes:
    """The answer to one task, its kind in front."""
    try:
        return DONE + json.dumps(getattr(work, task)(*arguments)).encode()
    except InputError as problem:
        return REFUSED + str(problem).encode("utf-8", "replace")
    except Exception as problem:  # told to the service, which logs it; the worker goes on
        return FAILED + type(problem).__name__.encode()


def serve_tasks(connection: Connection, weights: str | None) -> None:
    """The life of a worker: it ends when the pipe does, not by signals meant for the service."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        work = Work(weights)
        work.check()
    except Exception as problem:
        connection.send_bytes(FAILED + str(problem).encode())
        return
    connection.send_bytes(DONE)
    while True:
        try:
            task, arguments = pickle.loads(connection.recv_bytes())  # noqa: S301 (from the service)
            connection.send_bytes(answer(work, task, arguments))
        except (EOFError, OSError):
            return
