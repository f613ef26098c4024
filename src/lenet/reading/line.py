"""One line of digits: its ink, its pieces, the best path through their graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lenet.errors import InputError
from lenet.lines import ctc
from lenet.lines.arc_scores import Scorer
from lenet.lines.candidates import Candidates, candidates_of
from lenet.lines.combine import combine
from lenet.lines.line_image import LineImage, line_image_of
from lenet.lines.line_ink import at_working_height, find_line_ink
from lenet.lines.oversegmentation import TALL, Segments, higher_than, oversegment
from lenet.lines.ruled_lines import remove_ruled_lines
from lenet.lines.segmentation_graph import NOTHING
from lenet.network.plane import DIGIT_SIDE, ByteArray
from lenet.network.sdnn import EVERY, SEEN
from lenet.preprocessing.box import Box
from lenet.preprocessing.centre import centre
from lenet.preprocessing.image import Grey
from lenet.reading.result import Digit, Line

SMALL = 16  # pixels at working height: lower text is looked at again, closer
OTHERS = 2  # alternatives that a digit names
HALF = 0.35  # of the text height: half of a digit's width, where no cut shows it
MARGIN = 0.6  # of the text height, around text that is looked at closer


@dataclass(frozen=True)
class Prepared:
    """A line cut into pieces.

    scale : pixels here per pixel of the image;  top, left : where the line lies in the image
    """

    pieces: Segments
    scale: float
    top: int = 0
    left: int = 0

    def box(self, inner: Sequence[int]) -> Box:
        """A box of the line, (top, left, bottom, right), in pixels of the image."""
        top, left, bottom, right = (int(side) / self.scale for side in inner)
        return Box(
            self.top + math.floor(top),
            self.left + math.floor(left),
            self.top + math.ceil(bottom),
            self.left + math.ceil(right),
        )


def prepared_line(grey: Grey) -> Prepared:
    """The pieces of a line of shape (h, w), 0 black … 1 white; small writing is enlarged."""
    line, scale = at_working_height(grey)
    found = Prepared(oversegment(remove_ruled_lines(find_line_ink(line))), scale)
    if not len(found.pieces) or found.pieces.height >= SMALL:
        return found
    tall = higher_than(found.pieces.boxes, TALL * found.pieces.height)
    inner = (*tall[:, :2].min(0), *tall[:, 2:].max(0))
    margin = math.ceil(MARGIN * found.pieces.height / scale)
    box = found.box(inner)
    top, left = max(0, box.top - margin), max(0, box.left - margin)
    closer = grey[top : box.bottom + margin, left : box.right + margin]
    line, scale = at_working_height(closer)
    return Prepared(oversegment(remove_ruled_lines(find_line_ink(line))), scale, top, left)


def read_line(grey: Grey, scorer: Scorer) -> Line:
    """The digits of a line of shape (h, w), 0 black … 1 white."""
    line = prepared_line(grey)
    if not len(line.pieces):
        return Line((), 1.0)
    return decoded(line, candidates_of(line.pieces), scorer)


def decoded(line: Prepared, found: Candidates, scorer: Scorer) -> Line:
    """What segmentation and the wide-input network together believe, and where the digits stand."""
    graph = scorer.graph(found, len(line.pieces))
    strip = line_image_of(line.pieces)
    places = scorer.wide(strip.ink)
    verdict = combine(graph, places, scorer.weights.sdnn_weight, scorer.weights.temperature)
    text = verdict.text
    steps = [step for step in graph.path(text) if step.value != NOTHING]
    if len(steps) == len(text):
        shown = [
            (line.box(found.boxes[step.candidate]), found.images[step.candidate]) for step in steps
        ]
    else:
        shown = [_seen(line, strip, *at) for at in ctc.align(places, text)]
    digits = []
    for value, beliefs, (box, image) in zip(text, verdict.beliefs(), shown, strict=True):
        others = sorted((v for v in range(10) if v != value), key=lambda v: -beliefs[v])[:OTHERS]
        alternatives = tuple((v, beliefs[v]) for v in others)
        digits.append(Digit(value, beliefs[value], box, image, alternatives))
    return Line(tuple(digits), verdict.share)


def _seen(line: Prepared, strip: LineImage, first: int, end: int) -> tuple[Box, ByteArray]:
    """Box and image of a digit that no cut parts from others: what lies around its outputs."""
    ink = np.where(line.pieces.labels > 0, line.pieces.ink, 0)
    middle = strip.left + (EVERY * (first + end - 1) + SEEN) / 2 / strip.scale
    half = HALF * line.pieces.height
    left, right = max(0, round(middle - half)), min(ink.shape[1], round(middle + half) + 1)
    rows = np.flatnonzero((ink[:, left:right] > 0).any(1))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, len(ink))
    try:
        image = centre(ink[top:bottom, left:right])
    except InputError:  # fainter than ink
        image = np.zeros((DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    return line.box((top, left, bottom, right)), image
