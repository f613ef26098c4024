"""`lenet.read`: a reader that is made at the first call and kept."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import Any, overload

from lenet.network.weights import Weights, shipped_names
from lenet.preprocessing.colour_dropout import Dropout
from lenet.preprocessing.image import Source
from lenet.reading.reader import Layout, Reader
from lenet.reading.result import Reading

KEPT = 8  # readers, each with settings of its own


@lru_cache(KEPT)
def _kept_reader(weights: str | None, **settings: Any) -> Reader:
    return Reader(weights, **settings)


@overload
def read(source: Source, **settings: Any) -> Reading: ...
@overload
def read(source: list[Any] | tuple[Any, ...], **settings: Any) -> list[Reading]: ...
def read(  # type: ignore[misc]  # the settings are those below
    source: Source | list[Any] | tuple[Any, ...],
    *,
    weights: str | Path | Weights | None = None,
    reject: float = 0.0,
    layout: Layout = "auto",
    colour_dropout: Dropout = "auto",
    digits_only: bool = False,
) -> Reading | list[Reading]:
    """Read the numbers in an image, or in each of a list of images.

    The weights are loaded at the first call and kept. A `Reader` does the same with weights of
    your own.

    Parameters
    ----------
    source : a path, the bytes of a file, a file opened with "rb", a Pillow image or an array of
        shape (height, width), (…, 3) or (…, 4), 0 black … 255 white if uint8, else 0 … 1; or a
        list of these
    weights : for single digits: "1998", "modern", a weights file or a run folder
    reject : answers with a confidence below this, 0 … 1, are rejected: their text is empty
    layout : "digit", "line", "page" or "grid" (a table, a form); "auto" finds out
    colour_dropout : the printed colour of a form to remove: "red", "green", "blue" or "none";
        "auto" finds out
    digits_only : leave out points, commas, dashes, slashes and colons

    Returns
    -------
    A Reading, or a list of them: its `text`, `confidence` (0 … 1), `digits` with their boxes in
    pixels, `lines` and `tables`. A blank image gives an empty text.

    Raises
    ------
    InputError
        if an image cannot be read, or there are no such weights.
    UsageError
        if a setting is not one of these.
    ResourceError
        if memory, file handles or disk space run out.

    Examples
    --------
    >>> import lenet
    >>> reading = lenet.read("examples/3-photo.jpg")
    >>> reading.text
    '3'
    >>> reading.digits[0].box
    Box(top=393, left=300, bottom=825, right=563)
    >>> [reading.text for reading in lenet.read(["examples/9-fax.png", "examples/2-chalk.jpg"])]
    ['9', '2']
    """
    settings: dict[str, Any] = {"reject": reject, "layout": layout, "digits_only": digits_only}
    settings["colour_dropout"] = colour_dropout
    shipped = weights is None or str(weights) in shipped_names()
    if shipped and all(isinstance(value, Hashable) for value in settings.values()):
        return _kept_reader(None if weights is None else str(weights), **settings).read(source)
    return Reader(weights, **settings).read(source)  # which refuses what is no setting
