"""The engines that are compared, each made from the same weights: ours and the peers."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from lenet.benchmark.parts import in_parts
from lenet.benchmark.report import Report
from lenet.errors import MissingExtraError
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights

ENGINES = ("native", "portable", "torch", "torch-compile", "onnxruntime", "openvino")


class Engine(Protocol):
    """Something that runs one trained network on a given number of threads."""

    def penalties(self, images: ByteArray) -> FloatArray:
        """The ten penalties of digit images, uint8 (n, 28, 28); float32 (n, 10), lowest wins."""


def native_module() -> ModuleType:
    """The compiled engine, `lenet.engine.native_engine`; ImportError where it is not built."""
    from lenet.engine import native_engine

    if not native_engine.available():
        raise ImportError(native_engine.unavailable_reason())
    return native_engine


class BoundRuntime:
    """A runtime bound to buffers of its own, one set for each batch size.

    Passing images and penalties with every call would take longer: at batch 1 a tenth in ONNX
    Runtime, three times in OpenVINO.
    """

    def __init__(self) -> None:
        self._bound: dict[int, tuple[Callable[[], Any], ByteArray, FloatArray]] = {}

    def bind(self, batch: int) -> tuple[Callable[[], Any], ByteArray, FloatArray]:
        """What runs the network, the images (batch, 28, 28) it reads, the penalties it writes."""
        raise NotImplementedError

    def penalties(self, images: ByteArray) -> FloatArray:
        return in_parts(self._part, images)

    def _part(self, images: ByteArray) -> FloatArray:
        if len(images) not in self._bound:
            self._bound[len(images)] = self.bind(len(images))
        run, given, penalties = self._bound[len(images)]
        given[...] = images
        run()
        answer: FloatArray = penalties.copy()
        return answer


class OnnxRuntime(BoundRuntime):
    """One session with all optimisations."""

    def __init__(self, weights: Weights, threads: int) -> None:
        import onnxruntime

        from lenet.export.graph import onnx_graph

        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1  # the graph is one line, nothing to run in parallel
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3  # errors only
        graph = onnx_graph(weights, pool=True).SerializeToString()
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(graph, options, providers=providers)

    def bind(self, batch: int) -> tuple[Callable[[], Any], ByteArray, FloatArray]:
        images = np.zeros((batch, 28, 28), np.uint8)
        penalties = np.zeros((batch, 10), np.float32)
        binding = self._session.io_binding()
        for bind, name, array in (
            (binding.bind_input, "images", images),
            (binding.bind_output, "penalties", penalties),
        ):
            bind(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)
        return lambda: self._session.run_with_iobinding(binding), images, penalties


class OpenVino(BoundRuntime):
    """A model compiled for each batch size: a quarter faster at batch 1 than one for all.

    The LATENCY hint is faster at every size: THROUGHPUT gives one call one thread.
    """

    def __init__(self, weights: Weights, threads: int) -> None:
        import openvino

        from lenet.export.graph import onnx_graph

        super().__init__()
        self._core: Any = openvino.Core()
        self._graph = onnx_graph(weights, pool=False).SerializeToString()
        self._options = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",  # or it would compute in bfloat16 where it can
            "ENABLE_CPU_PINNING": False,  # pinned threads wait for other work on that core
        }

    def bind(self, batch: int) -> tuple[Callable[[], Any], ByteArray, FloatArray]:
        model = self._core.read_model(self._graph)
        model.reshape([batch, 28, 28])
        request = self._core.compile_model(model, "CPU", self._options).create_infer_request()
        return request.infer, request.input_tensors[0].data, request.output_tensors[0].data


def make_engine(name: str, weights: Weights, threads: int) -> Engine:
    """The engine of this name; numpy and torch take the process's threads, see `on_threads`."""
    engine: Engine
    if name == "native":
        engine = native_module().NativeEngine(weights, threads=threads)
    elif name == "portable":
        from lenet.engine.numpy_engine import NumpyEngine

        engine = NumpyEngine(weights)
    elif name == "torch":
        from lenet.network.lenet5 import from_weights

        engine = from_weights(weights)
    elif name == "torch-compile":
        from lenet.benchmark.torch_compile import TorchCompile

        engine = TorchCompile(weights, threads)
    else:
        engine = {"onnxruntime": OnnxRuntime, "openvino": OpenVino}[name](weights, threads)
    return engine


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
