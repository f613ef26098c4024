"""The service as a process: uvicorn with our connections, stopped gently by SIGTERM."""

from __future__ import annotations

import signal
import socket
import time
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from lenet.serve.connection import Connection

if TYPE_CHECKING:
    from lenet.serve.app import Service

IDLE_SECONDS = 15.0  # that a connection is kept open between two requests
BACKLOG = 2048  # connections that the system holds until they are accepted


def run(service: Service, listening: socket.socket) -> None:
    """Serve on a listening socket until SIGTERM or Ctrl-C; then answer what was accepted."""
    # uvicorn raises the signal that stopped it once more, when all is done: a clean end, exit 0.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    config = uvicorn.Config(
        service.app,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=int(IDLE_SECONDS),
        timeout_graceful_shutdown=max(1, round(service.config.shutdown_timeout)),
        backlog=BACKLOG,
    )
    _Server(config, service).run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM: say so in /readyz, go on for the time to drain, then stop. Ctrl-C: stop now."""
        self._service.stopping = True
        if sig == signal.SIGTERM and self._stop_at is None and self._service.config.drain > 0:
            self._captured_signals.append(sig)
            self._stop_at = time.monotonic() + self._service.config.drain
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)
