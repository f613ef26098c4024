"""How time is taken: a short block of each engine in turn, many rounds, medians.

So whatever else the machine does for a while slows all of them, not the one that was running.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from threadpoolctl import ThreadpoolController


@dataclass(frozen=True)
class Timing:
    """How long to look.

    rounds : blocks of each engine
    block_seconds : length of a block; at least one call is timed
    pause_seconds : between blocks, so that the threads of the last engine stop spinning
    """

    rounds: int
    block_seconds: float
    pause_seconds: float = 0.005


def interleaved(calls: Mapping[str, Callable[[], object]], timing: Timing) -> dict[str, float]:
    """The median seconds of one call, by name; each round starts with another of them."""
    names, taken = list(calls), {name: list[float]() for name in calls}
    for number in range(timing.rounds):
        first = number % max(len(names), 1)
        for name in names[first:] + names[:first]:
            time.sleep(timing.pause_seconds)
            taken[name] += _block(calls[name], timing.block_seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _block(call: Callable[[], object], seconds: float) -> list[float]:
    """The seconds of each call in one block, after an untimed one that fills the caches."""
    taken: list[float] = []
    collecting = gc.isenabled()
    gc.disable()  # as timeit does: a collection belongs to none of the engines
    try:
        call()
        end = time.perf_counter() + seconds
        while True:
            started = time.perf_counter()
            call()
            ended = time.perf_counter()
            taken.append(ended - started)
            if ended >= end:
                return taken
    finally:
        if collecting:
            gc.enable()


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    """Numpy, and torch where it is installed, on this many threads; as before afterwards."""
    with ExitStack() as limits:
        limits.enter_context(ThreadpoolController().limit(limits=count, user_api="blas"))
        with suppress(ModuleNotFoundError):
            from lenet.training.with_torch import torch_threads

            limits.enter_context(torch_threads(count))
        yield
