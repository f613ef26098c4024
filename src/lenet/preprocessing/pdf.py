"""Pages of a PDF as images, through pdfium: the extra `lenet[pdf]`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from PIL import Image

from lenet.errors import InputError, MissingExtraError

DOTS = 200  # per inch
LARGEST = 4000  # pixels of a page's longer side at most
MOST_PAGES = 10_000
PAGE = re.compile(r"(?P<file>.+)#page=(?P<number>[1-9][0-9]{0,5})")  # RFC 8118's way to name one


def page_named(name: str) -> tuple[Path, int] | None:
    """The file and page of a name such as form.pdf#page=2; None for other names."""
    match = PAGE.fullmatch(name)
    if match is None or Path(name).exists():
        return None
    return Path(match["file"]), int(match["number"])


def page_count(content: bytes, name: str) -> int:
    """How many pages a PDF has."""
    document = _opened(content, name)
    try:
        count = len(document)
    finally:
        document.close()
    if not 0 < count <= MOST_PAGES:
        raise InputError(f"{name}: {count:,} pages, expected 1 to {MOST_PAGES:,}; split the file")
    return count


def page_image(content: bytes, name: str, number: int = 1) -> Image.Image:
    """A page, counted from 1, at 200 dots an inch, or fewer if it is very large."""
    document = _opened(content, name)
    try:
        if not 1 <= number <= len(document):
            raise InputError(f"{name}: no page {number}; the file has {len(document)}")
        try:
            page = document[number - 1]
            longer = max(1.0, *page.get_size())  # points, 72 to an inch
            scale = min(DOTS / 72, LARGEST / longer)
            image: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        except Exception as problem:  # pdfium's own errors, and memory that a page asks for
            raise InputError(
                f"{name}: page {number} cannot be drawn ({problem}); print it to a new PDF"
            ) from problem
        return image
    finally:
        document.close()


def _opened(content: bytes, name: str) -> Any:
    try:
        import pypdfium2
    except ModuleNotFoundError as missing:
        needed = MissingExtraError("reading PDF pages", str(missing.name), "pdf")
        raise InputError(f"{name}: {needed}") from missing  # one file's trouble, not a batch's
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as problem:
        raise InputError(
            f"{name}: not a PDF that can be read ({problem}); open it and print it to a new PDF"
        ) from problem
