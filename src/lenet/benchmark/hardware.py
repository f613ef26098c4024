"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lenet.benchmark.engines import native_module
from lenet.engine.select import cores
from lenet.training.run_folder import processor

LIBRARIES = ("lenet", "numpy", "torch", "onnx", "onnxruntime", "openvino")


def hardware() -> dict[str, Any]:
    """Processor, cores, memory in GiB, system, versions, and the compiled kernels it can run."""
    try:
        kernels = native_module().kernels().runnable()
    except ImportError:
        kernels = []
    return {
        "cpu": processor(),
        "cores": cores(),
        "memory": _memory(),
        "os": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in LIBRARIES},
        "kernels": kernels,
    }


def _memory() -> float | None:
    """GiB, where the system says."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
