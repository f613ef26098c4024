"""One run of the benchmark: `bench` reads like the paragraph that describes it."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from lenet.benchmark.end_to_end import measure_end_to_end, measure_reading
from lenet.benchmark.inference import measure_inference, networks
from lenet.benchmark.learning import measure_learning
from lenet.benchmark.report import Report
from lenet.benchmark.timing import Plan
from lenet.data.datasets import load_set
from lenet.engine import native_engine
from lenet.engine.select import cores
from lenet.training.run_folder import processor, versions

LIBRARIES = ("lenet", "numpy", "torch", "onnx", "onnxruntime", "openvino")


def bench(
    plan: Plan,
    data_dir: Path | None = None,
    on_progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Report:
    """Measure everything in the plan, one engine after the other in short turns.

    Parameters
    ----------
    data_dir : where MNIST lies, for the end-to-end training run
    on_progress : called with (what, done, total) as each job begins
    """
    report = Report(hardware())
    for engine, reason in plan.left_out.items():
        report.skip(engine, "inference", reason)
    digits = load_set("digits", data_dir)
    images = np.concatenate([digits.train.images, digits.test.images])
    cells = len(networks()) * len(plan.thread_counts) * len(plan.batches)
    done, total = count(), cells + 2 + plan.end_to_end

    def step(what: str) -> None:
        on_progress(what, next(done), total)

    measure_inference(plan, images, report, step)
    step("train-1998")
    measure_learning(plan.timing, digits.train, report)
    step("read")
    measure_reading(plan.timing, images[0], report)
    if plan.end_to_end:
        step("time-to-1%")
        measure_end_to_end(data_dir, report)
    else:
        report.skip("lenet train", "time-to-1%", "left out by --quick: it takes a minute")
    step("done")
    return report


def hardware() -> dict[str, Any]:
    """Processor, cores, memory in GiB, system, versions, and the compiled kernels it can run."""
    memory = None  # where the system does not report it
    with suppress(AttributeError, ValueError, OSError):
        memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    installed = versions(LIBRARIES)
    return {
        "cpu": processor(),
        "cores": cores(),
        "memory": memory,
        "os": platform.platform(),
        "python": installed["python"],
        "versions": {name: installed.get(name) for name in LIBRARIES},
        "kernels": native_engine.kernels().runnable() if native_engine.available() else [],
    }
