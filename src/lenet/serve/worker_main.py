"""A worker process: it takes tasks from its pipe and answers with bytes.

Images are decoded here and nowhere else. Answers are bytes that the service only passes on, never
pickles, so that whatever a hostile image does to its decoder stays in this process.
"""

from __future__ import annotations

import json
import pickle
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from lenet.engine.select import best_engine
from lenet.errors import InputError, ResourceError
from lenet.network.weights import load_weights
from lenet.preprocessing.image import load_image
from lenet.preprocessing.prepare import prepare
from lenet.reading.batch import Answer
from lenet.reading.reader import Reader
from lenet.serve import documents
from lenet.serve.documents import KNOWN, KNOWN_VALUE, Document

# The first byte of an answer: a document, a refusal (text), a bug (text).
DONE, REFUSED, FAILED = b"+", b"?", b"!"
TOO_LITTLE = "more memory is needed than a worker may take; send less at once"
ZOOM = 3  # the known digit is enlarged for the reader


class Worker:
    """The tasks of a worker, by name; each gives a document."""

    def __init__(self, weights: str | None, max_pixels: int) -> None:
        self.reader = Reader(weights)  # None: the default of `lenet read`
        self.network = best_engine(load_weights(weights or "1998"), 1)
        self.max_pixels = max_pixels

    def check(self) -> None:
        """Raise InputError if the weights misread the known digit."""
        page = np.kron(KNOWN, np.ones((ZOOM, ZOOM), np.uint8))
        text = self.reader.read(np.uint8(255) - page).text
        if text != str(KNOWN_VALUE):
            raise InputError(f"the known digit {KNOWN_VALUE} was read as {text!r}")

    def read(self, content: bytes, images: bool) -> Document:
        planes = self.reader.load(content, self.max_pixels)
        return documents.read_document(self.reader, planes, images)

    def read_file(self, name: str, content: bytes, images: bool) -> Document:
        """The entry for a file of a form; one that cannot be read is an entry with its error."""
        try:
            planes = self.reader.load(documents.checked(content), self.max_pixels)
            return documents.entry(name, self.reader, planes, images)
        except (InputError, ResourceError, MemoryError) as problem:
            return Answer(name, None, str(problem) or TOO_LITTLE).to_dict()

    def classify(self, body: bytes, is_json: bool) -> Document:
        """A body too large for the service's own process."""
        images = documents.from_json(body) if is_json else documents.from_bytes(body)
        return documents.classify_document(*documents.classify(self.network, images))

    def stages(self, content: bytes) -> Document:
        """Every stage of the one digit in an image file."""
        return documents.stages_document(
            self.network, prepare(load_image(content, self.max_pixels)).image
        )


def answer(worker: Worker, task: str, arguments: tuple[Any, ...]) -> bytes:
    """The answer to one task, its kind in front."""
    try:
        return DONE + json.dumps(getattr(worker, task)(*arguments)).encode()
    except (InputError, ResourceError, MemoryError) as problem:
        return REFUSED + (str(problem) or TOO_LITTLE).encode("utf-8", "replace")
    except Exception as problem:  # the service logs it; the worker goes on
        return FAILED + type(problem).__name__.encode()


def _limit_memory(size: int) -> None:
    """Take at most so much address space; more is a MemoryError."""
    with suppress(ImportError, OSError, ValueError):  # on Windows; on macOS; a lower limit is set
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def serve_tasks(connection: Connection, weights: str | None, max_pixels: int, memory: int) -> None:
    """Answer tasks until the pipe ends; signals meant for the service are ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _limit_memory(memory)
    try:
        worker = Worker(weights, max_pixels)
        worker.check()
    except Exception as problem:
        connection.send_bytes(FAILED + (str(problem) or repr(problem)).encode())
        return
    connection.send_bytes(DONE)
    while True:
        try:
            task, arguments = pickle.loads(connection.recv_bytes())  # noqa: S301 (from the service)
            connection.send_bytes(answer(worker, task, arguments))
        except (EOFError, OSError):
            return
