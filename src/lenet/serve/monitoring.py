"""Logs and metrics. Neither contains pixels, names of clients' files or labels made by clients.

Logs are JSON lines on standard error, written by a thread of their own: when nobody reads them,
lines are dropped and counted, and the service goes on.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

MAX_LINES = 10_000  # waiting to be written
END_SECONDS = 1.0  # to write the rest when the service ends
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Log(logging.Handler):
    """The service's log, which also takes the libraries' messages and Python's warnings."""

    def __init__(self, *, requests: bool) -> None:
        super().__init__(logging.WARNING)
        self._requests = requests
        self._lines: queue.Queue[bytes | None] = queue.Queue(MAX_LINES)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self.dropped = 0

    def start(self) -> None:
        logging.basicConfig(handlers=[self], force=True)
        logging.captureWarnings(True)
        self._thread.start()

    def stop(self) -> None:
        """Write the rest, as far as somebody reads it."""
        try:
            self._lines.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(END_SECONDS)

    def event(self, name: str, **fields: Any) -> None:
        """Log an event of the service if every request is logged."""
        if self._requests:
            self._put("info", name, fields)

    def error(self, name: str, **fields: Any) -> None:
        self._put("error", name, fields)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Log a request if all are, or if it failed through us.

        503 is no failure: under overload there would be no end of them, and they are counted.
        """
        failed = status in (500, 504)
        if self._requests or failed:
            fields = {"method": method, "route": route, "status": status}
            level = "error" if failed else "info"
            self._put(level, "request", fields | {"ms": round(1000 * seconds, 3)})

    def emit(self, record: logging.LogRecord) -> None:
        """Log a library's message, with its traceback."""
        fields: dict[str, Any] = {"message": record.getMessage().strip()}
        if record.exc_info:
            fields["traceback"] = logging.Formatter().formatException(record.exc_info)
        self._put(record.levelname.lower(), record.name, fields)

    def _put(self, level: str, event: str, fields: dict[str, Any]) -> None:
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        about = {"time": f"{stamp}.{int(now * 1000) % 1000:03}Z", "level": level, "event": event}
        try:
            self._lines.put_nowait(json.dumps(about | fields).encode() + b"\n")
        except queue.Full:
            self.dropped += 1

    def _write(self) -> None:
        descriptor = sys.stderr.fileno()  # not the file object: its lock must be free at exit
        while (line := self._lines.get()) is not None:
            try:
                while line:
                    line = line[os.write(descriptor, line) :]
            except OSError:
                self.dropped += 1


class Metrics:
    """Prometheus metrics of one service.

    routes : the values of the label `route`, beside "other"
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, routes: frozenset[str]) -> None:
        self.routes = routes
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._requests = Counter(
            "lenet_requests", "Requests answered", ["route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "lenet_request_seconds",
            "From a request's headers to the end of its response",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self.batch = Histogram(
            "lenet_batch_images", "Images classified in one call", buckets=SIZES, registry=registry
        ).observe
        self.worker_failure = Counter(
            "lenet_worker_failures",
            "Workers that did not start, died or were killed",
            registry=registry,
        ).inc

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def gauge(self, name: str, description: str, value: Callable[[], float]) -> None:
        """Add a gauge whose value is asked for at each scrape."""
        Gauge(name, description, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)
