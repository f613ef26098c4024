"""What whoever starts the service decides, and the limits that are the same for everyone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 32 * 2**20  # of a request's body
MOST_HELD = 256 * 2**20  # bytes of all bodies that are being received or wait for their answer
MOST_FILES = 100  # images in one request to /v1/read
MOST_DIGITS = 10_000  # digit images in one request to /v1/classify
BODY_SECONDS = 30.0  # from the headers to the last byte of the body


@dataclass(frozen=True)
class ServiceConfig:
    """How one service runs.

    weights : the network behind /v1; None is 1998, and for /v1/read what `lenet read` takes
    data_dir : where the page's training looks for MNIST
    workers : processes that read images
    queue_size : requests that may wait for a worker; one more is answered with 503 at once
    timeout : seconds from the end of a request's body to its answer, waiting included
    token : what /v1 and /metrics ask for as a bearer token; None asks for nothing
    hosts : names, beside localhost and plain addresses, under which the service answers
    drain : seconds that it goes on accepting after SIGTERM, while /readyz says 503
    shutdown_timeout : seconds after that, in which accepted requests are answered
    log_requests : whether every request is logged, or only what went wrong
    """

    weights: str | None = None
    data_dir: Path | None = None
    workers: int = 1
    queue_size: int = 64
    timeout: float = 10.0
    token: str | None = None
    hosts: tuple[str, ...] = ()
    drain: float = 0.0
    shutdown_timeout: float = 20.0
    log_requests: bool = False
