"""Many images read on a Ray cluster: names go out in batches, answers come back as they are found.

Ray Data gives a batch to another machine if the one that had it dies. Nothing is written but by the
process that asked, from answers of which it counts each once; so the file of `--out` is whole or to
be resumed as that of a local run, and the machines need no disk in common but for the images.
"""

from __future__ import annotations

import logging
import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import ray.data

from lenet.cluster.connect import connected
from lenet.errors import LenetError, UsageError
from lenet.reading.batch import STANDARD_INPUT, Answer, Settings, reader_for, several

BATCH = 64  # images to a task: some tenths of a second, against some ms to hand it out
BLOCKS = 10_000  # batches at most; with very many images they grow instead


def answers(
    names: Sequence[str], settings: Settings, jobs: int | None = None, *, keep: bool = False
) -> Iterator[Answer]:
    """Read each file once, wherever there is a core; the answers come in no order.

    jobs : files read at the same time at most, by default as many as the cluster has cores
    keep : whether answers carry their images

    Raises
    ------
    UsageError
        if standard input is among the files
    LenetError
        if the cluster does not answer for all files
    """
    if STANDARD_INPUT in names:
        raise UsageError("--engine ray cannot read standard input; name files or folders")
    if not names:
        return
    waiting = Counter(names)
    with connected():
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)  # it tells of every step
        found = ray.data.from_items(
            list(names),
            override_num_blocks=min(BLOCKS, -(-len(names) // BATCH)),
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
        raise LenetError(f"{lost:,} images got no answer from Ray; go on with --resume")


def _read(block: dict[str, Any], settings: Settings, keep: bool) -> dict[str, Any]:
    """The answers for a block of names, on whichever machine."""
    found = several(list(map(str, block["item"])), reader_for(settings), keep=keep)
    return {"answer": np.array(list(map(pickle.dumps, found)), object)}
