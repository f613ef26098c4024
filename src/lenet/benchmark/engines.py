"""The engines that are compared, each made from the same weights: ours and the peers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from lenet.benchmark.report import Report
from lenet.engine import native_engine
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import MissingExtraError
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights

ENGINES = ("native", "portable", "torch", "torch-compile", "onnxruntime", "openvino")
# The maps of 64 images fit the cache, so 1,024 take up to a quarter less time than in one go, and
# what is compiled for one size is compiled for two of them: 1 and 64.
PART = 64

Buffers = tuple[Callable[[], Any], ByteArray, FloatArray]


class Engine(Protocol):
    """Something that runs one trained network on a given number of threads."""

    def penalties(self, images: ByteArray) -> FloatArray:
        """The ten penalties of digit images, uint8 (n, 28, 28); float32 (n, 10), lowest wins."""


@dataclass(frozen=True)
class InParts:
    """An engine of a runtime that compiles for a shape: one image a call, or 64.

    answer : penalties of so many images
    """

    answer: Callable[[ByteArray], FloatArray]

    def penalties(self, images: ByteArray) -> FloatArray:
        """As `Engine.penalties`; bare paper fills up the last 64."""
        if len(images) == 1:
            return self.answer(images)
        rest = -len(images) % PART
        filled = np.pad(images, ((0, rest), (0, 0), (0, 0))) if rest else images
        parts = [self.answer(filled[at : at + PART]) for at in range(0, len(filled), PART)]
        return (np.concatenate(parts) if len(parts) > 1 else parts[0])[: len(images)]


def bound(bind: Callable[[int], Buffers]) -> Callable[[ByteArray], FloatArray]:
    """The answers of a runtime bound to buffers of its own, one set for each batch size.

    Passing images and penalties with every call would take longer: at batch 1 a tenth in ONNX
    Runtime, three times in OpenVINO.

    bind : for a batch size, what runs the network, the images it reads, the penalties it writes
    """
    buffers = cache(bind)

    def answer(images: ByteArray) -> FloatArray:
        run, given, penalties = buffers(len(images))
        given[...] = images
        run()
        answered: FloatArray = penalties.copy()
        return answered

    return answer


def require_native() -> None:
    """ImportError, with the reason, where the compiled engine is not built."""
    if not native_engine.available():
        raise ImportError(native_engine.unavailable_reason())


def onnx_runtime(weights: Weights, threads: int) -> Callable[[int], Buffers]:
    """One session with all optimisations."""
    import onnxruntime

    from lenet.export.graph import onnx_graph

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1  # the graph is one line, nothing to run in parallel
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3  # errors only
    graph = onnx_graph(weights, pool=True).SerializeToString()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def bind(batch: int) -> Buffers:
        images = np.zeros((batch, 28, 28), np.uint8)
        penalties = np.zeros((batch, 10), np.float32)
        binding = session.io_binding()
        for bind, name, array in (
            (binding.bind_input, "images", images),
            (binding.bind_output, "penalties", penalties),
        ):
            bind(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
        return lambda: session.run_with_iobinding(binding), images, penalties

    return bind


def open_vino(weights: Weights, threads: int) -> Callable[[int], Buffers]:
    """A model compiled for each batch size: a quarter faster at batch 1 than one for all.

    The LATENCY hint is faster at every size: THROUGHPUT gives one call one thread.
    """
    import openvino

    from lenet.export.graph import onnx_graph

    core: Any = openvino.Core()
    graph = onnx_graph(weights, pool=False).SerializeToString()
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": "f32",  # or it would compute in bfloat16 where it can
        "ENABLE_CPU_PINNING": False,  # pinned threads wait for other work on that core
    }

    def bind(batch: int) -> Buffers:
        model = core.read_model(graph)
        model.reshape([batch, 28, 28])
        request = core.compile_model(model, "CPU", options).create_infer_request()
        return request.infer, request.input_tensors[0].data, request.output_tensors[0].data

    return bind


def make_engine(name: str, weights: Weights, threads: int) -> Engine:
    """The engine of this name; numpy and torch take the process's threads, see `on_threads`."""
    if name == "native":
        require_native()
        return native_engine.NativeEngine(weights, threads=threads)
    if name == "portable":
        return NumpyEngine(weights)
    if name == "torch":
        from lenet.network.lenet5 import from_weights

        return from_weights(weights)
    if name == "torch-compile":
        from lenet.benchmark.torch_peers import torch_compile

        return InParts(torch_compile(weights))
    binder = {"onnxruntime": onnx_runtime, "openvino": open_vino}[name]
    return InParts(bound(binder(weights, threads)))


def engines_for(
    weights: Weights, threads: int, names: list[str], report: Report
) -> dict[str, Engine]:
    """The engines of these names that work here; the report notes why the others do not."""
    made: dict[str, Engine] = {}
    for name in names:
        try:
            made[name] = make_engine(name, weights, threads)
        except (ImportError, OSError, RuntimeError) as problem:
            report.skip(name, "inference", reason_of(problem))
    return made


def reason_of(problem: Exception) -> str:
    """Why an engine is left out, in one line."""
    if isinstance(problem, MissingExtraError):
        return str(problem)
    if isinstance(problem, ModuleNotFoundError):
        return f"{problem.name} is not installed; pip install 'lenet[bench]'"
    first, *_ = str(problem).strip().splitlines() or [""]
    return first if isinstance(problem, ImportError) else f"{type(problem).__name__}: {first}"
