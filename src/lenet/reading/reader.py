"""From any image to an answer: one digit, a line, a page, or whichever it is."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from lenet.engine.select import best_engine
from lenet.errors import UsageError
from lenet.lines.combine import combine
from lenet.lines.line_engine import best_line_reader
from lenet.lines.line_weights import load_line_weights, posteriors
from lenet.lines.numpy_lines import LineText
from lenet.lines.signs import SignReader, sign_weights
from lenet.network.confidence import probabilities
from lenet.network.plane import ByteArray
from lenet.network.weights import Weights, load_weights
from lenet.preprocessing.colour_dropout import Dropout
from lenet.preprocessing.image import MAX_PIXELS, Box, Grey, Planes, Source, load_planes
from lenet.preprocessing.prepare import BlankError, prepare
from lenet.reading.grid import find_grids
from lenet.reading.layout import (
    are_grain,
    are_plausible,
    discounted,
    fills,
    find_lines,
    is_bare_stroke,
    mean_confidence,
    stacked,
    translated,
)
from lenet.reading.result import Digit, Line, Reading, Sign, Table
from lenet.reading.seven_segments import looks_like_display, read_display
from lenet.reading.straighten import read_level
from lenet.reading.tables import as_lines, read_table

Layout = Literal["auto", "digit", "line", "page", "grid"]

# Which shipped weights read what. (Lines ask a second network, too: lines/line_weights.py.)
DIGIT_WEIGHTS, LINE_WEIGHTS = "modern", "lines"

PAGE_HEIGHT = 120  # pixels: lower images are no pages
WIDE = 1.3  # width / height of an image that hardly shows one digit
SURE = 0.95  # confidence of a line that needs no second reader
CLEAR = 0.8  # confidence that decides, in others, between one digit and several
NO_DIGIT = 0.01  # posterior of the digit below which there is none
ALTERNATIVES = 2  # other values that a digit names


class Reader:
    """Reads image after image with weights that are loaded once.

    Parameters
    ----------
    weights : a shipped name, a weights file or a run folder, for single digits; lines are read
        with LINE_WEIGHTS
    reject : answers with a confidence below this, 0 … 1, are rejected
    layout : what images hold; "auto" finds out
    threads : how many work on one image; more than one pays for whole pages only
    colour_dropout : the printed colour of forms, which is left out before reading; "auto" finds
        out whether an image shows a form in a colour of its own
    digits_only : leave out points, commas, dashes, slashes and colons
    """

    def __init__(
        self,
        weights: str | Path | Weights | None = None,
        reject: float = 0.0,
        layout: Layout = "auto",
        threads: int = 1,
        colour_dropout: Dropout = "auto",
        digits_only: bool = False,
    ) -> None:
        if not 0 <= reject <= 1:
            raise UsageError(f"reject must lie between 0 and 1, got {reject}")
        if layout not in get_args(Layout):
            raise UsageError(f"layout must be one of {', '.join(get_args(Layout))}, got {layout!r}")
        if colour_dropout not in get_args(Dropout):
            raise UsageError(
                f"colour_dropout must be one of {', '.join(get_args(Dropout))}, "
                f"got {colour_dropout!r}"
            )
        self.colour_dropout, self.digits_only = colour_dropout, digits_only
        chosen = DIGIT_WEIGHTS if weights is None else weights
        self.weights = chosen if isinstance(chosen, Weights) else load_weights(chosen)
        self.reject, self.layout, self.threads = reject, layout, threads
        self._network = best_engine(self.weights, threads)
        self._lines = best_line_reader(load_line_weights(LINE_WEIGHTS), threads)
        self._sign_reader = None if digits_only else SignReader(sign_weights(), threads)
        self._candidate_network = best_engine(self._lines.weights.network, threads)

    def __reduce__(self) -> tuple[Any, ...]:
        """To pickle or copy: the engines, which hold memory of the kernels, are made anew."""
        return type(self), (
            self.weights,
            self.reject,
            self.layout,
            self.threads,
            self.colour_dropout,
            self.digits_only,
        )

    def read(self, source: Source) -> Reading:
        """What an image shows: a path, bytes, an open file, a Pillow image or an array.

        Raises InputError if the image cannot be read; a blank one gives a Reading without lines.
        """
        return self.read_planes(self.load(source))

    def read_planes(self, planes: Planes) -> Reading:
        """What an image shows whose grey planes `load` has given."""
        grey = planes.grey
        tables = [] if self.layout == "digit" else self._tables(planes)
        if self.layout != "grid" and not are_plausible(tables, grey):
            tables = []
        read_lines = {
            "auto": self._auto,
            "digit": self._digit,
            "line": self._line,
            "page": self._page,
            "grid": self._nothing,
        }[self.layout]
        lines = [line for table in tables for line in table.lines]
        if self.layout in ("line", "page"):  # the numbers of a table, without its cells
            lines = as_lines(tables, one=self.layout == "line")
            tables = []
        lines = lines or [line.as_written for line in read_lines(grey)]
        found = tuple(line for line in lines if line.digits)
        reading = Reading(found, False, grey.shape, tuple(tables))
        return replace(reading, rejected=bool(found) and reading.confidence < self.reject)

    def load(self, source: Source, max_pixels: int = MAX_PIXELS) -> Planes:
        """An image's grey planes, for `read_planes`; errors and parameters as of `load_image`."""
        return load_planes(source, max_pixels, self.colour_dropout)

    def _nothing(self, grey: Grey) -> list[Line]:
        return []

    def _tables(self, planes: Planes) -> list[Table]:
        """The tables; a form's colour shows their rules, and is left out of their cells."""
        return [read_table(planes.grey, grid, self._cell) for grid in find_grids(planes.whole)]

    def _cell(self, grey: Grey) -> list[Line]:
        return [line.as_written for line in self._number(self._read_line(grey), grey)]

    def _digit(self, grey: Grey) -> list[Line]:
        try:
            prepared = prepare(grey)
        except BlankError:
            return []
        penalties = self._network.penalties(prepared.image[None])
        posterior = probabilities(penalties, self.weights.temperature)[0]
        if not (posterior.argmax() == 1 and is_bare_stroke(prepared.box, grey, self._lines)):
            posterior = posterior * self._digit_probability(prepared.image)
        best, *others = (int(value) for value in np.argsort(-posterior, kind="stable"))
        if posterior[best] < NO_DIGIT:
            return []
        alternatives = tuple((value, float(posterior[value])) for value in others[:ALTERNATIVES])
        digit = Digit(best, float(posterior[best]), prepared.box, prepared.image, alternatives)
        return [Line((digit,), digit.confidence)]

    def _digit_probability(self, image: ByteArray) -> float:
        """The probability that a digit image (28, 28) shows a digit: eq. 9's classes except j."""
        penalties = self._candidate_network.penalties(image[None])
        return 1 - float(np.exp(posteriors(penalties, self._lines.weights.rubbish)[0, 10]))

    def _line(self, grey: Grey) -> list[Line]:
        return [self._read_line(grey)]

    def _read_line(self, grey: Grey) -> Line:
        """The digits of a line of shape (h, w), and how sure the reader is of all of them.

        A number on a display is read by its segments where that is surer.
        """
        line = read_level(grey, self._recognised)
        wide = grey.shape[1] > WIDE * grey.shape[0]
        if (line.digits and line.confidence >= SURE) or not wide or not looks_like_display(grey):
            return line
        display = read_display(grey)
        return display if display and display.confidence > line.confidence else line

    def _recognised(self, grey: Grey) -> Line:
        found, weights = self._lines.read(grey), self._lines.weights
        if found is None:
            return Line((), 1.0)
        combined = combine(found.n_best, weights.sdnn_weight, weights.temperature)
        digits = []
        for value, posterior, box, image in zip(
            combined.text, combined.digit_probabilities(), found.boxes, found.images, strict=True
        ):
            ranked = sorted(range(10), key=posterior.__getitem__, reverse=True)
            ranked.remove(value)
            alternatives = tuple((v, posterior[v]) for v in ranked[:ALTERNATIVES])
            digits.append(Digit(value, posterior[value], box, image, alternatives))
        signs, surely = self._signs(found)
        return Line(tuple(digits), combined.probability, 0, signs, surely)

    def _signs(self, line: LineText) -> tuple[tuple[Sign, ...], float]:
        """A line's signs, and how sure the reader is of them; not even looked for if unwanted."""
        if self._sign_reader is None:
            return (), 1.0
        found = self._sign_reader.read(line)
        signs = tuple(
            Sign(gap.sign, gap.probability, gap.box, place)
            for place, gap in enumerate(found)
            if gap.sign
        )
        return signs, math.prod(gap.probability for gap in found)

    def _page(self, grey: Grey) -> list[Line]:
        return self._rows(grey, find_lines(grey, self._lines))

    def _rows(self, grey: Grey, rows: list[list[Box]]) -> list[Line]:
        lines = []
        for number, row in enumerate(rows):
            for box in row:
                line = self._read_line(grey[box.inside])
                if len(line.digits) == 1:
                    line = next(iter(self._number(line, grey[box.inside])), line)
                lines.append(replace(translated(line, box), row=number))
        return [] if are_grain(lines) else lines

    def _auto(self, grey: Grey) -> list[Line]:
        """The layout that fits best.

        | image                                                  | read as                    |
        |--------------------------------------------------------|----------------------------|
        | lower than PAGE_HEIGHT, or filled by one line          | number (see `_number`)     |
        | fewer than two lines are found on it                   | number                     |
        | the number's digits are stacked                        | page                       |
        | otherwise                                              | the more confident of both |
        """
        line = self._read_line(grey)
        found = self._number(line, grey)
        if grey.shape[0] < PAGE_HEIGHT or fills(line, grey):
            return found
        rows = find_lines(grey, self._lines)
        if sum(map(len, rows)) < 2:
            return found
        page = self._rows(grey, rows)
        surer = mean_confidence(page) > mean_confidence(found)
        return page if stacked(found) or surer else found

    def _number(self, line: Line, grey: Grey) -> list[Line]:
        """One number, as a line or as the single digit that it may be.

        | line           | image  | answer                                                    |
        |----------------|--------|-----------------------------------------------------------|
        | several digits | wide   | the line                                                  |
        | several digits | others | the line if its confidence > CLEAR > the digit's;         |
        |                |        | else the digit, discounted; without one, the line, so too |
        | the same digit | any    | the digit; if wide and the digit is surer, the line       |
        | anything else  | any    | the surer of both, discounted                             |
        """
        wide = grey.shape[1] > WIDE * grey.shape[0]
        if len(line.digits) > 1 and wide:
            return [line]
        alone = self._digit(grey)
        single = alone[0].confidence if alone else 0.0
        if len(line.digits) > 1:
            if line.confidence > CLEAR > single:
                return [line]
            return [discounted(one) for one in alone or [line]]
        # alone has not looked for further digits
        if alone and line.digits_only.text == alone[0].text:
            return [line] if wide and line.confidence < single else alone
        surer = [line] if line.digits and line.confidence > single else alone
        return [discounted(one) for one in surer]


def read(
    source: Source,
    *,
    weights: str | Path | Weights | None = None,
    reject: float = 0.0,
    layout: Layout = "auto",
    colour_dropout: Dropout = "auto",
    digits_only: bool = False,
) -> Reading:
    """Read the numbers in an image. For many images, `Reader` loads the weights only once.

    Parameters
    ----------
    source : a path, the bytes of a file, a file opened with "rb", a Pillow image or an array
    weights : for single digits: "1998", "modern", a weights file or a run folder
    reject : answers with a confidence below this, 0 … 1, are rejected: their text is empty
    layout : "digit", "line", "page" or "grid"; "auto" finds out
    colour_dropout : the printed colour of a form to remove: "red", "green", "blue" or "none";
        "auto" finds out
    digits_only : leave out points, commas, dashes, slashes and colons

    Returns
    -------
    A Reading: its `text`, `confidence`, `digits` with their boxes, `lines` and `tables`. A blank
    image gives an empty text.

    Raises
    ------
    InputError
        if the image cannot be read.
    """
    reader = Reader(weights, reject, layout, colour_dropout=colour_dropout, digits_only=digits_only)
    return reader.read(source)
