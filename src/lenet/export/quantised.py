"""The network's ONNX graph in 8-bit integers, by ONNX Runtime's static quantisation."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from onnx import ModelProto, load
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from lenet.network.plane import ByteArray

BATCH = 100
# 2,556 weights of 60,000 or 61,706. C1 and C3 cause nearly all disagreements, and with so few maps
# ONNX Runtime's integer convolutions take twice the time of its float ones (docs/export.md).
IN_FLOAT = ("c1", "c3", "output")


class _Shown(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime carries no types
    def __init__(self, images: ByteArray) -> None:
        self._parts = iter([images[at : at + BATCH] for at in range(0, len(images), BATCH)])

    def get_next(self) -> dict[str, ByteArray] | None:
        part = next(self._parts, None)
        return None if part is None else {"images": part}


def quantised(graph: ModelProto, images: ByteArray) -> ModelProto:
    """The graph with C5 and F6 in int8, a scale for each map, and uint8 before them (QDQ form).

    They hold 97 % of the network's weights. Weights use 7 of their 8 bits: on x86 without VNNI two
    full products would overflow the 16 bits that they are added in, and the answers would depend
    on the machine.

    images : training digits, of the shape that the graph takes
    """
    with TemporaryDirectory() as folder, _without_advice():
        file = Path(folder) / "int8.onnx"
        quantize_static(
            graph,
            file,
            _Shown(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Gemm"],
            nodes_to_exclude=_nodes_with(graph, IN_FLOAT),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            # Sums go to the squashing as they are: rounding them to 8 bits as well only loses.
            extra_options={"OpTypesToExcludeOutputQuantization": ["Conv", "Gemm"]},
        )
        return load(file)


def _nodes_with(graph: ModelProto, layers: tuple[str, ...]) -> list[str]:
    weights = {f"{layer}.weight" for layer in layers}
    return [node.name for node in graph.graph.node if weights.intersection(node.input)]


@contextmanager
def _without_advice() -> Iterator[None]:
    """Its advice to preprocess the graph is for graphs with shapes unknown and layers unfused."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)
