"""How a line is read, in numpy: the specification, the fallback and the oracle of the kernels.

grey line → ink → segments ┬→ candidates → digit networks → context layer → graph ┬→ text
                           └→ line image → SDNN ──────────────────────────────────┘
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lenet.lines import ctc
from lenet.lines.candidates import Candidates, LineImage, candidates_of, line_image_of
from lenet.lines.combine import NBest, n_best
from lenet.lines.line_ink import RULE_INK, at_working_height, find_line_ink, remove_ruled_lines
from lenet.lines.line_weights import LineWeights, features
from lenet.lines.oversegmentation import Segments, oversegment
from lenet.lines.segmentation_graph import NOTHING, Graph, graph_of
from lenet.network.plane import DIGIT_SIDE, ByteArray, FloatArray
from lenet.network.sdnn import EVERY, SEEN
from lenet.preprocessing.image import Box, Grey
from lenet.preprocessing.morphology import label, measure
from lenet.preprocessing.prepare import NumpyDigitPreparation
from lenet.preprocessing.resample import resample

MIN_TEXT_HEIGHT = 16  # pixels at working height: lower text is enlarged
MARGIN = 0.6  # of the text height, around text that is enlarged
AVERAGED = 0.5  # times a line's size: below, all pixels count
HALF_WIDTH = 0.35  # of the text height: half of a digit's width, where no cut shows it


class CutLine(NamedTuple):
    """A line over-segmented, and what the networks see of it.

    scale : pixels of the line per pixel of the image
    top, left : where the line lies in the image
    """

    segments: Segments
    candidates: Candidates
    image: LineImage
    scale: float
    top: int = 0
    left: int = 0

    def box(self, inner: Sequence[int]) -> Box:
        """A box of the line, (top, left, bottom, right), in pixels of the image."""
        return _in_image(inner, self.scale, (self.top, self.left))


class LineText(NamedTuple):
    """The texts of a line; boxes (in the image) and images of the best one's digits.

    segments : what the line was cut into
    scale : their pixels per pixel of the image
    corner : where they lie in the image, top and left
    """

    n_best: NBest
    boxes: list[Box]
    images: Sequence[ByteArray] | ByteArray
    segments: Segments
    scale: float
    corner: tuple[int, int]

    def box(self, inner: Sequence[int]) -> Box:
        """A box of the segments, (top, left, bottom, right), in pixels of the image."""
        return _in_image(inner, self.scale, self.corner)

    def inner(self, box: Sequence[int]) -> NDArray[np.float64]:
        """A box of the image in pixels of the segments, (4,): what `box` takes."""
        found: NDArray[np.float64] = (np.array(box) - np.array(self.corner * 2)) * self.scale
        return found


def _in_image(inner: Sequence[int], scale: float, corner: tuple[int, int]) -> Box:
    top, left, bottom, right = (int(side) / scale for side in inner)
    return Box(
        corner[0] + math.floor(top),
        corner[1] + math.floor(left),
        corner[0] + math.ceil(bottom),
        corner[1] + math.ceil(right),
    )


class NumpyLinePreparation:
    """A grey line or page becomes segments, candidates and a line image."""

    def cut(self, grey: Grey, *, closer: bool = False) -> CutLine:
        """A line of shape (h, w), 0 black … 1 white, cut; low text is enlarged if `closer`."""
        segments, scale = _segments(grey)
        top = left = 0
        if closer and len(segments) and segments.height < MIN_TEXT_HEIGHT:
            tall, margin = segments.tall, math.ceil(MARGIN * segments.height / scale)
            first, end = tall[:, :2].min(0) / scale, tall[:, 2:].max(0) / scale
            top, left = (max(0, math.floor(side) - margin) for side in first)
            bottom, right = (math.ceil(side) + margin for side in end)
            segments, scale = _segments(grey[top:bottom, left:right])
        candidates, image = candidates_of(segments), line_image_of(segments)
        return CutLine(segments, candidates, image, scale, top, left)

    def page_parts(self, grey: Grey, field: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Boxes (n, 4) and ink (n,) of the connected components of a page's ink.

        field : odd, pixels; strokes narrower than this are no background
        """
        ink = remove_ruled_lines(find_line_ink(grey, field), page=True)
        return measure(*label(ink > RULE_INK), ink)

    def windows(
        self, of: Segments, shares: Grey, factor: float, places: NDArray[np.int64]
    ) -> ByteArray:
        """What windows of 28×28 show of a line `factor` times its size, with paper around it.

        shares : (n + 1,) of each label's ink, how much is shown
        places : (m, 2) top and left of the windows; each touches the line, at least
        """
        (high, wide), side = size_of(of, factor), DIGIT_SIDE
        ink = np.zeros((high + 2 * side, wide + 2 * side), np.float32)
        way = "BOX" if factor < AVERAGED else "BILINEAR"
        ink[side:-side, side:-side] = resample(shares[of.labels] * of.ink, high, wide, way)
        seen = sliding_window_view(ink, (side, side))[places[:, 0] + side, places[:, 1] + side]
        found: ByteArray = np.rint(seen.clip(0, 1) * 255).astype(np.uint8)
        return found


def size_of(segments: Segments, factor: float) -> tuple[int, int]:
    """Height and width of a line `factor` times its size, in pixels."""
    high, wide = (max(1, round(side * factor)) for side in segments.ink.shape)
    return high, wide


def _segments(grey: Grey) -> tuple[Segments, float]:
    """The segments of a line at working height, and its scale."""
    line, scale = at_working_height(grey)
    return oversegment(remove_ruled_lines(find_line_ink(line))), scale


class NumpyLineReader(NumpyLinePreparation):
    """Reads lines with these weights."""

    def __init__(self, weights: LineWeights) -> None:
        from lenet.engine.numpy_engine import NumpyEngine  # not where the kernels read

        self.weights = weights
        self._network = NumpyEngine(weights.network)
        self._digit_network = NumpyEngine(weights.digit_network)

    def read(self, grey: Grey, *, closer: bool = True) -> LineText | None:
        """The texts of a line of shape (h, w), 0 black … 1 white; None without ink."""
        line = self.cut(grey, closer=closer)
        if not len(line.segments):
            return None
        graph = self.graph(line.candidates, len(line.segments))
        outputs = self.weights.sdnn(line.image.ink)
        found = n_best(graph, outputs)
        text = found.best(self.weights.sdnn_weight)
        arcs = [step.candidate for step in graph.path(text) if step.value != NOTHING]
        if len(arcs) == len(text):
            boxes = [line.box(line.candidates.boxes[k]) for k in arcs]
            images: Sequence[ByteArray] | ByteArray = line.candidates.images[arcs]
        else:
            shown = [cut_out(line, *span) for span in ctc.align(outputs, text)]
            boxes, images = [box for box, _ in shown], [image for _, image in shown]
        corner = (line.top, line.left)
        return LineText(found, boxes, images, line.segments, line.scale, corner)

    def graph(self, of: Candidates, segments: int) -> Graph:
        """The segmentation graph over this many segments."""
        penalties = self.penalties(of.images)
        inputs = features(penalties, self.weights.rubbish, of.context)
        return graph_of(of, self.weights.layer(inputs), segments)

    def penalties(self, images: ByteArray) -> FloatArray:
        """The penalties, (n, 10), of digit images (n, 28, 28) by both networks.

        Of eq. 9's posteriors, the digits' among themselves are a weighted geometric mean of both
        networks; the share of the rubbish class is that of the candidates' own network.
        """
        weight = self.weights.digit_network_weight
        own = self._network.penalties(images)
        other = self._digit_network.penalties(images) / self.weights.digit_network.temperature
        mixed = (1 - weight) * own + weight * other
        mixed += np.logaddexp.reduce(-mixed, axis=1, keepdims=True)
        mixed -= np.logaddexp.reduce(-own, axis=1, keepdims=True)
        return mixed.astype(np.float32)


def cut_out(line: CutLine, first: int, end: int) -> tuple[Box, ByteArray]:
    """Box and image of a digit that no cut separates from others: the ink around its outputs."""
    segments, image = line.segments, line.image
    ink = np.where(segments.labels > 0, segments.ink, 0)
    middle = image.left + (EVERY * (first + end - 1) + SEEN) / 2 / image.scale
    half = HALF_WIDTH * segments.height
    left, right = max(0, round(middle - half)), min(ink.shape[1], round(middle + half) + 1)
    rows = np.flatnonzero((ink[:, left:right] > 0).any(1))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, len(ink))
    found = NumpyDigitPreparation().centred(ink[top:bottom, left:right])
    if found is None:  # fainter than ink
        found = np.zeros((DIGIT_SIDE, DIGIT_SIDE), np.uint8)
    return line.box((top, left, bottom, right)), found
