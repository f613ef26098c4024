"""Many images read on a Ray cluster: names go out in batches, answers come back as they finish.

Ray Data reassigns the batches of a machine that dies. Only the calling process writes, and counts
each answer once, so `--out` is complete or can be resumed, as after a local run.
"""

from __future__ import annotations

import logging
import os
import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import ray.data

from lenet.cluster import connected
from lenet.errors import LenetError, UsageError
from lenet.reading.batch import STANDARD_INPUT, Answer, Settings, reader_for, several

BATCH = 64  # images per task: some tenths of a second, against some ms of overhead
BLOCKS = 10_000  # batches at most; with more images they grow


def answers(
    names: Sequence[str], settings: Settings, jobs: int | None = None, *, keep: bool = False
) -> Iterator[Answer]:
    """Read each file once, on any core; the answers come in no order.

    jobs : files read at the same time, by default one per core of the cluster
    keep : whether answers carry their images

    Raises UsageError for standard input, LenetError if the cluster does not answer for all files.
    """
    if STANDARD_INPUT in names:
        raise UsageError("--engine ray cannot read standard input; name files or folders")
    if not names:
        return
    waiting = Counter(names)
    with connected():
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # it logs every step
        found = ray.data.from_items(
            list(map(os.fsencode, names)), override_num_blocks=min(BLOCKS, -(-len(names) // BATCH))
        ).map_batches(
            _read,  # type: ignore[arg-type]  # Ray types only functions of one argument
            batch_size=None,  # a block whole
            fn_args=(settings, keep),
            num_cpus=1,
            concurrency=jobs,
        )
        for block in found.iter_batches(batch_size=None, batch_format="numpy"):
            for packed in block["answer"]:
                read: Answer = pickle.loads(packed)  # noqa: S301 (packed below, by us)
                if waiting[read.file]:
                    waiting[read.file] -= 1
                    yield read
    if lost := waiting.total():
        raise LenetError(f"{lost:,} images got no answer from Ray; continue with --resume")


def _read(block: dict[str, Any], settings: Settings, keep: bool) -> dict[str, Any]:
    """The answers for a block of names, on any machine."""
    found = several(list(map(os.fsdecode, block["item"])), reader_for(settings), keep=keep)
    return {"answer": np.array(list(map(pickle.dumps, found)), object)}
