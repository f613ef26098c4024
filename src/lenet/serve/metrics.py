"""What Prometheus is told. Labels come from fixed lists, so no client can make them grow."""

from __future__ import annotations

from collections.abc import Callable

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

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """The counters of one service.

    routes : the values of the label `route`, beside "other"
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, routes: frozenset[str]) -> None:
        self.routes = routes
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "lenet_requests", "Requests answered", ["route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "lenet_request_seconds",
            "From the request's headers to the end of its answer",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        batches = Histogram(
            "lenet_batch_images",
            "Digit images classified in one call",
            buckets=SIZES,
            registry=self.registry,
        )
        self.batch = batches.observe
        troubles = Counter(
            "lenet_worker_failures",
            "Workers that did not start, died or were killed",
            registry=self.registry,
        )
        self.trouble = troubles.inc

    def request(self, route: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def gauge(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """A number that is asked for when somebody looks."""
        Gauge(name, meaning, registry=self.registry).set_function(value)

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)
