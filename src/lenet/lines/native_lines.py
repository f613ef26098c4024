"""How a line is read by the compiled kernels: one call for each line, the results of numpy_lines.

Constants and weights go to the kernels once, when an object is made.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import codes_of, kernels
from lenet.engine.packing import packed
from lenet.lines import candidates as seen
from lenet.lines import combine, ctc, line_weights, numpy_lines
from lenet.lines import segmentation_graph as graphs
from lenet.lines.candidates import Candidates, LineImage
from lenet.lines.combine import NBest
from lenet.lines.line_ink import FIELD, INK, MAX_WIDTH, RULES, WORKING_HEIGHT
from lenet.lines.line_weights import LineWeights
from lenet.lines.numpy_lines import CutLine, LineText
from lenet.lines.oversegmentation import CUTTING, TALL, Segments
from lenet.lines.segmentation_graph import Graph
from lenet.network.plane import BYTE_TO_PLANE, FloatArray
from lenet.network.sdnn import EVERY, SEEN, SHAPES, Sdnn
from lenet.network.weights import Weights
from lenet.preprocessing.image import Box, Grey
from lenet.preprocessing.prepare import CENTRING

LINE = {
    "height": WORKING_HEIGHT,
    "max_width": MAX_WIDTH,
    "field": FIELD,
    "tall": TALL,
    "min_text_height": numpy_lines.MIN_TEXT_HEIGHT,
    "margin": numpy_lines.MARGIN,
    "max_joined": seen.MAX_JOINED,
    "max_candidate_width": seen.MAX_WIDTH,
}
PREPARATION = {
    "line": LINE,
    "ink": INK,
    "rules": RULES,
    "cuts": CUTTING,
    "centring": CENTRING,
    "image": seen.IMAGE,
}


class NativeLinePreparation:
    """A grey line or page becomes segments, candidates and a line image."""

    def __init__(self) -> None:
        self._preparation = kernels().LinePreparation(PREPARATION)

    def cut(self, grey: Grey, *, closer: bool = False) -> CutLine:
        """As `NumpyLinePreparation.cut`."""
        return cut_line(self._preparation.cut(_plane(grey), closer))

    def page_parts(self, grey: Grey, field: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """As `NumpyLinePreparation.page_parts`."""
        boxes, mass = self._preparation.page_parts(_plane(grey), field)
        return boxes, mass


class NativeLineReader(NativeLinePreparation):
    """Reads lines with these weights.

    threads : how many work on the candidates of a line
    kernels_for : "avx512", "avx2" or "baseline"; by default the best that this processor runs
    """

    def __init__(self, weights: LineWeights, threads: int = 1, kernels_for: str = "") -> None:
        super().__init__()
        self.weights = weights
        self._reader = kernels().LineReader(
            self._preparation,
            {"arcs": _arc_settings(weights), "reading": _reader_settings(weights)},
            tuple(np.ascontiguousarray(t, np.float32) for t in vars(weights.layer).values()),
            _network(weights.network),
            _network(weights.digit_network),
            sdnn_layers(weights.sdnn),
            BYTE_TO_PLANE,
            threads,
            kernels_for,
        )

    def read(self, grey: Grey, *, closer: bool = True) -> LineText | None:
        """As `NumpyLineReader.read`."""
        found = self._reader.read(_plane(grey), closer)
        if found is None:
            return None
        texts, graph, sdnn, boxes, images = found
        n_best = NBest([tuple(text) for text in texts], np.array(graph), np.array(sdnn))
        return LineText(n_best, [Box(*box) for box in boxes.tolist()], images)

    def graph(self, candidates: Candidates, segments: int) -> Graph:
        """As `NumpyLineReader.graph`."""
        first, last = map(np.ascontiguousarray, (candidates.first, candidates.last))
        digits, nothing = self._reader.penalties(candidates.images, candidates.context, first, last)
        return Graph(first.tolist(), last.tolist(), digits, nothing, segments)


def cut_line(found: dict[str, Any]) -> CutLine:
    """What the kernels know of a line."""
    cut = (found[key] for key in ("ink", "labels", "boxes", "parts", "mass", "height"))
    arcs = (found[key] for key in ("first", "last", "images", "candidate_boxes", "context"))
    image = LineImage(*found["image"])
    return CutLine(Segments(*cut), Candidates(*arcs), image, found["scale"], *found["corner"])


def sdnn_layers(network: Sdnn) -> list[tuple[FloatArray, FloatArray]]:
    """Weights and biases as the kernels take them: (rows, columns, inputs, maps) and (maps,)."""
    layers = []
    for name in SHAPES:
        weight, bias = network.tensors[f"{name}.weight"], network.tensors[f"{name}.bias"]
        planes = weight if weight.ndim == 4 else weight[:, :, None]
        layers.append((_plane(planes.transpose(2, 3, 1, 0)), _plane(bias)))
    return layers


def _network(weights: Weights) -> tuple[tuple[int, int, int], FloatArray]:
    return codes_of(weights.architecture), packed(weights.tensors, weights.architecture)


def _arc_settings(weights: LineWeights) -> dict[str, float]:
    return {
        "rubbish": weights.rubbish,
        "min_log_prob": line_weights.MIN_LOG_PROB,
        "scale": line_weights.SCALE,
        "segment_weight": graphs.SEGMENT_WEIGHT,
        "nothing_cost": graphs.NOTHING_COST,
        "outside": graphs.OUTSIDE,
    }


def _reader_settings(weights: LineWeights) -> dict[str, float]:
    return {
        "beam": combine.BEAM,
        "spread": graphs.SPREAD,
        "min_class_log_prob": ctc.MIN_LOG_PROB,
        "min_log_prob": combine.MIN_LOG_PROB,
        "sdnn_weight": weights.sdnn_weight,
        "digit_weight": weights.digit_network_weight,
        "digit_temperature": weights.digit_network.temperature,
        "stride": EVERY,
        "seen": SEEN,
        "half_width": numpy_lines.HALF_WIDTH,
    }


def _plane(numbers: FloatArray) -> FloatArray:
    return np.ascontiguousarray(numbers, np.float32)
