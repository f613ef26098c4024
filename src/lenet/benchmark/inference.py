"""Work `inference`: digit images to penalties, the same bytes for every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from lenet.benchmark.engines import ENGINES, Engine, engines_for, reason_of
from lenet.benchmark.report import Agreement, Report, Result
from lenet.benchmark.timing import Plan, interleaved, on_threads
from lenet.engine import native_engine
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
    # The most operations a second by thread count, measured in turn with the engines: otherwise a
    # machine that is busy for a while would make the share of the peak look larger than it is.
    peaks: dict[int, float] = {}

    def measure_peak(threads: int) -> None:
        peaks[threads] = max(native_engine.peak_flops(threads), peaks.get(threads, 0.0))

    measured, results = networks(), list[Result]()
    for network, weights in measured.items():
        reference = NumpyEngine(weights).penalties(images)
        for threads in plan.thread_counts:
            with on_threads(threads):
                left_out = {row["engine"] for row in report.skipped}
                names = [name for name in ENGINES if name not in left_out]
                engines = engines_for(weights, threads, names, report)
                if threads == plan.thread_counts[0]:
                    _compare(network, engines, images, reference, report)
                for batch in plan.batches:
                    step(f"{network}, {threads} threads, batch {batch}")
                    given = np.ascontiguousarray(np.resize(images, (batch, *images.shape[1:])))
                    calls: dict[str, Callable[[], object]] = {
                        name: partial(one.penalties, given) for name, one in engines.items()
                    }
                    if "native" in engines:
                        calls["peak"] = partial(measure_peak, threads)
                    seconds = interleaved(calls, plan.timing)
                    seconds.pop("peak", None)
                    results += Result.of(WORK, network, seconds, threads, batch)
    for row in results:
        share = None
        if row.engine == "native":
            share = _share_of_peak(row, measured[row.network], peaks[row.threads])
        report.results.append(replace(row, share_of_peak=share))


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


def _share_of_peak(result: Result, weights: Weights, peak: float) -> float:
    """A result's operations, two a multiply-add that the network needs, over those of the peak.

    Work done twice or on padding does not count.
    """
    operations = 2 * sum(layer.multiply_adds for layer in summarise(weights.architecture))
    return result.per_second * operations / peak
