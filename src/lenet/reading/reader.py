"""From any image to an answer: one digit, a line, a page, or whichever it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from lenet.engine.select import best_engine
from lenet.errors import UsageError
from lenet.lines.arc_scores import Scorer
from lenet.lines.line_weights import load_line_weights
from lenet.network.confidence import probabilities
from lenet.network.weights import Weights, load_weights
from lenet.preprocessing.box import Box
from lenet.preprocessing.image import Grey, Source, load_image
from lenet.preprocessing.prepare import BlankError, prepare
from lenet.reading.layout import (
    are_grain,
    certainty,
    disputed,
    fills,
    is_bare_stroke,
    moved,
    stacked,
)
from lenet.reading.line import OTHERS, read_line
from lenet.reading.page_layout import find_lines
from lenet.reading.result import Digit, Line, Reading

Layout = Literal["auto", "digit", "line", "page"]

# Which shipped weights read what. (Lines ask a second network, too: lines/line_weights.py.)
DIGIT_WEIGHTS, LINE_WEIGHTS = "modern", "lines"

PAGE_HEIGHT = 120  # pixels: lower images are no pages
WIDE = 1.3  # width / height of an image that hardly shows one digit
CLEAR = 0.8  # confidence that decides, in others, between one digit and several
NO_DIGIT = 0.01  # belief that it is a digit, and this one: below, it is none


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
        self._network = best_engine(self.weights, threads)
        self._scorer = Scorer(load_line_weights(LINE_WEIGHTS), threads)

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
        shares = probabilities(penalties, self.weights.temperature)[0]
        if not (shares.argmax() == 1 and is_bare_stroke(prepared.box, grey)):
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
                digits = tuple(moved(digit, box) for digit in line.digits)
                lines.append(Line(digits, line.confidence, number))
        return [] if are_grain(lines) else lines

    def _whatever(self, grey: Grey) -> list[Line]:
        """What the image most likely holds, the sides weighed by their confidence."""
        line = read_line(grey, self._scorer)
        found = self._number(line, grey)
        if grey.shape[0] < PAGE_HEIGHT or fills(line, grey):
            return found
        rows = find_lines(grey)
        if sum(map(len, rows)) < 2:
            return found
        page = self._rows(grey, rows)
        return page if stacked(found) or certainty(page) > certainty(found) else found

    def _number(self, line: Line, grey: Grey) -> list[Line]:
        """One number, as a line of several digits or as the single digit it may be."""
        wide = grey.shape[1] > WIDE * grey.shape[0]
        if len(line.digits) > 1 and wide:
            return [line]
        alone = self._digit(grey)
        single = alone[0].confidence if alone else 0.0
        if len(line.digits) > 1:
            return [line] if line.confidence > CLEAR > single else list(map(disputed, alone))
        if alone and line.text == alone[0].text:  # alone has not looked for further digits
            return [line] if wide and line.confidence < single else alone
        surer = [line] if line.digits and line.confidence > single else alone
        return [disputed(one) for one in surer]


def read(
    source: Source,
    *,
    weights: str | Path | Weights | None = None,
    reject: float = 0.0,
    layout: Layout = "auto",
) -> Reading:
    """Read the numbers in an image; see `Reader`, which keeps its weights for many images."""
    return Reader(weights, reject, layout).read(source)
