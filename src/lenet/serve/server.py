"""The HTTP server: uvicorn with limits on slow, silent and huge clients, and a graceful stop.

A request's head must arrive within HEAD_SECONDS and MAX_HEAD bytes, a client must take part of its
response within STALL_SECONDS, and there are at most MAX_CONNECTIONS, each with at most
MAX_PIPELINED waiting requests. A connection without a request is closed silently: a response there
would be taken for that of the next request. When the service stops, a request that is already under
way is still answered.

uvicorn has options for none of these, so `Connection` overrides methods of its protocol, which are
not a public interface: pyproject.toml admits the versions that the tests have run with.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import time
from types import FrameType
from typing import TYPE_CHECKING, Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from lenet.serve.errors import error_document

if TYPE_CHECKING:
    from lenet.serve.app import Service

IDLE_SECONDS = 15.0  # that a connection is kept open between two requests
BACKLOG = 2048  # connections that the system holds until they are accepted
MAX_CONNECTIONS = 1_000
MAX_PIPELINED = 8  # requests of one connection that wait for the response to another
MAX_HEAD = 32 * 1024  # bytes of address and headers together
HEAD_SECONDS = 10.0  # from the connection, or a request's first byte, to the end of the head
STALL_SECONDS = 30.0  # in which a client must read part of its response
SWITCH_SECONDS = 0.0005  # after which a busy event loop lets the threads that feed workers run
LAST_REQUEST_SECONDS = 0.5  # for a request under way when the service stops


def run(service: Service, listening: socket.socket) -> None:
    """Serve on a listening socket until SIGTERM or Ctrl-C; then finish accepted requests."""
    # uvicorn raises the signal that stopped it again at its end; ignored, the exit code is 0.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    sys.setswitchinterval(SWITCH_SECONDS)
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
        """SIGTERM: not ready, but accept requests for `drain` seconds. Ctrl-C: stop now."""
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


class Connection(HttpToolsProtocol):
    """One client's connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = True
        self._begun = False  # whether part of a request has arrived
        self._head = 0  # bytes of the head parsed so far
        self._unparsed = 0  # bytes received since the parser last reported something
        self._deaf = False  # whether the connection closes after the responses under way
        self._refusal = (400, "bad_request", "not a valid HTTP/1.1 request")
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._last = False  # whether the connection closes after the current request

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()
        if len(self.connections) > MAX_CONNECTIONS:
            words = f"{MAX_CONNECTIONS} connections are open already; try again"
            self._refuse(503, "busy", words)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        self._end_stall()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing() or self._deaf:
            return
        idle = self.timeout_keep_alive_task
        self._unparsed += len(data)
        try:
            self.parser.feed_data(data)
            if self._unparsed > MAX_HEAD:  # a line or chunk extension without end
                self._count(self._unparsed)
        except httptools.HttpParserUpgrade as problem:
            head, (rest,) = self._head_without_upgrade(), problem.args
            self.data_received(head + data[rest:])
            return
        except httptools.HttpParserError:
            self._refuse(*self._refusal)
        if idle is not None and (self._in_head or not self.cycle.response_complete):
            idle.cancel()  # another request has begun; the rest of a refused body does not end it

    def on_message_begin(self) -> None:
        if len(self.pipeline) == MAX_PIPELINED:
            raise httptools.HttpParserError("too many pipelined requests")
        super().on_message_begin()
        self._expect_head()
        self._begun = True

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        if self._in_head:  # trailers of a chunked body are dropped
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.get_method() == b"CONNECT":
            raise httptools.HttpParserError("this is no proxy")
        if self.parser.should_upgrade():
            return
        super().on_headers_complete()
        self._end_head()
        if self._last:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._expect_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._end_stall()

    def timeout_keep_alive_handler(self) -> None:
        """Close; abort if the client does not read what is left."""
        super().timeout_keep_alive_handler()
        self._expect_reading()

    def shutdown(self) -> None:
        """Stop: answer the current request, and one that is under way."""
        self._last = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LAST_REQUEST_SECONDS, self._close_if_idle)
        else:
            self.cycle.keep_alive = False

    def _close_if_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.timeout_keep_alive_handler()

    def _expect_head(self) -> None:
        self._end_head()
        self._in_head, self._begun, self._head, self._unparsed = True, False, 0, 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_timed_out)

    def _end_head(self) -> None:
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_timed_out(self) -> None:
        if not self._begun:
            self.timeout_keep_alive_handler()
            return
        words = f"the headers did not arrive within {HEAD_SECONDS:.0f} s"
        self._refuse(408, "slow_head", words)

    def _count(self, size: int) -> None:
        """Count a part of the head or trailers; an error ends parsing and the connection."""
        self._head, self._unparsed = self._head + size, 0
        if self._head > MAX_HEAD:
            words = f"address and headers are over {MAX_HEAD // 1024} KiB"
            self._refusal = (431, "headers_too_large", words)
            raise httptools.HttpParserError(words)

    def _head_without_upgrade(self) -> bytes:
        """The head of a request that may change protocols, as one that may not.

        The parser drops the body of such a request, which would pass for the next one.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (method, self.url, version)]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Respond without the application, and close; but responses under way come first."""
        owed = self.cycle is not None and not self.cycle.response_complete
        if owed and (self._in_head or self.pipeline):
            self._deaf, self.cycle.keep_alive = True, False
        elif self._in_head or (owed and not self.cycle.response_started):
            self._write_refusal(status, code, message)
        self._end_head()
        if not self._deaf:
            self.timeout_keep_alive_handler()

    def _write_refusal(self, status: int, code: str, message: str) -> None:
        body = json.dumps(error_document(code, message)).encode()
        retry = b"retry-after: 1\r\n" if status == 503 else b""
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: application/json\r\nconnection: close\r\n"
            + retry
            + b"x-content-type-options: nosniff\r\ncontent-length: %d\r\n\r\n" % len(body)
            + body
        )

    def _expect_reading(self) -> None:
        if self._stall_timer is None:
            self._stall_timer = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def _end_stall(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
