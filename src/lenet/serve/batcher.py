"""Micro-batching: requests of one turn of the event loop are classified in one kernel call.

No request waits for others: one alone is a batch of one, and batches grow with the load. The
compiled kernels give the same bits for a digit alone and in a batch; numpy may not, so without
kernels each request is its own call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from lenet.engine.native_engine import NativeEngine
from lenet.network.confidence import Classified
from lenet.network.plane import ByteArray
from lenet.serve.documents import Network, classify
from lenet.serve.errors import BusyError

MAX_REQUEST_IMAGES = 64  # of one request, about half a millisecond; more go to a worker
MAX_REQUESTS = 128  # of one batch
MAX_IMAGES = 1024  # of one batch, about 10 ms


class Batcher:
    """Collects digit images and classifies them together.

    observe : called with the size of every batch
    """

    def __init__(self, network: Network, observe: Callable[[int], None]) -> None:
        self._network, self._observe = network, observe
        self._waiting: list[tuple[ByteArray, asyncio.Future[Classified]]] = []
        self._images = 0

    async def ask(self, images: ByteArray) -> Classified:
        """Classify one request's images, uint8 (n, 28, 28) with n ≤ MAX_REQUEST_IMAGES."""
        full = len(self._waiting) >= MAX_REQUESTS or self._images + len(images) > MAX_IMAGES
        if full:
            raise BusyError(f"{len(self._waiting)} requests are waiting already; try again")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Classified] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._flush)
        self._waiting.append((images, answer))
        self._images += len(images)
        return await answer

    def _flush(self) -> None:
        """Answer all waiting requests."""
        waiting, self._waiting, self._images = self._waiting, [], 0
        batched = isinstance(self._network, NativeEngine)
        for group in [waiting] if batched else [[request] for request in waiting]:
            try:
                self._answer(group)
            except Exception as problem:
                for _, answer in group:
                    if not answer.done():
                        answer.set_exception(problem)

    def _answer(self, group: list[tuple[ByteArray, asyncio.Future[Classified]]]) -> None:
        images = np.concatenate([images for images, _ in group])
        values, probabilities = classify(self._network, images)
        self._observe(len(images))
        start = 0
        for own, answer in group:
            end = start + len(own)
            if not answer.done():  # unless the client has gone
                answer.set_result(Classified(values[start:end], probabilities[start:end]))
            start = end
