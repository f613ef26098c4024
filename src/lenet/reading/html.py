"""An image and what was found in it as HTML that needs nothing else, for notebooks and reports."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from html import escape
from typing import TypeAlias

import numpy as np
from PIL import Image

from lenet.network.plane import ByteArray
from lenet.preprocessing.image import Grey

Corners: TypeAlias = Iterable[tuple[float, float]]  # x and y, in order around

SHOWN = 1_200  # pixels of the longer side that an image is reduced to, if it is larger
SIDES = 160, 640  # pixels of the longer side that smaller and larger ones are shown with
QUALITY = 80  # of JPEGs

OUTLINE = (
    '<polygon points="{points}" fill="transparent" stroke="{colour}" stroke-width="2" '
    'vector-effect="non-scaling-stroke"><title>{words}</title></polygon>'
)
FIGURE = (
    '<div><svg viewBox="0 0 {width} {height}" style="display:block;width:100%;max-width:{shown}px">'
    '<image href="{address}" width="{width}" height="{height}" preserveAspectRatio="none"/>'
    "{outlines}</svg>"
    '<pre style="margin:.5em 0 0">{text}</pre>{below}</div>'
)


def for_showing(grey: Grey) -> ByteArray:
    """A plane's grey values as bytes, reduced so that neither side exceeds SHOWN."""
    if max(grey.shape) > SHOWN:
        grey = np.asarray(Image.fromarray(grey).reduce(-(-max(grey.shape) // SHOWN)))
    bytes_: ByteArray = (grey * 255).astype(np.uint8)
    return bytes_


def jpeg_address(image: Image.Image) -> str:
    """The image itself as an address (a data URI)."""
    content = io.BytesIO()
    image.save(content, "JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(content.getvalue()).decode()}"


def figure(
    image: ByteArray | None,
    size: tuple[int, int],
    outlines: Iterable[tuple[Corners, str, str]],
    text: str,
    below: str,
) -> str:
    """An image with outlines, a text and a line below it.

    image : from `for_showing`; without one the outlines stand alone
    size : (height, width) in the pixels that the outlines count
    outlines : each with its CSS colour and the words that a pointer on it shows
    """
    (height, width), (least, most) = size, SIDES
    drawn = (
        OUTLINE.format(
            points=" ".join(f"{left:g},{top:g}" for left, top in corners),
            colour=colour,
            words=escape(words),
        )
        for corners, colour, words in outlines
    )
    longer = max(size)
    return FIGURE.format(
        width=width,
        height=height,
        shown=max(1, round(width * min(max(longer, least), most) / longer)),
        address="data:," if image is None else jpeg_address(Image.fromarray(image)),
        outlines="".join(drawn),
        text=escape(text),
        below=escape(below),
    )
