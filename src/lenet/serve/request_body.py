"""Request bodies: received within limits on time, size and memory; types from an allow-list."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import anyio
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from lenet.errors import InputError
from lenet.preprocessing.image import IMAGE_KINDS, STARTS
from lenet.serve.config import BODY_SECONDS, MAX_BYTES, MAX_FILES, MAX_HELD
from lenet.serve.errors import BusyError

JSON, BYTES, FORM = "application/json", "application/octet-stream", "multipart/form-data"
# Content types under which clients send image files; the last is curl's default.
UNNAMED = frozenset({"", BYTES, "application/x-www-form-urlencoded"})


def kind_of(request: Request) -> str:
    """The declared type of a body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_image(content: bytes, kind: str) -> None:
    """Refuse other formats before anything is decoded."""
    if kind not in UNNAMED and not kind.startswith("image/"):
        raise HTTPException(
            415, f"expected an image ({IMAGE_KINDS}), got a body of type {kind[:100]}"
        )
    if not content:
        raise InputError(f"expected an image ({IMAGE_KINDS}), got an empty body")
    if not content.startswith(STARTS):
        raise HTTPException(415, f"not an image in a supported format; expected {IMAGE_KINDS}")


class BodyReceiver:
    """Receives request bodies and counts their bytes in memory."""

    def __init__(self) -> None:
        self.held = 0

    async def receive(self, request: Request) -> bytes:
        """Receive a body; `release` it after the response.

        Raises HTTPException 413 (before reading, if the length is declared), 408 for a slow body,
        BusyError if all bodies together exceed MAX_HELD.
        """
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > MAX_BYTES:
            raise _too_large()
        chunks: list[bytes] = []
        size, more = 0, True
        try:
            with anyio.fail_after(BODY_SECONDS):
                while more:
                    message = await request.receive()
                    if message["type"] == "http.disconnect":
                        raise HTTPException(400, "the body ended early")
                    chunk, more = message.get("body", b""), message.get("more_body", False)
                    size += len(chunk)
                    self.held += len(chunk)
                    if size > MAX_BYTES:
                        raise _too_large()
                    if self.held > MAX_HELD:
                        raise BusyError("too many request bodies in memory; try again")
                    chunks.append(chunk)
        except BaseException as problem:
            self.held -= size
            if isinstance(problem, TimeoutError):
                words = f"the body did not arrive within {BODY_SECONDS:.0f} s; send it again"
                raise HTTPException(408, words, {"connection": "close"}) from problem
            raise
        return b"".join(chunks)

    def release(self, body: bytes) -> None:
        self.held -= len(body)


async def files_of(request: Request, body: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of a form's files, kept in memory."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, stream(), max_files=MAX_FILES, max_fields=MAX_FILES)
    parser.spool_max_size = MAX_BYTES + 1
    try:
        form = await parser.parse()
    except MultiPartException as problem:
        raise InputError(f"the form cannot be read ({problem.message})") from problem
    parts = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
    if not parts:
        raise InputError("the form contains no file; send each image as a file of the form")
    files = [(str(part.filename), await part.read()) for part in parts]
    await form.close()
    return files


def _too_large() -> HTTPException:
    message = f"the body is over {MAX_BYTES // 2**20} MiB; send fewer or smaller images"
    return HTTPException(413, message, {"connection": "close"})
