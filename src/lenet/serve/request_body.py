"""Request bodies: received within limits on time, size and memory; types from an allow-list."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import anyio
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from lenet.errors import InputError
from lenet.preprocessing.image import KINDS
from lenet.serve.config import BODY_SECONDS, MOST_BYTES, MOST_FILES, MOST_HELD
from lenet.serve.errors import BusyError

JSON, BYTES, FORM = "application/json", "application/octet-stream", "multipart/form-data"
# What image files are sent as: nothing said, no more than "bytes", and what curl says of anything.
UNNAMED = frozenset({"", BYTES, "application/x-www-form-urlencoded"})
# The first bytes of every format that is decoded (preparation.image.FORMATS).
SIGNATURES = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM", b"GIF87a", b"GIF89a"),
    *(b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"RIFF"),
)


def kind_of(request: Request) -> str:
    """The declared type of a body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_image(content: bytes, kind: str) -> None:
    """Refuse, before anything is decoded, what is not one of the image formats."""
    if kind not in UNNAMED and not kind.startswith("image/"):
        raise HTTPException(415, f"expected an image ({KINDS}), got a body of type {kind[:100]}")
    if not content:
        raise InputError(f"expected an image ({KINDS}), got an empty body")
    if not content.startswith(SIGNATURES):
        raise HTTPException(415, f"not an image that can be read here; expected {KINDS}")


class BodyReceiver:
    """Receives bodies, and knows how many bytes of them the process holds."""

    def __init__(self) -> None:
        self.held = 0

    async def take(self, request: Request) -> bytes:
        """The body; whoever takes it says `give_back` when it is answered.

        Raises HTTPException 413 before reading where the length is declared, 408 when it is slow,
        and BusyError when others' bodies fill the memory set aside for them.
        """
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > MOST_BYTES:
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
                    if size > MOST_BYTES:
                        raise _too_large()
                    if self.held > MOST_HELD:
                        raise BusyError("too many bodies are being received; try again")
                    chunks.append(chunk)
        except BaseException as problem:
            self.held -= size
            if isinstance(problem, TimeoutError):
                words = f"the body did not arrive within {BODY_SECONDS:.0f} s; send it again"
                raise HTTPException(408, words, {"connection": "close"}) from problem
            raise
        return b"".join(chunks)

    def give_back(self, body: bytes) -> None:
        self.held -= len(body)


async def files_of(request: Request, body: bytes) -> list[tuple[str, bytes]]:
    """Names and contents of a form's files. They stay in memory: none is ever on the disk."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, stream(), max_files=MOST_FILES, max_fields=MOST_FILES)
    parser.spool_max_size = MOST_BYTES + 1
    try:
        form = await parser.parse()
    except MultiPartException as problem:
        raise InputError(f"the form cannot be read ({problem.message})") from problem
    parts = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
    if not parts:
        raise InputError("the form holds no file; send each image as a file of the form")
    files = [(str(part.filename), await part.read()) for part in parts]
    await form.close()
    return files


def _too_large() -> HTTPException:
    message = f"the body is over {MOST_BYTES // 2**20} MiB; send fewer or smaller images"
    return HTTPException(413, message, {"connection": "close"})
