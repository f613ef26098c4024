"""From any image to an answer: one digit, a line, a page, or whichever it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, overload

import numpy as np

from lenet.engine.select import best_engine
from lenet.errors import InputError, ResourceError, UsageError
from lenet.lines.combine import combine
from lenet.lines.line_engine import best_line_reader
from lenet.lines.line_weights import posteriors
from lenet.lines.numpy_lines import LineText
from lenet.lines.open_set import NO_DIGIT, OpenSetClassifier, open_set_weights
from lenet.lines.signs import SignReader
from lenet.network.confidence import probabilities
from lenet.network.plane import ByteArray
from lenet.network.weights import Weights
from lenet.preprocessing.colour_dropout import Dropout
from lenet.preprocessing.image import MAX_PIXELS, Box, Grey, Planes, Source, load_planes
from lenet.preprocessing.prepare import BlankError, prepare
from lenet.reading.decision import Explanations
from lenet.reading.grid import find_grids
from lenet.reading.html import for_showing
from lenet.reading.layout import (
    DISCOUNT,
    MANY,
    Parts,
    are_grain,
    are_plausible,
    at_edge,
    find_lines,
    is_a_box,
    is_bare_stroke,
    is_central,
    scaled,
    translated,
)
from lenet.reading.reader_weights import ReaderWeights, load_reader_weights
from lenet.reading.result import Digit, Line, Reading, Sign, Table
from lenet.reading.seven_segments import looks_like_display, read_display
from lenet.reading.straighten import read_level
from lenet.reading.strokes import is_no_digit, without_strokes
from lenet.reading.tables import as_one_number, is_one_row, read_tables

if TYPE_CHECKING:
    from lenet.lines.adapt import AdaptRecipe
    from lenet.reading.adaptation import Adaptation

Layout = Literal["auto", "digit", "line", "page", "grid"]

PAGE_HEIGHT = 120  # pixels: lower images are no pages
WIDE = 1.3  # width / height up to which a digit is expected in the middle
BORDER = 0.12  # of the shorter side: what lies farther out may be a border
SURE = 0.95  # confidence of a line that needs no second reader
HARDLY = 0.01  # confidence of a digit below which its ink may be a border
LIKELY = 0.5  # mean confidence of the digits of a page that may explain an image
ALTERNATIVES = 2  # other values that a digit names


class Reader:
    """Reads image after image with weights that are loaded once.

    A reader can be shared between threads and pickled to other processes.

    Parameters
    ----------
    weights : for single digits: "1998", "modern", a weights file or a run folder; lines are read
        with weights of their own. A folder made by `adapt` or `lenet adapt` holds both
    reject : answers with a confidence below this, 0 … 1, are rejected: their text is empty
    layout : "digit", "line", "page" or "grid" (a table, a form); "auto" finds out
    threads : how many work on one image; more than one pays for whole pages only
    colour_dropout : the printed colour of a form to remove: "red", "green", "blue" or "none";
        "auto" finds out
    digits_only : leave out points, commas, dashes, slashes and colons

    Raises
    ------
    UsageError
        if a setting is not one of these.
    InputError
        if there are no such weights.

    Examples
    --------
    >>> import lenet
    >>> reader = lenet.Reader(layout="digit")
    >>> reader.read("examples/3-photo.jpg").text
    '3'
    >>> [reading.text for reading in reader.read(["examples/9-fax.png", "examples/2-chalk.jpg"])]
    ['9', '2']
    """

    def __init__(
        self,
        weights: str | Path | Weights | ReaderWeights | None = None,
        reject: float = 0.0,
        layout: Layout = "auto",
        threads: int = 1,
        colour_dropout: Dropout = "auto",
        digits_only: bool = False,
    ) -> None:
        if not (isinstance(reject, (int, float, np.floating)) and 0 <= reject <= 1):
            raise UsageError(f"reject must lie between 0 and 1, got {reject!r}")
        if layout not in get_args(Layout):
            raise UsageError(f"layout must be one of {', '.join(get_args(Layout))}, got {layout!r}")
        if colour_dropout not in get_args(Dropout):
            raise UsageError(
                f"colour_dropout must be one of {', '.join(get_args(Dropout))}, "
                f"got {colour_dropout!r}"
            )
        self.colour_dropout, self.digits_only = colour_dropout, digits_only
        self.all_weights = load_reader_weights(weights)
        self.weights, lines, signs = self.all_weights
        self.reject, self.layout, self.threads = reject, layout, threads
        self._network = best_engine(self.weights, threads)
        self._lines = best_line_reader(lines, threads)
        self._sign_reader = None if digits_only else SignReader(signs, threads)
        self._candidate_network = best_engine(lines.network, threads)
        self._open_set = OpenSetClassifier(open_set_weights(), threads)

    def __reduce__(self) -> tuple[Any, ...]:
        """To pickle or copy: the engines, which hold memory of the kernels, are made anew."""
        return type(self), (
            self.all_weights,
            self.reject,
            self.layout,
            self.threads,
            self.colour_dropout,
            self.digits_only,
        )

    def __repr__(self) -> str:
        return f"Reader(layout={self.layout!r}, reject={self.reject:g})"

    def with_weights(self, weights: ReaderWeights) -> Reader:
        """This reader with other weights."""
        return type(self)(weights, *self.__reduce__()[1][1:])

    def adapt(
        self,
        table: str | Path,
        folder: str | Path,
        *,
        data: str = "mnist",
        data_dir: Path | None = None,
        seed: int = 0,
        recipe: AdaptRecipe | None = None,
        tell: Callable[[str], None] = lambda text: None,
    ) -> Adaptation:
        """Adapt to labelled pictures of numbers; write weights that `Reader(folder)` reads with.

        A fifth of the pictures is held out: they measure what is gained. This reader stays as it
        is. It takes minutes, and PyTorch.

        Parameters
        ----------
        table : a CSV file with the columns `file`, relative to it, and `label`, what each picture
            shows: digits and the signs `. , - / :`. Pictures of the same `group`, if there is such
            a column, are held out together: name the writer or the source there
        folder : a new one, for the weights
        data, data_dir : digits to compose more lines of, as of `lenet.data.load`
        seed : decides which pictures are held out, and the training
        recipe : how much is learnt
        tell : is called with what is being done

        Returns
        -------
        An Adaptation: the folder, and `before` and `after`, the scores on the pictures held out.

        Raises
        ------
        UsageError
            if the folder exists, or this reader's layout is neither "auto" nor "line".
        InputError
            if the table is none, or names too few pictures of numbers.
        FetchError
            if the digits are missing.
        LenetError
            if the adapted reader is worse on the pictures held out; nothing is written then.
        """
        if self.layout not in ("auto", "line"):
            raise UsageError(f"layout {self.layout} reads no single line; adapt auto or line")
        from lenet.reading.adaptation import adapt

        return adapt(self, Path(table), Path(folder), data, data_dir, seed, recipe, tell)

    @overload
    def read(self, source: Source) -> Reading: ...
    @overload
    def read(self, source: list[Any] | tuple[Any, ...]) -> list[Reading]: ...
    def read(self, source: Source | list[Any] | tuple[Any, ...]) -> Reading | list[Reading]:
        """What an image shows, or each of a list; parameters and errors as of `lenet.read`."""
        if isinstance(source, (list, tuple)):
            return [self._read_one_of(source, number) for number in range(len(source))]
        planes = self.load(source)
        return replace(self.read_planes(planes), image=for_showing(planes.whole))

    def _read_one_of(self, sources: list[Any] | tuple[Any, ...], number: int) -> Reading:
        """One of several images; an error says which."""
        try:
            reading: Reading = self.read(sources[number])
        except (InputError, ResourceError) as problem:
            where = f"image {number + 1} of {len(sources)}"
            raise type(problem)(f"{where}: {problem}") from problem
        return reading

    def read_planes(self, planes: Planes) -> Reading:
        """What an image shows whose grey planes `load` has given."""
        weighed = Explanations(planes.grey, self._lines)
        reading = weighed.best(self._explanations(planes, weighed))
        if self.layout == "page" or (self.layout != "grid" and is_a_box(reading.tables)):
            reading = replace(reading, tables=())  # their numbers alone
        elif self.layout == "line" and reading.tables:
            reading = replace(reading, lines=(as_one_number(reading.tables[0]),), tables=())
        return replace(reading, rejected=reading.confidence < self.reject)

    def load(self, source: Source, max_pixels: int = MAX_PIXELS) -> Planes:
        """An image's grey planes, for `read_planes`; errors and parameters as of `load_image`."""
        return load_planes(source, max_pixels, self.colour_dropout)

    def line_planes(self, planes: Planes) -> list[Grey]:
        """The planes in which a number is looked for: the whole one, and perhaps it set level."""
        tried: list[Grey] = []

        def read_line(grey: Grey) -> Line:
            tried.append(grey)
            return self._recognised(grey)

        read_level(planes.grey, read_line)
        return tried

    def _explanations(
        self, planes: Planes, weighed: Explanations
    ) -> Iterator[tuple[list[Line], list[Table]]]:
        """What the image may show, by layout; `Explanations` chooses.

        | layout | asked, in this order                                                        |
        |--------|-----------------------------------------------------------------------------|
        | digit  | one digit; the one in a plausible table of one cell, a box                   |
        | line   | one line; a plausible table of one row, as one line                         |
        | page   | plausible tables, as rows; without them a page's lines                      |
        | grid   | tables                                                                      |
        | auto   | a line, if it has several digits, else one digit; plausible tables; without |
        |        | them a page, if PAGE_HEIGHT high                                            |
        """
        grey, layout = planes.grey, self.layout
        number: list[Line] = []
        if layout in ("auto", "digit", "line"):
            line = self._read_line(grey)
            number = [line] if layout == "line" else self._number(line, grey)
            yield number, []
        tables = self._tables(planes)
        if (layout == "digit" and not is_a_box(tables)) or (
            layout == "line" and not is_one_row(tables)
        ):
            return
        if layout == "grid" or are_plausible(tables, grey):
            yield [line for table in tables for line in table.lines], tables
        elif layout == "page":
            yield self._page(grey, weighed.parts), []
        elif layout == "auto" and grey.shape[0] >= PAGE_HEIGHT:
            page = self._page(grey, weighed.parts)
            sure = [digit.confidence for line in page for digit in line.digits]
            if len(sure) > 1 and sum(sure) >= LIKELY * len(sure):
                yield page, []

    def _tables(self, planes: Planes) -> list[Table]:
        """The tables; a form's colour shows their rules, and is left out of their cells."""
        return read_tables(planes.grey, find_grids(planes.whole), self._cell)

    def _cell(self, grey: Grey) -> list[Line]:
        return [line.as_written.accepted for line in self._number(self._read_line(grey), grey)]

    def _number(self, line: Line, grey: Grey) -> list[Line]:
        """The line, or the one digit that it is; of layout "digit" always one digit.

        | digit                                    | confidence                |
        |------------------------------------------|---------------------------|
        | both readers read the same               | the mean of both          |
        | they differ, or only one finds any       | the surer's, discounted   |
        | it does not hold the image's middle, too | discounted once more      |
        """
        if len(line.digits) > 1 and self.layout != "digit":
            return [line]
        alone = self._alone(grey)
        if len(line.digits) == 1:
            none = (alone or [line])[0].digits[0].no_digit
            line = scaled(line, 1 - none, none)
        both = [*alone, line] if len(line.digits) == 1 else alone
        if not both:
            return []
        agree = len(both) == 2 and both[0].digits[0].value == line.digits[0].value
        surest = line if agree else max(both, key=lambda one: one.confidence)
        mean = sum(one.confidence for one in both) / len(both)
        factor = mean / surest.confidence if agree else DISCOUNT
        square = grey.shape[1] <= WIDE * grey.shape[0]
        if square and not is_central(surest.digits[0].box, grey):
            factor *= DISCOUNT
        return [scaled(surest, factor)]

    def _alone(self, grey: Grey) -> list[Line]:
        """The single-digit reader's answer; within borders, too, if square and perhaps a border."""
        found = self._digit(grey)
        wide = grey.shape[1] > WIDE * grey.shape[0]
        plain = [one for one in found if one.confidence >= HARDLY and not at_edge(one.box, grey)]
        if wide or plain:
            return found
        margin = round(BORDER * min(grey.shape))
        inner = Box(margin, margin, grey.shape[0] - margin, grey.shape[1] - margin)
        found += [translated(line, inner) for line in self._digit(grey[inner.inside])]
        return sorted(found, key=lambda one: one.confidence)[-1:]

    def _digit(self, grey: Grey) -> list[Line]:
        try:
            prepared = prepare(grey)
        except BlankError:
            return []
        penalties = self._network.penalties(prepared.image[None])
        posterior = probabilities(penalties, self.weights.temperature)[0]
        no_digit, whole = 0.0, 1.0
        if not (posterior.argmax() == 1 and is_bare_stroke(prepared.box, grey, self._lines)):
            no_digit = float(self._open_set.probabilities(prepared.image[None])[0, NO_DIGIT])
            whole = self._wholeness(prepared.image)
        shares = (posterior * (1 - no_digit) * whole).tolist()
        digit = _digit(int(posterior.argmax()), shares, prepared.box, prepared.image, no_digit)
        return [] if is_no_digit(digit) else [Line((digit,), digit.confidence)]

    def _wholeness(self, image: ByteArray) -> float:
        """The probability that a digit image (28, 28) shows no part of a digit, nor several."""
        penalties = self._candidate_network.penalties(image[None])
        return 1 - float(np.exp(posteriors(penalties, self._lines.weights.rubbish)[0, 10]))

    def _read_line(self, grey: Grey) -> Line:
        """The digits of a line of shape (h, w), and how sure the reader is of all of them.

        A number on a display is read by its segments where that is surer.
        """
        line = read_level(grey, self._recognised)
        wide = grey.shape[1] > WIDE * grey.shape[0]
        if line.confidence >= SURE or not wide or not looks_like_display(grey):
            return line
        display = read_display(grey)
        return display if display and display.confidence > line.confidence else line

    def _recognised(self, grey: Grey) -> Line:
        found, weights = self._lines.read(grey), self._lines.weights
        if found is None:
            return Line((), 1.0)
        combined = combine(found.n_best, weights.sdnn_weight, weights.temperature)
        no_digit = self._open_set.probabilities(found.images)[:, NO_DIGIT].tolist()
        shown = combined.digit_probabilities(), found.boxes, found.images, no_digit
        digits = tuple(map(_digit, combined.text, *shown))
        signs, surely = self._signs(found)
        line = Line(digits, combined.probability, 0, signs, surely)
        return without_strokes(line, found, combined)

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

    def _page(self, grey: Grey, parts: Parts) -> list[Line]:
        """The lines of a page, in reading order; none if some of all over it are grain."""
        rows = find_lines(parts)
        places = [(number, box) for number, row in enumerate(rows) for box in row]
        step = max(1, len(places) // MANY)
        sweep = -(-len(places) // step)
        order = sorted(range(len(places)), key=lambda k: k % step)
        lines: dict[int, Line] = {}
        for k in order:
            if len(lines) % sweep == 0 and are_grain(list(lines.values())):
                return []
            number, box = places[k]
            line = self._read_line(grey[box.inside])
            if len(line.digits) == 1:
                line = next(iter(self._number(line, grey[box.inside])), line)
            lines[k] = replace(translated(line, box), row=number)
        return [] if are_grain(list(lines.values())) else [lines[k] for k in sorted(lines)]


def _digit(value: int, shares: list[float], box: Box, image: ByteArray, no_digit: float) -> Digit:
    """A digit with the probabilities, 0 … 1, of all ten values; the likeliest others are named."""
    others = sorted({*range(10)} - {value}, key=shares.__getitem__, reverse=True)
    alternatives = tuple((other, shares[other]) for other in others[:ALTERNATIVES])
    return Digit(value, shares[value], box, image, alternatives, no_digit)
