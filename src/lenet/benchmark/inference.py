"""Work `inference`: digit images to penalties, the same bytes for every engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np

from lenet.benchmark.engines import Engine, engines_for, native_module, reason_of
from lenet.benchmark.report import Agreement, Report, Result
from lenet.benchmark.timing import Plan, interleaved, on_threads
from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.summary import summarise
from lenet.network.weights import Weights, load_weights, shipped_names

WORK = "inference"


def networks() -> dict[str, Weights]:
    """The shipped weights, `1998` and `modern`: two trainings of the network of 1998."""
    return {name: load_weights(name) for name in shipped_names()}


def measure_inference(
    plan: Plan, images: ByteArray, report: Report, step: Callable[[str], None]
) -> None:
    """Time every engine on every network, thread count and batch; compare their answers once.

    step : called with the name of each cell of the table as it begins
    """
    peak, measured, results = Peak(), networks(), list[Result]()
    for network, weights in measured.items():
        reference = NumpyEngine(weights).penalties(images)
        for threads in plan.thread_counts:
            with on_threads(threads):
                left_out = {row["engine"] for row in report.skipped}
                names = [name for name in plan.engines if name not in left_out]
                engines = engines_for(weights, threads, names, report)
                if threads == plan.thread_counts[0]:
                    _compare(network, engines, images, reference, report)
                for batch in plan.batches:
                    step(f"{network}, {threads} threads, batch {batch}")
                    given = np.ascontiguousarray(np.resize(images, (batch, *images.shape[1:])))
                    calls = {name: partial(one.penalties, given) for name, one in engines.items()}
                    seconds = interleaved(calls | peak.calls(threads), plan.timing)
                    seconds.pop("peak", None)
                    results += Result.of(WORK, network, seconds, threads, batch)
    report.results += [peak.share(row, measured[row.network]) for row in results]


def _compare(
    network: str,
    engines: dict[str, Engine],
    images: ByteArray,
    reference: FloatArray,
    report: Report,
) -> None:
    """Note how far each engine is from numpy; one that cannot answer is left out from here on."""
    for name in list(engines):
        try:
            penalties = engines[name].penalties(images)
        except (OSError, RuntimeError) as problem:
            report.skip(name, WORK, reason_of(problem))
            del engines[name]
        else:
            report.agreement.append(agreement(WORK, name, network, penalties, reference))


def agreement(
    work: str, engine: str, network: str, penalties: FloatArray, reference: FloatArray
) -> Agreement:
    """The difference of two answers, each of shape (n, 10), to the same digits."""
    differing = penalties.argmin(1) != reference.argmin(1)
    scale = np.abs(reference).max(1, keepdims=True)
    relative = np.abs(penalties - reference) / np.maximum(scale, np.finfo(np.float32).tiny)
    n = len(reference)
    return Agreement(work, engine, network, n, int(differing.sum()), float(relative.max()))


class Peak:
    """The most single-precision operations a second seen in this run, by thread count.

    Measured in turn with the engines and kept at its highest: otherwise a machine that is busy
    for a while would make the engine's share look larger than it is.
    """

    def __init__(self) -> None:
        self.highest: dict[int, float] = {}
        self._measure: Callable[[int], float] | None = None
        with suppress(ImportError):
            self._measure = native_module().peak_flops

    def calls(self, threads: int) -> dict[str, Callable[[], object]]:
        """What to call in turn with the engines, under the name "peak"; nothing without native."""
        return {"peak": lambda: self._update(threads)} if self._measure else {}

    def _update(self, threads: int) -> None:
        assert self._measure is not None
        self.highest[threads] = max(self._measure(threads), self.highest.get(threads, 0.0))

    def share(self, result: Result, weights: Weights) -> Result:
        """A native result with its share of the peak: two operations a multiply-add it needs.

        Work done twice or on padding does not count.
        """
        peak = self.highest.get(result.threads)
        if result.engine != "native" or not peak:
            return result
        operations = 2 * sum(layer.multiply_adds for layer in summarise(weights.architecture))
        return replace(result, share_of_peak=result.per_second * operations / peak)
