"""Live training over HTTP: server-sent events, one training at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from lenet.data.datasets import load_set
from lenet.data.digits import DigitSet
from lenet.errors import FetchError, InputError, LenetError
from lenet.serve.documents import Body
from lenet.serve.errors import BusyError
from lenet.serve.live_training import NETWORKS, Event, LiveTraining

LEAVING_SECONDS = 2.0  # until it is noticed that nobody listens to the last training any more
POLL_SECONDS = 0.05
RETRY_SECONDS = 30  # suggested to a client that finds another training running
MOST_KEPT = 16  # trainings that were left before their end; about half a megabyte a network

_kept: OrderedDict[str, LiveTraining] = OrderedDict()  # by identity, the oldest first
_running = Lock()  # two trainings at once would halve each other's speed
NAMES = ", ".join(NETWORKS)


class TrainRequest(Body):
    """A training to begin, or to resume where it was left.

    data : "auto" is MNIST if present, else digits
    networks : trained side by side; one alone learns by the recipe of 1998, several by eq. 8
    resume : the "training" of a "begin" event; then nothing else but rate and digits is given
    rate : multiplies the recipe's rates from here on
    digits : after which the training is left
    """

    expected = (
        "data (auto, mnist or digits), seed (0 … 2³² − 1), networks (some of "
        f"{NAMES}, each once), rate (0.1 … 10) and digits (1 …), "
        "or resume (a training) with rate and digits"
    )
    model_config = ConfigDict(extra="forbid")
    data: Literal["auto", "mnist", "digits"] = "auto"
    seed: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = 0
    networks: Annotated[tuple[str, ...], Field(min_length=1)] = ("1998",)
    resume: str | None = None
    rate: Annotated[float, Field(ge=0.1, le=10, strict=True)] = 1.0
    digits: Annotated[int, Field(ge=1, strict=True)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> TrainRequest:
        if len(set(self.networks)) < len(self.networks) or set(self.networks) - set(NETWORKS):
            raise ValueError(f"networks are {', '.join(self.networks)}")
        if self.resume is not None and self.model_fields_set - {"resume", "rate", "digits"}:
            raise ValueError("a resumed training has its data, seed and networks")
        return self

    def open(self, folder: Path | None) -> tuple[LiveTraining, DigitSet]:
        """The training and its digits.

        Raises InputError where this service has not kept it, FetchError where its data are missing.
        """
        if self.resume is None:
            digits = self._load(folder)
            training = LiveTraining(digits.name, self.seed, self.networks)
        elif self.resume in _kept:
            training = _kept[self.resume]
            digits = load_set(training.data, folder)
        else:
            raise InputError(
                f"no training {self.resume!r} is kept here: it has ended, the service has been "
                f"restarted, or {MOST_KEPT} others were left after it; begin a new one"
            )
        training.at_rate(self.rate)
        return training, digits

    def _load(self, folder: Path | None) -> DigitSet:
        if self.data != "auto":
            return load_set(self.data, folder)
        try:
            return load_set("mnist", folder)
        except FetchError:
            return load_set("digits", folder)


async def open_stream(
    request: TrainRequest, folder: Path | None, stopping: Callable[[], bool]
) -> TrainStream:
    """The stream of a training, once it is known that it can begin.

    Raises BusyError while another training runs, what `TrainRequest.open` raises, and LenetError
    where a network cannot be trained here.
    """
    await _take_slot()
    try:
        training, digits = await run_in_threadpool(request.open, folder)
        events = train_events(training, digits, request.digits)
        begin = await run_in_threadpool(next, events)
    except BaseException:
        _running.release()
        raise
    return TrainStream(begin, events, stopping)


async def _take_slot() -> None:
    """Take the one training's slot, a moment after the last was left, too, as by who resumes it."""
    end = time.monotonic() + LEAVING_SECONDS
    while not _running.acquire(blocking=False):
        if time.monotonic() >= end:
            words = "another training is running; wait for its end, or stop it"
            raise BusyError(words, retry_after=RETRY_SECONDS)
        await asyncio.sleep(POLL_SECONDS)


def train_events(
    training: LiveTraining, digits: DigitSet, limit: int | None
) -> Generator[Event, None, None]:
    """The events of a training, which is kept if it is left before its end."""
    _kept.pop(training.identity, None)
    try:
        yield from training.events(digits, limit)
    except LenetError:
        training.states.clear()  # its weights are of no use
        raise
    finally:
        if training.unfinished:
            _kept[training.identity] = training
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


class TrainStream(StreamingResponse):
    """Server-sent events.

    begin : the first event;  events : the others, of a training that holds the only slot
    stopping : whether the service is stopping; a training is then cut short
    """

    def __init__(
        self, begin: Event, events: Generator[Event, None, None], stopping: Callable[[], bool]
    ) -> None:
        self._events = events
        super().__init__(_encode(chain([begin], events), stopping), media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with contextlib.suppress(ValueError):  # it still runs: the service is being stopped
                self._events.close()  # else the data set stays until the garbage collector comes
            _running.release()


async def _encode(events: Iterator[Event], stopping: Callable[[], bool]) -> AsyncIterator[str]:
    """Server-sent events; a failed training ends with an "error" event."""
    try:
        async for event in iterate_in_threadpool(events):
            if stopping():
                raise LenetError("the service is stopping; train again when it is back")
            yield f"data: {json.dumps(event)}\n\n"
    except LenetError as problem:
        yield f"data: {json.dumps({'event': 'error', 'message': str(problem)})}\n\n"
