"""Reading and experiments on a Ray cluster: an existing one, or this machine's cores."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from urllib.parse import urlsplit

import ray

from lenet.errors import LenetError

ANSWER_SECONDS = 20  # that a cluster has to take a connection


@contextmanager
def connected() -> Iterator[None]:
    """Connect to the cluster of RAY_ADDRESS or of this machine, else start one; keep a connection.

    Raises LenetError if the cluster cannot be reached or gives up on some of the work.
    """
    started = not ray.is_initialized()
    try:
        if started:
            _check_answering()
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


def _check_answering() -> None:
    """Refuse the address of a cluster that is gone; Ray would try for 14 minutes.

    The address is that of RAY_ADDRESS or, as `ray.init` documents it, of the latest cluster that
    was started here, whose file stays behind when the machine stops.
    """
    folder = "/tmp" if sys.platform == "darwin" else gettempdir()  # noqa: S108 (as Ray)
    latest = Path(os.environ.get("RAY_TMPDIR", folder), "ray", "ray_current_cluster")
    address = os.environ.get("RAY_ADDRESS") or "auto"
    if address == "auto" and latest.exists():
        address = latest.read_text().strip()
    if address in ("auto", "local"):
        return
    try:
        place = urlsplit(address if "://" in address else f"//{address}")
        socket.create_connection((place.hostname, place.port or 0), ANSWER_SECONDS).close()
    except (OSError, ValueError) as problem:
        raise LenetError(
            f"Ray: no cluster answers at {address} ({problem}); start one, name another in "
            "RAY_ADDRESS, or use this machine alone: RAY_ADDRESS=local"
        ) from problem
