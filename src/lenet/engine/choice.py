"""Which engine runs: the compiled kernels where they were built, numpy everywhere else."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import cache

from lenet.engine import native
from lenet.engine.limits import MOST_THREADS
from lenet.engine.native import Native
from lenet.engine.native_wide import NativeWide
from lenet.engine.portable import Portable
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights
from lenet.network.wide import WideNetwork


def fastest(weights: Weights, threads: int | None = None) -> Native | Portable:
    """The network on the best engine of this machine; both give the same answers.

    threads : how many work on one call, by default all cores; `Portable` leaves that to numpy
    """
    if not native.available():
        tell_what_is_missing()
        return Portable(weights)
    return Native(weights, threads or min(cores(), MOST_THREADS))


def fastest_wide(network: WideNetwork) -> Callable[[ByteArray], FloatArray]:
    """The wide-input network on the best engine of this machine: the same, or numpy itself."""
    if not native.available():
        tell_what_is_missing()
        return network
    return NativeWide(network)


@cache
def tell_what_is_missing() -> None:
    """Say once a process, on standard error, that the kernels are not there and what it means."""
    logging.getLogger("lenet").warning(
        "lenet: %s; numpy and PyTorch do their work, slower; install a C++ compiler, then lenet "
        "again, to have them",
        native.why_not(),
    )


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_use() -> str:
    """One line for people: which engine reads and trains on this machine."""
    if native.available():
        return f"native, compiled kernels for {native.kernels().runnable()[0]}"
    return f"portable, numpy ({native.why_not()})"
