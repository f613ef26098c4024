"""A bounded HTTP client for the load measurements: raw requests on kept connections, one thread.

`closed_loop` sends the next request when the last is answered; `open_loop` sends at a fixed rate,
whatever the answers do, and counts from when a request was due, so that a service that stalls
cannot hide it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

import numpy as np


@dataclass
class Tally:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: dict[int, list[float]] = field(default_factory=dict)  # by status
    wall: float = 0.0
    unsent: int = 0  # due, but every connection was busy
    broken: int = 0  # connections that ended without an answer

    def add(self, status: int, seconds: float) -> None:
        """Count an answer; status 0 is a connection that ended without one."""
        if not status:
            self.broken += 1
            return
        self.statuses[status] += 1
        self.seconds.setdefault(status, []).append(seconds)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.statuses[200] / self.wall

    def quantile(self, share: float, status: int = 200) -> float:
        """Milliseconds in which this share of the answers came."""
        times = self.seconds.get(status)
        return 1000 * float(np.quantile(times, share)) if times else float("nan")


def request(path: str, kind: str, body: bytes) -> bytes:
    """A POST as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


class Line(asyncio.Protocol):
    """One connection; calls back with every answer."""

    def __init__(self, answered: Callable[[Line, int, float], None]) -> None:
        self._answered, self._received = answered, b""
        self.transport: asyncio.Transport | None = None
        self._since, self.busy, self.ended = 0.0, False, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, message: bytes, since: float) -> None:
        """Send; time counts from `since`."""
        assert self.transport is not None
        self._since, self.busy = since, True
        self.transport.write(message)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) == length:
            self._received, self.busy = b"", False
            self._answered(self, int(head[9:12]), time.perf_counter() - self._since)

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        if self.busy:
            self._answered(self, 0, 0.0)


async def closed_loop(
    port: int, messages: list[bytes], lines: int, *, seconds: float = 1e9, count: int = 10**9
) -> Tally:
    """As many requests as `lines` connections get answered, for a time or up to a count."""
    tally, ended = Tally(), asyncio.Event()
    supply: Iterator[bytes] = cycle(messages)
    started = time.perf_counter()
    asked = 0

    def go_on(line: Line) -> None:
        nonlocal asked
        now = time.perf_counter()
        if line.ended or now - started >= seconds or asked >= count:
            ended.set()
            return
        asked += 1
        line.ask(next(supply), now)

    def answered(line: Line, status: int, taken: float) -> None:
        tally.add(status, taken)
        go_on(line)

    opened = await _open(port, lines, answered)
    started = time.perf_counter()
    for line in opened:
        go_on(line)
    await ended.wait()
    tally.wall = time.perf_counter() - started
    await _close(opened)
    return tally


async def open_loop(
    port: int, messages: list[bytes], lines: int, rate: float, seconds: float
) -> Tally:
    """`rate` requests a second for so many seconds, on at most `lines` connections."""
    tally = Tally()
    free: deque[Line] = deque()  # who rested longest asks next, so none rests until it is closed

    def answered(line: Line, status: int, taken: float) -> None:
        tally.add(status, taken)
        if not line.ended:
            free.append(line)

    opened = await _open(port, lines, answered)
    free += opened
    supply: Iterator[bytes] = cycle(messages)
    started, sent = time.perf_counter(), 0
    while (now := time.perf_counter() - started) < seconds:
        while sent < now * rate:
            while free and free[0].ended:
                free.popleft()
            if free:
                free.popleft().ask(next(supply), started + sent / rate)
            else:
                tally.unsent += 1
            sent += 1
        await asyncio.sleep(0.001)
    tally.wall = time.perf_counter() - started
    await _close(opened)
    return tally


async def _open(port: int, count: int, answered: Callable[[Line, int, float], None]) -> list[Line]:
    loop = asyncio.get_running_loop()
    connections = [
        await loop.create_connection(lambda: Line(answered), "127.0.0.1", port)
        for _ in range(count)
    ]
    return [line for _, line in connections]


async def _close(opened: list[Line]) -> None:
    for _ in range(300):
        if not any(line.busy and not line.ended for line in opened):
            break
        await asyncio.sleep(0.1)
    for line in opened:
        if line.transport is not None:
            line.transport.abort()
    await asyncio.sleep(0)  # unanswered requests call back and count as broken
