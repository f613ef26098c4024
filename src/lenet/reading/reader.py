"""From any image to an answer: one digit, a line, a page, or whichever it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Literal, get_args

import numpy as np

from lenet.engine.choice import fastest
from lenet.errors import UsageError
from lenet.network.confidence import confidences
from lenet.network.strings import load_string_weights
from lenet.network.weights import Weights, load_weights
from lenet.preparation.box import Box
from lenet.preparation.image import Grey, Source, load_image
from lenet.preparation.page import find_lines
from lenet.preparation.pieces import TALL, higher_than
from lenet.preparation.prepare import BlankError, prepare
from lenet.reading.arcs import Scorer
from lenet.reading.line import OTHERS, prepared_line, read_line
from lenet.reading.result import Digit, Line, Reading

Layout = Literal["auto", "digit", "line", "page"]

# Which shipped weights read what. (Lines ask a second network, too: network/strings.py.)
DIGIT_WEIGHTS, LINE_WEIGHTS = "modern", "strings"

PAGE_HEIGHT = 120  # pixels: lower images are no pages
WIDE = 1.3  # width / height of an image that hardly shows one digit
CLEAR = 0.8  # confidence that decides, in others, between one digit and several
DISPUTED = 0.9  # of its confidence remains to an answer that the other way of reading denies
NO_DIGIT = 0.01  # belief that it is a digit, and this one: below, it is none
STROKE = 0.4  # width / height below which ink may be a bare upright stroke
MANY, BELIEVED = 20, 0.45  # lines of a page; their median confidence if they are more than grain
FILLED, SURE = 0.35, 0.5  # of the height; confidence: such a line needs no look for others


class Reader:
    """Reads image after image with weights that are loaded once.

    Parameters
    ----------
    weights : a shipped name, a weights file or a run folder, for single digits; lines are read
        with LINE_WEIGHTS
    reject : answers with a confidence below this, 0 … 1, are rejected
    layout : what images hold; "auto" finds out
    threads : how many work on one image; more than one pays for whole pages only
    """

    def __init__(
        self,
        weights: str | Path | Weights | None = None,
        reject: float = 0.0,
        layout: Layout = "auto",
        threads: int = 1,
    ) -> None:
        if not 0 <= reject <= 1:
            raise UsageError(f"reject must lie between 0 and 1, got {reject}")
        if layout not in get_args(Layout):
            raise UsageError(f"layout must be one of {', '.join(get_args(Layout))}, got {layout!r}")
        chosen = DIGIT_WEIGHTS if weights is None else weights
        self.weights = chosen if isinstance(chosen, Weights) else load_weights(chosen)
        self.reject, self.layout = reject, layout
        self._network = fastest(self.weights, threads)
        self._scorer = Scorer(load_string_weights(LINE_WEIGHTS), threads)

    def read(self, source: Source) -> Reading:
        """What an image shows: a path, bytes, an open file, a Pillow image or an array.

        Raises InputError if the image cannot be read; a blank one gives a Reading without lines.
        """
        grey = load_image(source)
        lines = {
            "auto": self._whatever,
            "digit": self._digit,
            "line": self._line,
            "page": self._page,
        }[self.layout](grey)
        height, width = grey.shape
        found = Reading(tuple(line for line in lines if line.digits), False, (height, width))
        return replace(found, rejected=bool(found.lines) and found.confidence < self.reject)

    def _digit(self, grey: Grey) -> list[Line]:
        try:
            prepared = prepare(grey)
        except BlankError:
            return []
        penalties = self._network.penalties(prepared.image[None])
        shares = confidences(penalties, self.weights.temperature)[0]
        if not (shares.argmax() == 1 and _is_bare_stroke(prepared.box, grey)):
            shares = shares * self._scorer.digitness(prepared.image)
        best, *others = (int(value) for value in np.argsort(-shares, kind="stable"))
        if shares[best] < NO_DIGIT:
            return []
        alternatives = tuple((value, float(shares[value])) for value in others[:OTHERS])
        digit = Digit(best, float(shares[best]), prepared.box, prepared.image, alternatives)
        return [Line((digit,), digit.confidence)]

    def _line(self, grey: Grey) -> list[Line]:
        return [read_line(grey, self._scorer)]

    def _page(self, grey: Grey) -> list[Line]:
        return self._rows(grey, find_lines(grey))

    def _rows(self, grey: Grey, rows: list[list[Box]]) -> list[Line]:
        lines = []
        for number, row in enumerate(rows):
            for box in row:
                line = read_line(grey[box.inside], self._scorer)
                digits = tuple(_moved(digit, box) for digit in line.digits)
                lines.append(Line(digits, line.confidence, number))
        return [] if _are_grain(lines) else lines

    def _whatever(self, grey: Grey) -> list[Line]:
        """What the image most likely holds, the sides weighed by their confidence."""
        line = read_line(grey, self._scorer)
        found = self._number(line, grey)
        if grey.shape[0] < PAGE_HEIGHT or _fills(line, grey):
            return found
        rows = find_lines(grey)
        if sum(map(len, rows)) < 2:
            return found
        page = self._rows(grey, rows)
        return page if _stacked(found) or _certainty(page) > _certainty(found) else found

    def _number(self, line: Line, grey: Grey) -> list[Line]:
        """One number, as a line of several digits or as the single digit it may be."""
        wide = grey.shape[1] > WIDE * grey.shape[0]
        if len(line.digits) > 1 and wide:
            return [line]
        alone = self._digit(grey)
        single = alone[0].confidence if alone else 0.0
        if len(line.digits) > 1:
            return [line] if line.confidence > CLEAR > single else list(map(_disputed, alone))
        if alone and line.text == alone[0].text:  # alone has not looked for further digits
            return [line] if wide and line.confidence < single else alone
        surer = [line] if line.digits and line.confidence > single else alone
        return [_disputed(one) for one in surer]


def _is_bare_stroke(box: Box, grey: Grey) -> bool:
    """Whether this may be an upright stroke, alone, and not cut off by an edge as borders are.

    Parts of digits look the same, so eq. 9's rubbish class says nothing about it.
    """
    height, width = grey.shape
    inside = box.top > 0 and box.left > 0 and box.bottom < height and box.right < width
    if not inside or box.width >= STROKE * box.height:
        return False
    pieces = prepared_line(grey).pieces
    return len(higher_than(pieces.boxes, TALL * pieces.height)) == 1


def _are_grain(lines: list[Line]) -> bool:
    """Whether a page's lines are many and hardly believed, as those of grainy bare paper are."""
    read = [line.confidence for line in lines if line.digits]
    return len(read) >= MANY and median(read) < BELIEVED


def _fills(line: Line, grey: Grey) -> bool:
    """Whether a line that is sure of itself is as high as its image lets it be.

    Its digits are asked, not the box around them: one may be joined with ink of another row.
    """
    if not line.digits or line.confidence < SURE or _stacked([line]):
        return False
    return bool(median(d.box.height for d in line.digits) > FILLED * grey.shape[0])


def _disputed(line: Line) -> Line:
    """The same line, less sure of itself: another reading of the image says something else."""
    digits = tuple(replace(d, confidence=DISPUTED * d.confidence) for d in line.digits)
    return Line(digits, DISPUTED * line.confidence, line.row)


def _stacked(lines: list[Line]) -> bool:
    """Whether a digit stands wholly below another of the same line: these are several lines."""
    tops = [digit.box.top for line in lines for digit in line.digits]
    bottoms = [digit.box.bottom for line in lines for digit in line.digits]
    return bool(tops) and max(tops) >= min(bottoms)


def _certainty(lines: list[Line]) -> float:
    """The mean confidence of the digits."""
    sure = [digit.confidence for line in lines for digit in line.digits]
    return sum(sure) / len(sure) if sure else 0.0


def _moved(digit: Digit, by: Box) -> Digit:
    top, left, bottom, right = digit.box
    box = Box(top + by.top, left + by.left, bottom + by.top, right + by.left)
    return replace(digit, box=box)


def read(
    source: Source,
    *,
    weights: str | Path | Weights | None = None,
    reject: float = 0.0,
    layout: Layout = "auto",
) -> Reading:
    """Read the numbers in an image; see `Reader`, which keeps its weights for many images."""
    return Reader(weights, reject, layout).read(source)
