"""The network in OpenVINO."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openvino

from lenet.benchmark.parts import in_parts
from lenet.export.graph import onnx_graph
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights


@dataclass(frozen=True)
class _Request:
    """Writing into its own buffer and reading from it takes a third of infer({…}) at batch 1."""

    infer: Callable[[], Any]
    images: ByteArray  # (n, 28, 28), what the next call reads
    penalties: FloatArray  # (n, 10), what the last call gave


class OpenVino:
    """One model per size of the parts, compiled when it first comes.

    A fixed size is a quarter faster at batch 1. The LATENCY hint is the faster one at every size:
    THROUGHPUT gives one call one thread, and only many calls at a time would use them all.
    """

    def __init__(self, weights: Weights, threads: int) -> None:
        self._core: Any = openvino.Core()
        self._graph = onnx_graph(weights, pool=False).SerializeToString()
        self._options = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",  # or it would count in bfloat16 where it can
            "ENABLE_CPU_PINNING": False,  # pinned threads wait for whoever else is on that core
        }
        self._compiled: dict[int, _Request] = {}

    def penalties(self, images: ByteArray) -> FloatArray:
        """The ten penalties of digit images, uint8 (n, 28, 28); float32 (n, 10)."""
        return in_parts(self._part, images)

    def _part(self, images: ByteArray) -> FloatArray:
        request = self._compiled.get(len(images)) or self._compile(len(images))
        request.images[...] = images
        request.infer()
        penalties: FloatArray = request.penalties.copy()
        return penalties

    def _compile(self, batch: int) -> _Request:
        model = self._core.read_model(self._graph)
        model.reshape([batch, 28, 28])
        request = self._core.compile_model(model, "CPU", self._options).create_infer_request()
        given, answer = request.input_tensors[0].data, request.output_tensors[0].data
        self._compiled[batch] = _Request(request.infer, given, answer)
        return self._compiled[batch]
