"""Structured logs: a JSON object a line on standard error. No pixels, no names of clients' files.

A thread of its own writes them. When whoever reads the log stops reading, lines are dropped and
counted; the service goes on.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from typing import Any

MOST_WAITING = 10_000  # lines
END_SECONDS = 1.0  # to write what is left when the service ends
PARTS = ("uvicorn.error", "lenet.serve")  # whose words go into the log


class Log(logging.Handler):
    """The service's log, and the place where the libraries' own messages go."""

    def __init__(self, *, requests: bool) -> None:
        super().__init__(logging.WARNING)
        self._requests = requests
        self._lines: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self.dropped = 0

    def start(self) -> None:
        for name in PARTS:
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = [self], False
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, as far as somebody reads it."""
        try:
            self._lines.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(END_SECONDS)

    def event(self, name: str, **told: Any) -> None:
        """Something happened to the service; told if every request is."""
        if self._requests:
            self._put("info", name, told)

    def trouble(self, name: str, **told: Any) -> None:
        """Something went wrong."""
        self._put("error", name, told)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; told if all are, or if it failed through us.

        503 is no failure: under overload there would be no end of them, and they are counted.
        """
        failed = status in (500, 504)
        if self._requests or failed:
            told = {"method": method, "route": route, "status": status}
            level = "error" if failed else "info"
            self._put(level, "request", told | {"ms": round(1000 * seconds, 3)})

    def emit(self, record: logging.LogRecord) -> None:
        """A library's message, with its traceback."""
        told: dict[str, Any] = {"message": record.getMessage().strip()}
        if record.exc_info:
            told["traceback"] = logging.Formatter().formatException(record.exc_info)
        self._put(record.levelname.lower(), record.name, told)

    def _put(self, level: str, event: str, told: dict[str, Any]) -> None:
        now = time.time()
        stamp = (
            time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03}Z"
        )
        line = json.dumps({"time": stamp, "level": level, "event": event} | told)
        try:
            self._lines.put_nowait(line.encode() + b"\n")
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
