"""Work `inference`: digit images to penalties, the same bytes for every engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from lenet.benchmark.engines import Engine, engines_for, reason_of
from lenet.benchmark.peak import Peak
from lenet.benchmark.plan import Plan, Progress
from lenet.benchmark.report import Agreement, Report, Result
from lenet.benchmark.timing import interleaved, on_threads
from lenet.network.plane import ByteArray, FloatArray
from lenet.network.weights import Weights, load_weights, shipped_names

WORK = "inference"


def networks() -> dict[str, Weights]:
    """What is shipped: `1998` and `modern`, two sets of numbers for the network of 1998."""
    return {name: load_weights(name) for name in shipped_names()}


def measure_inference(plan: Plan, images: ByteArray, report: Report, progress: Progress) -> None:
    """Time every engine on every network, thread count and batch; compare their answers once."""
    peak, measured = Peak(), networks()
    results: list[Result] = []
    for network, weights in measured.items():
        reference = _portable(weights).penalties(images)
        for threads in plan.thread_counts:
            with on_threads(threads):
                left_out = {row["engine"] for row in report.skipped}
                names = [name for name in plan.engines if name not in left_out]
                engines = engines_for(weights, threads, names, report)
                if threads == plan.thread_counts[0]:
                    _compare(network, engines, images, reference, report)
                for batch in plan.batches:
                    progress.step(f"{network}, {threads} threads, batch {batch}")
                    calls = _calls(engines, images, batch) | peak.calls(threads)
                    seconds = interleaved(calls, plan.timing)
                    results += _results(network, threads, batch, seconds)
    report.results += [peak.share(row, measured[row.network].architecture) for row in results]


def _portable(weights: Weights) -> Engine:
    from lenet.engine.numpy_engine import NumpyEngine

    return NumpyEngine(weights)


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
    """What separates two answers of shape (n, 10) to the same digits."""
    differing = penalties.argmin(1) != reference.argmin(1)
    scale = np.abs(reference).max(1, keepdims=True)
    relative = np.abs(penalties - reference) / np.maximum(scale, np.finfo(np.float32).tiny)
    n = len(reference)
    return Agreement(work, engine, network, n, int(differing.sum()), float(relative.max()))


def _calls(
    engines: dict[str, Engine], images: ByteArray, batch: int
) -> dict[str, Callable[[], object]]:
    """For each engine a call that answers the same images, uint8 (batch, 28, 28)."""
    given = np.ascontiguousarray(np.resize(images, (batch, *images.shape[1:])))
    return {name: partial(engine.penalties, given) for name, engine in engines.items()}


def _results(network: str, threads: int, batch: int, seconds: dict[str, float]) -> list[Result]:
    """One result an engine, from the median seconds of its calls."""
    native = seconds.get("native")
    return [
        Result(
            WORK,
            name,
            threads,
            batch,
            per_second=batch / taken,
            seconds=taken,
            network=network,
            p50_us=taken * 1e6 if batch == 1 else None,
            ratio_to_native=native / taken if native else None,
        )
        for name, taken in seconds.items()
        if name != "peak"
    ]
