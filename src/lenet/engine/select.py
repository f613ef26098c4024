"""Which engine runs: the compiled kernels where they were built, numpy everywhere else."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from lenet.engine import native_engine
from lenet.engine.native_engine import MOST_THREADS, NativeEngine
from lenet.network.weights import Weights

if TYPE_CHECKING:
    from lenet.engine.numpy_engine import NumpyEngine


def best_engine(weights: Weights, threads: int | None = None) -> NativeEngine | NumpyEngine:
    """The network on the best engine of this machine; both give the same answers.

    threads : how many work on one call, by default all cores; `NumpyEngine` leaves that to numpy
    """
    if not native_engine.available():
        tell_what_is_missing()
        from lenet.engine.numpy_engine import NumpyEngine

        return NumpyEngine(weights)
    return NativeEngine(weights, min(cores(), MOST_THREADS) if threads is None else threads)


@cache
def tell_what_is_missing() -> None:
    """Say once a process, on standard error, that the kernels are not there and what it means."""
    import logging

    logging.getLogger("lenet").warning(
        "lenet: %s; numpy and PyTorch do their work, slower; install a C++ compiler, then lenet "
        "again, to have them",
        native_engine.unavailable_reason(),
    )


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_use() -> str:
    """One line for people: which engine reads and trains on this machine."""
    if native_engine.available():
        return f"native, compiled kernels for {native_engine.kernels().runnable()[0]}"
    return f"portable, numpy ({native_engine.unavailable_reason()})"
