"""How a line is read by the compiled kernels: one call for each line, the results of numpy_lines.

Constants and weights go to the kernels once, when an object is made.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.native_engine import constants_of, kernels, native_architecture
from lenet.engine.packing import packed
from lenet.lines import (
    candidates,
    combine,
    ctc,
    cuts,
    line_ink,
    line_weights,
    numpy_lines,
    oversegmentation,
    segmentation_graph,
)
from lenet.lines.candidates import Candidates, LineImage
from lenet.lines.combine import NBest
from lenet.lines.line_weights import LineWeights
from lenet.lines.numpy_lines import CutLine, LineText
from lenet.lines.oversegmentation import Segments
from lenet.lines.segmentation_graph import Graph
from lenet.network import sdnn
from lenet.network.plane import BYTE_TO_PLANE, ByteArray, FloatArray
from lenet.network.sdnn import SHAPES, Sdnn
from lenet.network.weights import Weights
from lenet.preprocessing import digit_ink, prepare
from lenet.preprocessing.image import Box, Grey

PREPARATION = constants_of(
    digit_ink, prepare, line_ink, cuts, oversegmentation, candidates, numpy_lines
)


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

    def windows(
        self, of: Segments, shares: Grey, factor: float, places: NDArray[np.int64]
    ) -> ByteArray:
        """As `NumpyLinePreparation.windows`."""
        size, averaged = numpy_lines.size_of(of, factor), factor < numpy_lines.AVERAGED
        found: ByteArray = self._preparation.windows(
            of.ink, of.labels, shares, *size, averaged, places
        )
        return found


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
            reader_settings(weights),
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
        texts, graph, outputs, boxes, images, segments, scale, corner = found
        n_best = NBest([tuple(text) for text in texts], np.array(graph), np.array(outputs))
        in_image = [Box(*box) for box in boxes.tolist()]
        return LineText(n_best, in_image, images, Segments(*segments), scale, corner)

    def graph(self, of: Candidates, segments: int) -> Graph:
        """As `NumpyLineReader.graph`."""
        first, last = map(np.ascontiguousarray, (of.first, of.last))
        digits, nothing = self._reader.penalties(of.images, of.context, first, last)
        return Graph(first.tolist(), last.tolist(), digits, nothing, segments)


def cut_line(found: dict[str, Any]) -> CutLine:
    """What the kernels know of a line."""
    arcs = (found[key] for key in ("first", "last", "images", "candidate_boxes", "context"))
    image = LineImage(*found["image"])
    segments = Segments(*found["segments"])
    return CutLine(segments, Candidates(*arcs), image, found["scale"], *found["corner"])


def sdnn_layers(network: Sdnn) -> list[tuple[FloatArray, FloatArray]]:
    """Weights and biases as the kernels take them: (rows, columns, inputs, maps) and (maps,)."""
    layers = []
    for name in SHAPES:
        weight, bias = network.tensors[f"{name}.weight"], network.tensors[f"{name}.bias"]
        planes = weight if weight.ndim == 4 else weight[:, :, None]
        layers.append((_plane(planes.transpose(2, 3, 1, 0)), _plane(bias)))
    return layers


def _network(weights: Weights) -> tuple[Any, FloatArray]:
    return native_architecture(weights.architecture), packed(weights.tensors, weights.architecture)


def reader_settings(weights: LineWeights) -> dict[str, dict[str, float]]:
    """What the kernels read lines by, besides PREPARATION."""
    of_weights = {
        "rubbish": weights.rubbish,
        "sdnn_weight": weights.sdnn_weight,
        "digit_network_weight": weights.digit_network_weight,
        "digit_temperature": weights.digit_network.temperature,
    }
    modules = (line_weights, segmentation_graph, ctc, combine, sdnn, numpy_lines)
    return constants_of(*modules) | {"weights": of_weights}


def _plane(numbers: FloatArray) -> FloatArray:
    return np.ascontiguousarray(numbers, np.float32)
