"""One run of the benchmark: `bench` reads like the paragraph that describes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from lenet.benchmark.end_to_end import measure_end_to_end, measure_reading
from lenet.benchmark.hardware import hardware
from lenet.benchmark.inference import measure_inference, networks
from lenet.benchmark.learning import measure_learning
from lenet.benchmark.plan import Plan, Progress
from lenet.benchmark.report import Report
from lenet.data.datasets import load_set


def bench(
    plan: Plan,
    data_dir: Path | None = None,
    on_progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Report:
    """Measure everything in the plan, one engine after the other in short turns.

    Parameters
    ----------
    data_dir : where MNIST lies, for the whole training run
    on_progress : called with (what, done, total) as each job begins
    """
    report = Report(hardware())
    for engine, reason in plan.left_out.items():
        report.skip(engine, "inference", reason)
    digits = load_set("digits", data_dir)
    images = np.concatenate([digits.train.images, digits.test.images])
    cells = len(networks()) * len(plan.thread_counts) * len(plan.batches)
    progress = Progress(cells + 2 + plan.end_to_end, on_progress)
    measure_inference(plan, images, report, progress)
    progress.step("train-1998")
    measure_learning(plan.timing, digits.train, report)
    progress.step("read")
    measure_reading(plan.timing, images[0], report)
    if plan.end_to_end:
        progress.step("time-to-1%")
        measure_end_to_end(data_dir, report)
    else:
        report.skip("lenet train", "time-to-1%", "left out by --quick: it takes a minute")
    on_progress("done", progress.total, progress.total)
    return report
