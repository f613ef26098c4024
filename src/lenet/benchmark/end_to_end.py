"""The two works that go through the whole house: `read`, and `time-to-1%`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lenet.benchmark.report import Report, Result
from lenet.benchmark.timing import Timing, interleaved, on_threads
from lenet.data.datasets import load_set
from lenet.engine.select import best_engine
from lenet.errors import LenetError
from lenet.network.plane import ByteArray
from lenet.reading.reader import Reader

ENLARGED = 8  # a 28×28 digit becomes an image of 224×224 pixels
GOAL = 0.01  # test errors, a fraction
RECIPE = "quick"


def measure_reading(timing: Timing, image: ByteArray, report: Report) -> None:
    """Images read a second, from pixels in memory: dark ink on paper, the digit found and read.

    image : one digit image, uint8 (28, 28)
    """
    page = 255 - np.kron(image, np.ones((ENLARGED, ENLARGED), np.uint8))
    reader = Reader("1998")
    with on_threads(1):
        taken = interleaved({"read": partial(reader.read, page)}, timing)["read"]
    engine = type(best_engine(reader.weights)).__name__.lower()  # as the reader chooses
    ratio = 1.0 if engine == "native" else None
    report.results.append(
        Result(
            "read",
            engine,
            threads=1,
            batch=1,
            per_second=1 / taken,
            seconds=taken,
            network="1998",
            p50_us=taken * 1e6,
            ratio_to_native=ratio,
        )
    )


def measure_end_to_end(data_dir: Path | None, report: Report) -> None:
    """Wall seconds of `lenet train` on MNIST from an empty process, if it ends at 1 % or below."""
    work = "time-to-1%"
    try:
        load_set("mnist", data_dir)
    except LenetError as problem:
        report.skip("lenet train", work, str(problem))
        return
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = _train(Path(folder) / "run", data_dir)
        seconds = time.perf_counter() - started
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        report.skip("lenet train", work, f"ended with exit code {done.returncode}: {last}")
        return
    run = json.loads(done.stdout)
    reached = float(run["passes"][-1]["test_error_rate"])
    if reached > GOAL:
        reason = f"recipe {RECIPE} ended at {reached:.2%} test errors after {seconds:.0f} s"
        report.skip(run["engine"], work, reason)
        return
    report.results.append(_end_to_end_result(run, work, seconds, reached))


def _train(out: Path, data_dir: Path | None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lenet", "train", "--recipe", RECIPE, "--data", "mnist"]
    command += ["--seed", "0", "--out", str(out), "--json", "--quiet"]
    if data_dir:
        command += ["--data-dir", str(data_dir)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def _end_to_end_result(run: dict[str, Any], work: str, seconds: float, reached: float) -> Result:
    from lenet.training.optimisers import AdamW
    from lenet.training.recipes import load_recipe

    recipe = load_recipe(RECIPE)
    return Result(
        work,
        run["engine"],
        threads=recipe.threads,
        batch=recipe.method.batch if isinstance(recipe.method, AdamW) else 1,
        per_second=1 / seconds,
        seconds=seconds,
        network="1998",
        ratio_to_native=1.0 if run["engine"] == "native" else None,
        test_error_rate=reached,
    )
