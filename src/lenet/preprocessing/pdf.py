"""Pages of a PDF as images, through pdfium: the extra `lenet[pdf]`.

A few kB of PDF can take any time and memory, and pdfium ends its process where memory ends. So each
page is drawn in a process of its own, with limits.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image

from lenet.errors import InputError, MissingExtraError, ResourceError

DOTS = 200  # per inch
LARGEST = 4000  # pixels of a page's longer side at most
MOST_PAGES = 10_000
SECONDS = 20  # of processor time, for a page
PATIENCE = 3 * SECONDS  # of any time, where the system does not count, or others work
MEMORY = 2**30  # bytes
KILLED = -9  # status of a process that the system ended, mostly for want of memory
# Not -m, which would look for modules in the working folder, among the user's files.
START = f"import sys; sys.path[:] = sys.argv[4:]; from {__name__} import _main; _main()"
PAGE = re.compile(r"(?P<file>.+)#page=(?P<number>[1-9][0-9]{0,5})")  # RFC 8118's way to name one


def page_named(name: str) -> tuple[Path, int] | None:
    """The file and page of a name such as form.pdf#page=2; None for other names."""
    match = PAGE.fullmatch(name)
    if match is None or Path(name).exists():
        return None
    return Path(match["file"]), int(match["number"])


def page_count(content: bytes, name: str) -> int:
    """How many pages a PDF has."""
    count: int = _asked(content, name, 0)[0]["pages"]
    if not 0 < count <= MOST_PAGES:
        raise InputError(f"{name}: {count:,} pages, expected 1 to {MOST_PAGES:,}; split the file")
    return count


def page_image(content: bytes, name: str, number: int = 1) -> Image.Image:
    """A page, counted from 1, at 200 dots an inch, or fewer if it is very large."""
    answer, pixels = _asked(content, name, number)
    if "size" not in answer:
        raise InputError(f"{name}: no page {number}; the file has {answer['pages']}")
    return Image.frombytes("RGB", answer["size"], pixels)


def _asked(content: bytes, name: str, number: int) -> tuple[dict[str, Any], bytes]:
    """What `_draw` gives for a page, or with 0 for the number of pages, in another process."""
    if find_spec("pypdfium2") is None:
        needed = MissingExtraError("reading PDF pages", "pypdfium2", "pdf")
        raise InputError(f"{name}: {needed}")  # one file's trouble, not a batch's
    limits = map(str, (number, SECONDS, MEMORY))
    command = [sys.executable, "-c", START, *limits, *map(os.path.abspath, sys.path)]
    page = f"page {number}" if number else "the file"
    try:
        done = subprocess.run(  # noqa: S603 (ourselves)
            command,
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        status, (head, _, pixels) = done.returncode, done.stdout.partition(b"\n")
    except subprocess.TimeoutExpired:
        status, head, pixels = 1, b"", b""
    except OSError as problem:
        raise ResourceError(f"{name}: no process can be started ({problem})") from problem
    if status == KILLED:
        raise ResourceError(f"{name}: drawing {page} was killed; read it again")
    if status:
        raise InputError(
            f"{name}: {page} cannot be drawn within {SECONDS} s and {MEMORY >> 20} MiB; "
            "print it to a new PDF"
        )
    answer: dict[str, Any] = json.loads(head)
    if "error" in answer:
        raise InputError(f"{name}: {answer['error']}; open it and print it to a new PDF")
    return answer, pixels


def _draw(content: bytes, number: int) -> tuple[dict[str, Any], bytes]:
    """The number of pages, and of the page if there is one the size and the pixels, RGB."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as problem:
        return {"error": f"not a PDF that can be read ({problem})"}, b""
    answer: dict[str, Any] = {"pages": len(document)}
    if not 1 <= number <= len(document):
        return answer, b""
    try:
        page = document[number - 1]
        longer = max(1.0, *page.get_size())  # points, 72 to an inch
        image = page.render(scale=min(DOTS / 72, LARGEST / longer)).to_pil().convert("RGB")
    except Exception as problem:  # pdfium's own errors
        return {"error": f"page {number} cannot be drawn ({problem})"}, b""
    return answer | {"size": image.size}, image.tobytes()


def _main() -> None:
    number, seconds, memory = map(int, sys.argv[1:4])
    with suppress(ImportError):  # on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        with suppress(ValueError):  # macOS does not limit it
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    answer, pixels = _draw(sys.stdin.buffer.read(), number)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + pixels)
