"""What share of the machine's arithmetic is used."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from lenet.benchmark.engines import native_module
from lenet.benchmark.report import Result
from lenet.network.architecture import Architecture
from lenet.network.summary import census


class Peak:
    """The most single-precision operations a second seen in this run, by thread count.

    Looked at in turn with the engines and kept at its highest: a machine that is busy or slow for
    a while would else make the engine's share look larger than it is.
    """

    def __init__(self) -> None:
        self.highest: dict[int, float] = {}
        self._look: Callable[[int], float] | None = None
        with suppress(ImportError):
            self._look = native_module().peak_flops

    def calls(self, threads: int) -> dict[str, Callable[[], object]]:
        """What to call in turn with the engines, under the name "peak"; nothing without native."""
        return {"peak": lambda: self._note(threads)} if self._look else {}

    def _note(self, threads: int) -> None:
        assert self._look is not None
        seen = self._look(threads)
        self.highest[threads] = max(seen, self.highest.get(threads, 0.0))

    def share(self, result: Result, architecture: Architecture) -> Result:
        """A native result with its share: the multiply-adds that it has to do, two each, over it.

        Work done twice or on padding does not count.
        """
        peak = self.highest.get(result.threads)
        if result.engine != "native" or not peak:
            return result
        operations = 2 * sum(layer.multiply_adds for layer in census(architecture))
        return replace(result, share_of_peak=result.per_second * operations / peak)
