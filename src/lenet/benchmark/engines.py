"""Every engine under one protocol, each made from the same weights."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Protocol

from lenet.benchmark.report import Report
from lenet.errors import MissingExtraError
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights


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


def _native(weights: Weights, threads: int) -> Engine:
    engine: Engine = native_module().NativeEngine(weights, threads=threads)
    return engine


def _portable(weights: Weights, threads: int) -> Engine:
    from lenet.engine.numpy_engine import NumpyEngine

    return NumpyEngine(weights)


def _torch(weights: Weights, threads: int) -> Engine:
    from lenet.network.lenet5 import from_weights

    return from_weights(weights)


def _torch_compile(weights: Weights, threads: int) -> Engine:
    from lenet.benchmark.torch_compile import TorchCompile

    return TorchCompile(weights, threads)


def _onnxruntime(weights: Weights, threads: int) -> Engine:
    from lenet.benchmark.onnx_runtime import OnnxRuntime

    return OnnxRuntime(weights, threads)


def _openvino(weights: Weights, threads: int) -> Engine:
    from lenet.benchmark.open_vino import OpenVino

    return OpenVino(weights, threads)


# The thread count of numpy and torch is one for the process; `timing.on_threads` sets it.
MAKERS: dict[str, Callable[[Weights, int], Engine]] = {
    "native": _native,
    "portable": _portable,
    "torch": _torch,
    "torch-compile": _torch_compile,
    "onnxruntime": _onnxruntime,
    "openvino": _openvino,
}


def engines_for(
    weights: Weights, threads: int, names: list[str], report: Report
) -> dict[str, Engine]:
    """The engines of these names that work here; the others are noted in the report as skipped."""
    made: dict[str, Engine] = {}
    for name in names:
        try:
            made[name] = MAKERS[name](weights, threads)
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
