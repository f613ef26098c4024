"""Readings as hOCR, the HTML that Tesseract writes and tools for searchable PDFs read.

https://kba.github.io/hocr-spec/1.2/ describes it; pages, lines and words nest as Tesseract's do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib.metadata import version
from itertools import count, groupby
from operator import itemgetter
from typing import Any

from lenet.files import printable

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
 "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<title>lenet</title>
<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
<meta name="ocr-system" content="lenet {version}"/>
<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf"/>
</head>
<body>
"""
TAIL = "</body>\n</html>\n"


def hocr(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The document, a page for each image that was read.

    records : as `lenet read --json` gives them, with the `size` of the image, [height, width]
    """
    yield HEAD.format(version=version("lenet"))
    for number, record in enumerate(record for record in records if record["error"] is None):
        yield from _page(record, number)
    yield TAIL


def _page(record: dict[str, Any], number: int) -> Iterator[str]:
    height, width = record["size"]
    image = printable(record["file"]).replace("\\", "\\\\").replace('"', '\\"')
    title = f'image "{image}"; bbox 0 0 {width} {height}; ppageno {number}'
    yield f'<div class="ocr_page" id="page_{number + 1}" title="{escape(title)}">\n'
    lines, ids = [] if record["rejected"] else record["lines"], count(1)
    if lines:
        title = _bbox(lines)
        yield f'<div class="ocr_carea" id="block_{number + 1}" title="{title}">\n'
        yield f'<p class="ocr_par" id="par_{number + 1}" title="{title}">\n'
        for _, row in groupby(lines, itemgetter("row")):
            yield _line(list(row), number + 1, ids)
        yield "</p>\n</div>\n"
    yield "</div>\n"


def _line(row: list[dict[str, Any]], page: int, ids: Iterator[int]) -> str:
    """One row of a page: its numbers are the words."""
    line = next(ids)
    words = [
        f'<span class="ocrx_word" id="word_{page}_{next(ids)}" '
        f'title="{_bbox([number])}; x_wconf {round(100 * number["confidence"])}">'
        f"{escape(number['text'])}</span>"
        for number in row
    ]
    inside = f'<span class="ocr_line" id="line_{page}_{line}" title="{_bbox(row)}">'
    return f"{inside}{' '.join(words)}</span>\n"


def _bbox(numbers: list[dict[str, Any]]) -> str:
    """The box around numbers and their signs, as hOCR writes it: left, top, right, bottom."""
    boxes = [each["box"] for number in numbers for each in (number, *number["signs"])]
    tops, lefts, bottoms, rights = zip(*boxes, strict=True)
    return f"bbox {min(lefts)} {min(tops)} {max(rights)} {max(bottoms)}"
