"""How much of the benchmark is run, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lenet.benchmark.engines import MAKERS
from lenet.benchmark.timing import Timing
from lenet.engine.select import cores


def _thread_counts() -> tuple[int, ...]:
    return (1, 2) if cores() > 1 else (1,)


@dataclass(frozen=True)
class Plan:
    """What one run measures.

    timing : how long each engine is looked at, for every network, thread count and batch
    batches : digit images per call
    engines : names in `MAKERS`
    left_out : engines of `MAKERS` that are not run, with the reason
    end_to_end : whether to time a training run to 1 % errors on MNIST, if MNIST is here
    """

    timing: Timing
    batches: tuple[int, ...] = (1, 64, 1024)
    thread_counts: tuple[int, ...] = field(default_factory=_thread_counts)
    engines: list[str] = field(default_factory=lambda: list(MAKERS))
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
        engines = [name for name in MAKERS if name not in left_out]
        timing = Timing(rounds=5, block_seconds=0.02)
        return cls(timing, engines=engines, left_out=left_out, end_to_end=False)


@dataclass
class Progress:
    """How far a run is; `on_progress` is called with (what, done, total)."""

    total: int
    on_progress: Callable[[str, int, int], None] = lambda what, done, total: None
    done: int = 0

    def step(self, what: str) -> None:
        """The next piece begins."""
        self.on_progress(what, self.done, self.total)
        self.done += 1
