"""The two works that use the whole package: `read`, and `time-to-1%`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from lenet.benchmark.report import Report, Result
from lenet.benchmark.timing import Timing, interleaved, on_threads
from lenet.data.datasets import load_set
from lenet.engine import native_engine
from lenet.errors import LenetError
from lenet.network.plane import ByteArray
from lenet.reading.reader import Reader

ENLARGED = 8  # a 28×28 digit becomes an image of 224×224 pixels
GOAL = 0.01  # test errors, a fraction
WORK, RECIPE = "time-to-1%", "quick"


def measure_reading(timing: Timing, image: ByteArray, report: Report) -> None:
    """Images read a second, from pixels in memory: dark ink on paper, the digit found and read.

    image : one digit image, uint8 (28, 28)
    """
    page = 255 - np.kron(image, np.ones((ENLARGED, ENLARGED), np.uint8))
    reader = Reader("1998")
    engine = "native" if native_engine.available() else "portable"  # as `best_engine` chooses
    with on_threads(1):
        seconds = interleaved({engine: partial(reader.read, page)}, timing)
    report.results += Result.of("read", "1998", seconds)


def measure_end_to_end(data_dir: Path | None, report: Report) -> None:
    """Wall seconds of `lenet train` on MNIST from an empty process, if it ends at 1 % or below."""
    try:
        load_set("mnist", data_dir)
    except LenetError as problem:
        return report.skip("lenet train", WORK, str(problem))
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = _train(Path(folder) / "run", data_dir)
        seconds = time.perf_counter() - started
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        reason = f"ended with exit code {done.returncode}: {last}"
        return report.skip("lenet train", WORK, reason)
    run = json.loads(done.stdout)
    engine, reached = run["engine"], float(run["passes"][-1]["test_error_rate"])
    if reached > GOAL:
        reason = f"recipe {RECIPE} ended at {reached:.2%} test errors after {seconds:.0f} s"
        return report.skip(engine, WORK, reason)
    threads, batch = _size()
    (result,) = Result.of(WORK, "1998", {engine: seconds}, threads)
    report.results.append(replace(result, batch=batch, test_error_rate=reached))
    return None


def _train(run_folder: Path, data_dir: Path | None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lenet", "train", "--recipe", RECIPE, "--data", "mnist"]
    command += ["--seed", "0", "--out", str(run_folder), "--json", "--quiet"]
    if data_dir:
        command += ["--data-dir", str(data_dir)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def _size() -> tuple[int, int]:
    """Threads and digits per update of the recipe."""
    from lenet.training.optimisers import AdamW
    from lenet.training.recipes import load_recipe

    recipe = load_recipe(RECIPE)
    return recipe.threads, recipe.optimiser.batch if isinstance(recipe.optimiser, AdamW) else 1
