"""Jobs of experiments computed on a Ray cluster, one per core."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import ray

from lenet.cluster import connected
from lenet.experiments.experiment import Job, Result
from lenet.experiments.runner import Folder, compute


def computed(
    missing: Sequence[tuple[str, Job]], folder: Folder, data_dir: Path | None
) -> Iterator[tuple[str, Job, Result, float]]:
    """The result and seconds of each job, as they finish; see `reproduce`.

    All machines use these paths for data and networks.
    """
    if not missing:
        return
    with connected():
        work = ray.remote(num_cpus=1)(compute)
        waiting = {
            work.remote(job, folder.networks.absolute(), data_dir and data_dir.absolute()): asked
            for asked in missing
            for job in asked[1:]
        }
        while waiting:
            (done,), _ = ray.wait(list(waiting), num_returns=1)
            try:
                yield (*waiting.pop(done), *ray.get(done))
            except ray.exceptions.RayTaskError as problem:
                raise problem.cause from problem
