"""uvicorn's HTTP connection, with what it leaves open: slow, silent and huge clients.

A request's head must arrive within HEAD_SECONDS and within MOST_HEAD bytes, an answer must be taken
within STALL_SECONDS, and there are never more than MOST_CONNECTIONS. A connection on which nothing
was asked is closed without a word: an answer there would be taken for that of the next request.
When the service stops, a request that is already on its way is still answered.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from lenet.serve.errors import error_document

MOST_CONNECTIONS = 1_000
MOST_HEAD = 32 * 1024  # bytes of address and headers together
HEAD_SECONDS = 10.0  # from the connection to the first byte, and from a request's first byte
STALL_SECONDS = 30.0  # in which a client takes something of its answer
LAST_CALL = 0.5  # seconds for a request that is on its way when the service stops


class Connection(HttpToolsProtocol):
    """One client's connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = True
        self._begun = False  # whether anything of the request has arrived
        self._head = 0  # bytes of the head that were parsed
        self._unparsed = 0  # and of its later parts as they came, lines without an end among them
        self._refusal = (400, "bad_request", "not a request as HTTP/1.1 has it")
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._leaving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()
        if len(self.connections) > MOST_CONNECTIONS:
            words = f"{MOST_CONNECTIONS} connections are open already; try again"
            self._refuse(503, "busy", words)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        self._unset_stall()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        head, idle = self._head_timer, self.timeout_keep_alive_task
        self.timeout_keep_alive_task = None  # any byte would end it, so also a refused body's
        super().data_received(data)
        if idle is not None:
            if self._in_head or not self.cycle.response_complete:  # another request has begun
                idle.cancel()
            else:
                self.timeout_keep_alive_task = idle
        if head is not None and head is self._head_timer:
            self._unparsed += len(data)  # of a line that has not ended, the callbacks know nothing
            if self._unparsed > MOST_HEAD:
                self._refuse(*_too_large())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_head()
        self._begun = True

    def on_url(self, url: bytes) -> None:
        self._take(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._take(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_is_here()
        super().on_headers_complete()
        if self._leaving:
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        self._refuse(*self._refusal)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stall_timer is None:
            self._stall_timer = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unset_stall()

    def timeout_keep_alive_handler(self) -> None:
        """Close, and do not wait for ever for a client that takes nothing more."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def shutdown(self) -> None:
        """The service stops: answer what is asked, and wait for what is on its way."""
        self._leaving = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LAST_CALL, self._leave)
        else:
            self.cycle.keep_alive = False

    def _leave(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.timeout_keep_alive_handler()

    def _expect_head(self) -> None:
        self._head_is_here()
        self._in_head, self._begun, self._head, self._unparsed = True, False, 0, 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_is_late)

    def _head_is_here(self) -> None:
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        if not self._begun:
            self.timeout_keep_alive_handler()
            return
        words = f"the headers did not arrive within {HEAD_SECONDS:.0f} s"
        self._refuse(408, "slow_head", words)

    def _take(self, size: int) -> None:
        """Count a part of the head; an error ends the parsing and, through it, the connection."""
        self._head += size
        if self._head > MOST_HEAD:
            self._refusal = _too_large()
            raise httptools.HttpParserError(self._refusal[2])

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Answer without the application, and close."""
        self._head_is_here()
        if self.transport.is_closing():
            return
        body = json.dumps(error_document(code, message)).encode()
        retry = b"retry-after: 1\r\n" if status == 503 else b""
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: application/json\r\nconnection: close\r\n"
            + retry
            + b"x-content-type-options: nosniff\r\ncontent-length: %d\r\n\r\n" % len(body)
            + body
        )
        self.timeout_keep_alive_handler()

    def _unset_stall(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None


def _too_large() -> tuple[int, str, str]:
    words = f"address and headers are over {MOST_HEAD // 1024} KiB"
    return 431, "headers_too_large", words
