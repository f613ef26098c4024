"""The answer for one image: what the command line, the page and the tests all speak."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lenet.errors import needs
from lenet.network.plane import ByteArray
from lenet.preprocessing.image import Box
from lenet.reading.html import Corners, figure

if TYPE_CHECKING:
    from pandas import DataFrame

SHORT = 40  # characters of a text that stand in a repr
COLUMNS = ("text", "confidence", "row", "top", "left", "bottom", "right")  # of a DataFrame
NONE = 0.98  # probability that a lone digit is none, from which on there is none
MOSTLY = 0.4  # mean probability that a line's digits are none, from which on it may be a word
LIKELY = 0.5  # confidence of a line from which on it is no word
UPRIGHT = 0.4  # width / height of a 1 that is a mere stroke
BLUE, PURPLE = "#0072b2", "#cc79a7"  # of what was read and of cells: Okabe and Ito's


@dataclass(frozen=True, repr=False)
class Digit:
    """One digit that was read.

    value : 0 … 9
    confidence : 0 … 1, that it is a digit, this one, and stands here
    box : where it lies in the image, in pixels, bottom and right excluded
    image : the digit image the network saw, uint8 (28, 28), 0 paper … 255 ink
    alternatives : other values with their share, 0 … 1, the likeliest first
    no_digit : the probability, 0 … 1, that it is none, but a letter, a symbol or a scribble

    Examples
    --------
    >>> import lenet
    >>> digit = lenet.read("examples/3-photo.jpg").digits[0]
    >>> digit.value, digit.box, digit.image.shape
    (3, Box(top=393, left=300, bottom=825, right=563), (28, 28))
    """

    value: int
    confidence: float
    box: Box
    image: ByteArray = field(
        repr=False, compare=False, default_factory=lambda: np.zeros((28, 28), np.uint8)
    )
    alternatives: tuple[tuple[int, float], ...] = field(repr=False, compare=False, default=())
    no_digit: float = field(repr=False, compare=False, default=0.0)

    def __repr__(self) -> str:
        return f"Digit({self.value}, confidence={self.confidence:.4g}, box={tuple(self.box)})"

    @property
    def is_stroke(self) -> bool:
        """Whether it is a 1 as narrow as a mere stroke."""
        return self.value == 1 and self.box.width < UPRIGHT * self.box.height

    def to_dict(self) -> dict[str, Any]:
        """The digit as `lenet read --json` gives it."""
        return {
            "value": self.value,
            "confidence": self.confidence,
            "box": list(self.box),
            "alternatives": [[value, share] for value, share in self.alternatives],
            "no_digit": self.no_digit,
        }


@dataclass(frozen=True)
class Sign:
    """A separator or sign of a number.

    sign : one of . , - / :
    confidence : 0 … 1, that it is this sign and stands here
    box : where it lies in the image, in pixels, bottom and right excluded
    place : how many of the line's digits stand before it
    """

    sign: str
    confidence: float
    box: Box
    place: int

    def to_dict(self) -> dict[str, Any]:
        """The sign as `lenet read --json` gives it."""
        return {"sign": self.sign, "confidence": self.confidence, "box": list(self.box)}


@dataclass(frozen=True, repr=False)
class Line:
    """One number of an image.

    digits, signs : from left to right
    confidence : 0 … 1, that all of it is right
    row : the row of a page that it stands in, from 0
    signs_confidence : 0 … 1, that these signs are right and there are no others
    """

    digits: tuple[Digit, ...]
    confidence: float
    row: int = 0
    signs: tuple[Sign, ...] = ()
    signs_confidence: float = field(default=1.0, repr=False, compare=False)

    def __repr__(self) -> str:
        return f"Line({self.text!r}, confidence={self.confidence:.4g})"

    @property
    def text(self) -> str:
        """The number as written."""
        written = [str(digit.value) for digit in self.digits]
        for sign in reversed(self.signs):
            written.insert(sign.place, sign.sign)
        return "".join(written)

    def moved(self, to: Callable[[Box], Box]) -> Line:
        """The line with what `to` makes of each box."""
        digits = tuple(replace(digit, box=to(digit.box)) for digit in self.digits)
        signs = tuple(replace(sign, box=to(sign.box)) for sign in self.signs)
        return replace(self, digits=digits, signs=signs)

    @property
    def written(self) -> tuple[Digit | Sign, ...]:
        """Its digits, then its signs."""
        return (*self.digits, *self.signs)

    @property
    def as_written(self) -> Line:
        """The line with its signs' confidence multiplied into its own."""
        return replace(self, confidence=self.confidence * self.signs_confidence)

    @property
    def accepted(self) -> Line:
        """The line, less sure if it may be a word; without its digit if that is surely none.

        Without one, its confidence is that there is none.
        """
        none = [digit.no_digit for digit in self.digits]
        all_none, all_digits = math.prod(none), math.prod(1 - each for each in none)
        word = all_none / (all_none + all_digits) if all_none else 0.0
        if len(none) > 1:  # of faint and blurred numbers every digit is doubted
            return replace(self, confidence=self.confidence * (1 - word))
        return replace(self, digits=(), signs=(), confidence=word) if word >= NONE else self

    @property
    def is_word(self) -> bool:
        """Whether many of its digits may be none, and it is an unlikely number.

        Strokes, which letters have, count as digits. Faint numbers are doubted, too, but likely.
        """
        none = sum(digit.no_digit for digit in self.digits if not digit.is_stroke)
        return self.confidence < LIKELY and none >= MOSTLY * max(1, len(self.digits))

    @property
    def digits_only(self) -> Line:
        """The line without its signs."""
        return replace(self, signs=(), signs_confidence=1.0)

    @property
    def box(self) -> Box:
        """Around all of its digits; a line has one at least."""
        tops, lefts, bottoms, rights = zip(*(digit.box for digit in self.digits), strict=True)
        return Box(min(tops), min(lefts), max(bottoms), max(rights))


@dataclass(frozen=True, repr=False)
class Cell:
    """One cell of a table.

    line : the number in it; None where it is empty
    confidence : 0 … 1, that the number is right, or that there is none
    box : around it in the image, in pixels
    corners : x and y of its corners there, clockwise from the top left
    """

    line: Line | None
    confidence: float
    box: Box
    corners: tuple[tuple[float, float], ...] = field(repr=False, compare=False, default=())

    def __repr__(self) -> str:
        return f"Cell({self.text!r}, confidence={self.confidence:.4g})"

    @property
    def text(self) -> str:
        """The number; nothing for an empty cell."""
        return self.line.text if self.line else ""


@dataclass(frozen=True, repr=False)
class Table:
    """A grid of cells.

    cells : row by row, from left to right
    box : around it in the image, in pixels
    """

    cells: tuple[tuple[Cell, ...], ...]
    box: Box

    def __repr__(self) -> str:
        size = f"{len(self.cells)}×{len(self.cells[0])}"
        return f"Table({size}, confidence={self.confidence:.4g})"

    @property
    def lines(self) -> tuple[Line, ...]:
        """The numbers in it, in reading order."""
        return tuple(cell.line for row in self.cells for cell in row if cell.line)

    @property
    def confidence(self) -> float:
        """0 … 1, that every cell is right."""
        return math.prod(cell.confidence for row in self.cells for cell in row)

    @property
    def rows(self) -> list[list[str]]:
        """The cells' texts."""
        return [[cell.text for cell in row] for row in self.cells]

    def to_frame(self) -> DataFrame:
        """The cells' texts as they stand, a pandas DataFrame; errors as of `Reading.to_frame`."""
        with needs("pandas", "to_frame()"):
            from pandas import DataFrame

        return DataFrame(self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The table as `lenet read --json` gives it."""
        cells = [
            [
                {"text": cell.text, "confidence": cell.confidence, "box": list(cell.box)}
                for cell in row
            ]
            for row in self.cells
        ]
        size = {"rows": len(self.cells), "columns": len(self.cells[0])}
        return {"box": list(self.box), **size, "cells": cells}


@dataclass(frozen=True, repr=False)
class Reading:
    """What an image shows.

    lines : the numbers in reading order; empty when the image is blank or shows no digits
    rejected : whether the confidence lies below what was asked for
    size : (height, width) of the image in pixels
    tables : the grids that the numbers stand in, if they do; `lines` holds their numbers, too
    explained : 0 … 1, that there is nothing else; without lines, that the image is bare
    image : its grey values for showing, uint8, its longer side reduced to 1,200 pixels if it is
        longer; only in readings of `lenet.read` and `Reader.read`

    Examples
    --------
    >>> import lenet
    >>> lenet.read("examples/3-photo.jpg")
    Reading('3', confidence=0.9...)
    >>> lenet.read("examples/score-sheet.jpg").tables[0].rows[0]
    ['12', '8', '25', '45']
    """

    lines: tuple[Line, ...]
    rejected: bool
    size: tuple[int, int]
    tables: tuple[Table, ...] = ()
    explained: float = 1.0
    image: ByteArray | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        text = self.text if len(self.text) <= SHORT else f"{self.text[:SHORT]}…"
        rejected = ", rejected=True" if self.rejected else ""
        return f"Reading({text!r}, confidence={self.confidence:.4g}{rejected})"

    @property
    def digits(self) -> tuple[Digit, ...]:
        """All digits in reading order."""
        return tuple(digit for line in self.lines for digit in line.digits)

    @property
    def signs(self) -> tuple[Sign, ...]:
        """All separators and signs in reading order."""
        return tuple(sign for line in self.lines for sign in line.signs)

    @property
    def written(self) -> tuple[Digit | Sign, ...]:
        """All digits, then all signs."""
        return (*self.digits, *self.signs)

    @property
    def confidence(self) -> float:
        """0 … 1, that this is all and right: the lines' confidences multiplied by `explained`."""
        found = self.tables or self.lines
        return math.prod((each.confidence for each in found), start=self.explained)

    @property
    def text(self) -> str:
        """The number; several are separated by spaces, rows by line ends; empty when rejected."""
        return "" if self.rejected else self.best

    @property
    def best(self) -> str:
        """What the text would be if it were not rejected.

        Cells of a table are separated by tabs, tables by an empty line.
        """
        if self.tables:
            return "\n\n".join(
                "\n".join("\t".join(row) for row in table.rows) for table in self.tables
            )
        rows: dict[int, list[str]] = {}
        for line in self.lines:
            rows.setdefault(line.row, []).append(line.text)
        return "\n".join(" ".join(row) for row in rows.values())

    @property
    def in_words(self) -> str:
        """The text, or why there is none, as figures show it."""
        return f"rejected; best {self.best!r}" if self.rejected else self.text or "no digits"

    def to_dict(self) -> dict[str, Any]:
        """The reading as `lenet read --json` gives it, without the file's name."""
        return {
            "text": self.text,
            "error": None,
            "digits": [digit.to_dict() for digit in self.digits],
            "rejected": self.rejected,
            "confidence": self.confidence,
            "lines": [
                {
                    "text": line.text,
                    "confidence": line.confidence,
                    "box": list(line.box),
                    "row": line.row,
                    "signs": [sign.to_dict() for sign in line.signs],
                }
                for line in self.lines
            ],
            "tables": [table.to_dict() for table in self.tables],
        }

    def to_frame(self) -> DataFrame:
        """A pandas DataFrame with a row for each number; a table's cells are in `Table.to_frame`.

        Its columns: the text, its confidence, 0 … 1, the row of the page, and the box in pixels.

        Raises
        ------
        MissingExtraError
            if pandas is not installed.

        >>> import lenet
        >>> lenet.read("examples/3-photo.jpg").to_frame()[["text", "top", "left"]]
          text  top  left
        0    3  393   300
        """
        with needs("pandas", "to_frame()"):
            from pandas import DataFrame

        rows = [(line.text, line.confidence, line.row, *line.box) for line in self.lines]
        return DataFrame(rows, columns=COLUMNS)

    @property
    def outlines(self) -> list[tuple[Corners, str, str]]:
        """What figures frame, cells first: its corners, colour, and words for it."""
        rows = [row for table in self.tables for row in table.cells]
        outlines: list[tuple[Corners, str, str]]
        outlines = [(cell.corners, PURPLE, cell.text) for row in rows for cell in row]
        for line in self.lines:
            words = f"{line.text}, confidence {100 * line.confidence:.1f} %"
            outlines += [(found.box.corners, BLUE, words) for found in line.written]
        return outlines

    def _repr_html_(self) -> str:
        """What a notebook shows: the image with boxes, the text and its confidence."""
        below = f"confidence {100 * self.confidence:.1f} %"
        return figure(self.image, self.size, self.outlines, self.in_words, below)
