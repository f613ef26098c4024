"""How much is measured, and how: a short block of each engine in turn, many rounds, medians.

So whatever else the machine does for a while slows all engines, not the one that was running.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from threadpoolctl import ThreadpoolController

from lenet.engine.select import cores


@dataclass(frozen=True)
class Timing:
    """How long each engine is timed.

    rounds : blocks of each engine
    block_seconds : length of a block; at least one call is timed
    pause_seconds : between blocks, so that the threads of the last engine stop spinning
    """

    rounds: int
    block_seconds: float
    pause_seconds: float = 0.005


@dataclass(frozen=True)
class Plan:
    """What one run measures.

    timing : for every network, thread count and batch
    batches : digit images per call
    left_out : engines that are not run, with the reason
    end_to_end : whether to time a training run to 1 % errors on MNIST, if MNIST is here
    """

    timing: Timing
    batches: tuple[int, ...] = (1, 64, 1024)
    thread_counts: tuple[int, ...] = field(default_factory=lambda: (1, 2)[: cores()])
    left_out: dict[str, str] = field(default_factory=dict)
    end_to_end: bool = True

    @classmethod
    def full(cls) -> Plan:
        """About five minutes."""
        return cls(Timing(rounds=15, block_seconds=0.05))

    @classmethod
    def quick(cls) -> Plan:
        """About half a minute."""
        left_out = {"torch-compile": "left out by --quick: compiling alone takes half a minute"}
        return cls(Timing(rounds=5, block_seconds=0.02), left_out=left_out, end_to_end=False)


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
            from lenet.training.torch_learner import torch_threads

            limits.enter_context(torch_threads(count))
        yield
