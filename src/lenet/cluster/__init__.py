"""Reading and experiments on a Ray cluster: an existing one, or this machine's cores."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import ray

from lenet.errors import LenetError


@contextmanager
def connected() -> Iterator[None]:
    """Connect to the cluster of RAY_ADDRESS or of this machine, else start one; keep a connection.

    Raises LenetError if the cluster cannot be reached or gives up on some of the work.
    """
    started = not ray.is_initialized()
    try:
        if started:
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
            ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        yield
    except (ray.exceptions.RayError, ConnectionError) as problem:
        first, *_ = str(problem).strip().splitlines() or [type(problem).__name__]
        raise LenetError(
            f"Ray: {first}; finished results are kept; resume with the same command "
            "(lenet read with --resume)"
        ) from problem
    finally:
        if started:
            ray.shutdown()
