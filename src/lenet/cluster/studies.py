"""Pieces of a study computed on a Ray cluster, one on each core that there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import ray

from lenet.cluster.connect import connected
from lenet.experiments.experiment import Job, Result
from lenet.experiments.runner import Folder, compute


def computed(
    missing: Sequence[tuple[str, Job]], folder: Folder, data_dir: Path | None
) -> Iterator[tuple[str, Job, Result, float]]:
    """What each job found and its seconds, as they come; see `reproduce`.

    The machines read the data from, and keep networks in, folders of these same names.
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
