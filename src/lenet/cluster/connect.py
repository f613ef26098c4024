"""A Ray cluster to work on: the one that is there, or one on the cores of this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import ray

from lenet.errors import LenetError


@contextmanager
def connected() -> Iterator[None]:
    """Connect to the cluster that RAY_ADDRESS names or this machine belongs to, else start one.

    Who has connected before stays so.

    Raises
    ------
    LenetError
        if the cluster cannot be reached, or gives up on some of the work
    """
    begun = not ray.is_initialized()
    try:
        if begun:
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no word to Ray's makers
            ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        yield
    except (ray.exceptions.RayError, ConnectionError) as problem:
        first, *_ = str(problem).strip().splitlines() or [type(problem).__name__]
        raise LenetError(
            f"Ray: {first}; what was found is kept, go on with the same command "
            "(lenet read with --resume)"
        ) from problem
    finally:
        if begun:
            ray.shutdown()
