"""The answer for one image: what the command line, the page and the tests all speak."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lenet.network.plane import ByteArray
from lenet.preprocessing.image import Box


@dataclass(frozen=True)
class Digit:
    """One digit that was read.

    value : 0 … 9
    confidence : 0 … 1, that it is a digit, this one, and stands here
    box : where it lies in the image, in pixels, bottom and right excluded
    image : the digit image the network saw, uint8 (28, 28), 0 paper … 255 ink
    alternatives : other values with their share, 0 … 1, the likeliest first
    """

    value: int
    confidence: float
    box: Box
    image: ByteArray = field(
        repr=False, compare=False, default_factory=lambda: np.zeros((28, 28), np.uint8)
    )
    alternatives: tuple[tuple[int, float], ...] = field(repr=False, compare=False, default=())

    def to_dict(self) -> dict[str, Any]:
        """The digit as `lenet read --json` gives it."""
        return {
            "value": self.value,
            "confidence": self.confidence,
            "box": list(self.box),
            "alternatives": [[value, share] for value, share in self.alternatives],
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


@dataclass(frozen=True)
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
    def as_written(self) -> Line:
        """The line with its signs' confidence multiplied into its own."""
        return replace(self, confidence=self.confidence * self.signs_confidence)

    @property
    def digits_only(self) -> Line:
        """The line without its signs."""
        return replace(self, signs=(), signs_confidence=1.0)

    @property
    def box(self) -> Box:
        """Around all of its digits; a line has one at least."""
        tops, lefts, bottoms, rights = zip(*(digit.box for digit in self.digits), strict=True)
        return Box(min(tops), min(lefts), max(bottoms), max(rights))


@dataclass(frozen=True)
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

    @property
    def text(self) -> str:
        """The number; nothing for an empty cell."""
        return self.line.text if self.line else ""


@dataclass(frozen=True)
class Table:
    """A grid of cells.

    cells : row by row, from left to right
    box : around it in the image, in pixels
    """

    cells: tuple[tuple[Cell, ...], ...]
    box: Box

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


@dataclass(frozen=True)
class Reading:
    """What an image shows.

    lines : the numbers in reading order; empty when the image is blank or shows no digits
    rejected : whether the confidence lies below what was asked for
    size : (height, width) of the image in pixels
    tables : the grids that the numbers stand in, if they do; `lines` holds their numbers, too
    explained : 0 … 1, that there is nothing else; without lines, that the image is bare
    """

    lines: tuple[Line, ...]
    rejected: bool
    size: tuple[int, int]
    tables: tuple[Table, ...] = ()
    explained: float = 1.0

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
