"""Runs experiments: computes the missing jobs, then reports on all of them.

A folder of results holds
    results/EXPERIMENT.json     figures and conditions
    results.md                  all of them for people, once every experiment has its document
    jobs/EXPERIMENT/JOB.json    what each job computed, and how long it took
    jobs/networks/              trainings that a stopped job continues
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from lenet.data.digits import DigitSet
from lenet.engine.select import cores, in_use
from lenet.errors import LenetError
from lenet.experiments import (
    ablation,
    corruptions,
    invariance,
    lenet_5,
    numbers,
    table,
    training_size,
    transfer,
    why_convolution,
)
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.files import write_atomically
from lenet.network.weights import Weights, load_weights
from lenet.reading.batch import end_with_parent
from lenet.training.recipes import PUBLISHED
from lenet.training.run_folder import hardware, versions

# Every experiment that `lenet reproduce` knows, in the order of the results page.
EXPERIMENTS: tuple[Experiment, ...] = (
    lenet_5.EXPERIMENT,
    *training_size.EXPERIMENTS,
    table.EXPERIMENT,
    why_convolution.EXPERIMENT,
    invariance.EXPERIMENT,
    transfer.EXPERIMENT,
    corruptions.EXPERIMENT,
    ablation.EXPERIMENT,
    numbers.EXPERIMENT,
)
LIBRARIES = ("lenet", "numpy", "scipy", "scikit-learn")  # whose versions decide results
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Document = dict[str, Any]


@dataclass(frozen=True)
class Folder:
    """Where the results of a budget are kept."""

    path: Path

    def document(self, experiment: str) -> Path:
        return self.path / "results" / f"{experiment}.json"

    def job(self, experiment: str, job: str) -> Path:
        return self.path / "jobs" / experiment / f"{job}.json"

    @property
    def networks(self) -> Path:
        return self.path / "jobs" / "networks"


Computed = Callable[
    [Sequence[tuple[str, Job]], Folder, Path | None], Iterator[tuple[str, Job, Result, float]]
]


def reproduce(
    experiments: Sequence[Experiment],
    budget: Budget,
    folder: Folder,
    data_dir: Path | None,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    finished: Callable[[Document], None] = lambda document: None,
    computed: Computed | None = None,
) -> list[Document]:
    """The document of every experiment, in order; kept results are not computed again.

    progress : called with (what, jobs done, jobs in all)
    finished : called with each document as soon as it is written
    computed : computes the missing jobs and yields each result as it comes; by default on the
        cores of this machine
    """
    given = conditions(Workspace.at(folder.networks, data_dir).digits)
    jobs = {experiment.name: experiment.jobs(budget) for experiment in experiments}
    kept = {name: _kept(folder, name, wanted, given) for name, wanted in jobs.items()}
    missing = [(name, job) for name in jobs for job in jobs[name] if job.name not in kept[name]]
    total = sum(map(len, jobs.values()))
    documents: dict[str, Document] = {}

    def finish(experiment: Experiment) -> None:
        name = experiment.name
        if len(kept[name]) == len(jobs[name]):
            documents[name] = _document(experiment, budget, kept[name], given)
            write_atomically(folder.document(name), as_json(documents[name]))
            finished(documents[name])

    by_name = {experiment.name: experiment for experiment in experiments}
    for experiment in experiments:
        finish(experiment)
    done = total - len(missing)
    progress("computing", done, total)
    for name, job, result, seconds in (computed or _computed)(missing, folder, data_dir):
        record = _record(job, given) | {"seconds": round(seconds, 2), "result": result}
        write_atomically(folder.job(name, job.name), as_json(record))
        kept[name][job.name] = record
        done += 1
        progress(f"{name}: {job.name}", done, total)
        finish(by_name[name])
    return [documents[experiment.name] for experiment in experiments]


def conditions(digits: DigitSet) -> dict[str, Any]:
    """Hardware, versions, kernels, and the hash of the digits."""
    return {
        "hardware": hardware(),
        "engine": in_use(),
        "versions": versions(LIBRARIES),
        "data": digits.name,
        "data_sha256": digits.sha256,
    }


def _computed(
    missing: Sequence[tuple[str, Job]], folder: Folder, data_dir: Path | None
) -> Iterator[tuple[str, Job, Result, float]]:
    """The result and the seconds of each job as they come, one job per core."""
    if not missing:
        return
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # libraries read it as a process starts
    pool = ProcessPoolExecutor(
        min(cores(), len(missing)), get_context("spawn"), initializer=end_with_parent
    )
    try:
        work: dict[Future[tuple[Result, float]], tuple[str, Job]] = {
            pool.submit(compute, job, folder.networks, data_dir): (name, job)
            for name, job in missing
        }
        for future in as_completed(work):
            yield (*work[future], *future.result())
    except BrokenProcessPool as broken:
        raise LenetError(
            "a worker process died, perhaps out of memory; finished jobs are kept: run the same "
            "command again to continue"
        ) from broken
    finally:
        for process in list((pool._processes or {}).values()):
            process.terminate()  # a stopped run stops now; kept results stay
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def compute(job: Job, networks: Path, data_dir: Path | None) -> tuple[Result, float]:
    """The result of one job and its seconds, in a process that may be on another machine."""
    workspace, started = _workspace(networks, data_dir), time.perf_counter()
    result = job.work(workspace, **job.settings)
    return result, time.perf_counter() - started


@lru_cache(maxsize=1)
def _workspace(networks: Path, data_dir: Path | None) -> Workspace:
    return Workspace.at(networks, data_dir)


def _record(job: Job, given: dict[str, Any]) -> dict[str, Any]:
    """What a kept result must match to be used again."""
    record = {
        "settings": dict(job.settings),
        "recipe": PUBLISHED.to_dict(),
        "shipped": {name: _digest(load_weights(name)) for name in job.shipped},
        "data_sha256": given["data_sha256"],
    }
    as_read: dict[str, Any] = json.loads(json.dumps(record))  # tuples as lists
    return as_read


def _digest(weights: Weights) -> str:
    """SHA-256 of the numbers of a network."""
    tensors = (weights.tensors[name].tobytes() for name in sorted(weights.tensors))
    return hashlib.sha256(b"".join(tensors)).hexdigest()


def _kept(
    folder: Folder, experiment: str, jobs: Sequence[Job], given: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """The records of jobs computed before, by name, without damaged ones."""
    kept = {}
    for job in jobs:
        try:
            record = json.loads(folder.job(experiment, job.name).read_text(encoding="utf-8"))
            expected = _record(job, given)
            same = {key: record[key] for key in expected} == expected
            if same and "absent" not in record["result"]:  # a set may have been fetched since
                kept[job.name] = record
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return kept


def _document(
    experiment: Experiment, budget: Budget, kept: dict[str, dict[str, Any]], given: dict[str, Any]
) -> Document:
    order = [job.name for job in experiment.jobs(budget)]
    report = experiment.report(budget, {name: kept[name]["result"] for name in order})
    return {
        "schema": 1,
        "experiment": experiment.name,
        "title": experiment.title,
        "command": f"lenet reproduce {experiment.name}{' --quick' * budget.quick}",
        "quick": budget.quick,
        "conditions": given,
        "core_seconds": round(sum(record["seconds"] for record in kept.values()), 1),
        **report.to_dict(),
    }


def as_json(document: dict[str, Any]) -> bytes:
    """A document as kept: readable, and the same bytes for the same content."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
