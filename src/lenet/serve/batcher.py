"""Micro-batching: what arrives in one turn of the event loop is classified in one kernel call.

Nobody is made to wait for others: a request alone is a batch of one, and under load batches grow
by themselves. The compiled kernels give the same bits for a digit alone and among others; numpy
may not, so without them each request stays a call of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from lenet.engine.native_engine import NativeEngine
from lenet.network.confidence import Classified
from lenet.network.plane import ByteArray
from lenet.serve.errors import BusyError
from lenet.serve.responses import Network, classify

LARGEST = 64  # images of one request that are classified here, in about half a millisecond
MOST_REQUESTS = 128  # that wait for the next turn
MOST_IMAGES = 1024  # in them all, about 10 ms


class Batcher:
    """Collects digit images and classifies them together.

    watch : told the size of every batch
    """

    def __init__(self, network: Network, watch: Callable[[int], None]) -> None:
        self._network, self._watch = network, watch
        self._waiting: list[tuple[ByteArray, asyncio.Future[Classified]]] = []
        self._images = 0

    async def ask(self, images: ByteArray) -> Classified:
        """The answers to one request's images, uint8 (n, 28, 28) with n ≤ LARGEST."""
        full = len(self._waiting) >= MOST_REQUESTS or self._images + len(images) > MOST_IMAGES
        if full:
            raise BusyError(f"{len(self._waiting)} requests wait already; try again")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Classified] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._flush)
        self._waiting.append((images, answer))
        self._images += len(images)
        return await answer

    def _flush(self) -> None:
        """Answer everyone who waits."""
        waiting, self._waiting, self._images = self._waiting, [], 0
        together = isinstance(self._network, NativeEngine)
        for group in [waiting] if together else [[request] for request in waiting]:
            try:
                self._answer(group)
            except Exception as problem:
                for _, answer in group:
                    if not answer.done():
                        answer.set_exception(problem)

    def _answer(self, group: list[tuple[ByteArray, asyncio.Future[Classified]]]) -> None:
        images = np.concatenate([images for images, _ in group])
        values, shares = classify(self._network, images)
        self._watch(len(images))
        start = 0
        for own, answer in group:
            end = start + len(own)
            if not answer.done():  # a client that left is no longer waited for
                answer.set_result(Classified(values[start:end], shares[start:end]))
            start = end
