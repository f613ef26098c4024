"""The options of the service, and its fixed limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 32 * 2**20  # of a request body
MAX_HELD = 96 * 2**20  # bytes of all request bodies in memory, before copies of them
MAX_FILES = 100  # images in one request to /v1/read
MAX_DIGITS = 10_000  # digit images in one request to /v1/classify
BODY_SECONDS = 30.0  # from the headers to the last byte of the body
WORKER_BYTES = 256 * 2**20  # of a worker's address space, without the images that it reads
PIXEL_BYTES = 24  # for each pixel of an image, while it is decoded and read


@dataclass(frozen=True)
class ServiceConfig:
    """The options of one service.

    weights : the network of /v1; None is 1998, and for /v1/read the default of `lenet read`
    data_dir : folder of the data sets, for live training
    workers : number of reader processes
    max_pixels : of an image; one with more is refused before it is decoded
    queue_size : requests that may wait for a worker; one more gets 503 at once
    timeout : seconds from the end of a request's body to its response, queue included
    token : bearer token required by /v1 and /metrics; None requires none
    hosts : accepted host names besides localhost and IP addresses
    drain : seconds after SIGTERM in which requests are accepted, while /readyz is 503
    shutdown_timeout : seconds after that in which accepted requests are answered
    log_requests : log every request, not only errors
    """

    weights: str | None = None
    data_dir: Path | None = None
    workers: int = 1
    max_pixels: int = 16_000_000
    queue_size: int = 64
    timeout: float = 10.0
    token: str | None = None
    hosts: tuple[str, ...] = ()
    drain: float = 0.0
    shutdown_timeout: float = 20.0
    log_requests: bool = False

    @property
    def worker_memory(self) -> int:
        """The bytes of address space that a worker may take."""
        return WORKER_BYTES + PIXEL_BYTES * self.max_pixels
