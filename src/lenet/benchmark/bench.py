"""One run of the benchmark: `bench` reads like the paragraph that describes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from lenet.benchmark.end_to_end import measure_reading, measure_whole_run
from lenet.benchmark.hardware import hardware
from lenet.benchmark.inference import measure_inference, networks
from lenet.benchmark.learning import measure_learning
from lenet.benchmark.plan import Plan, Progress
from lenet.benchmark.report import Report
from lenet.data.datasets import load_set


def bench(
    plan: Plan,
    data_dir: Path | None = None,
    heard: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Report:
    """Measure everything in the plan, one engine after the other in short turns.

    Parameters
    ----------
    data_dir : where MNIST lies, for the whole training run
    heard : called with (what, done, total) as each piece begins
    """
    report = Report(hardware())
    for engine, reason in plan.left_out.items():
        report.skip(engine, "inference", reason)
    digits = load_set("digits", data_dir)
    images = np.concatenate([digits.train.images, digits.test.images])
    cells = len(networks()) * len(plan.thread_counts) * len(plan.batches)
    progress = Progress(cells + 2 + plan.whole_run, heard)
    measure_inference(plan, images, report, progress)
    progress.step("train-1998")
    measure_learning(plan.pace, digits.train, report)
    progress.step("read")
    measure_reading(plan.pace, images[0], report)
    if plan.whole_run:
        progress.step("time-to-1%")
        measure_whole_run(data_dir, report)
    else:
        report.skip("lenet train", "time-to-1%", "left out by --quick: it takes a minute")
    heard("done", progress.total, progress.total)
    return report
