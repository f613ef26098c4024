"""Live training over HTTP: the 1998 training as server-sent events, one training at a time."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Field
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from lenet.data.datasets import load_set
from lenet.data.digits import DigitSet
from lenet.engine.select import best_engine
from lenet.errors import FetchError, InputError, LenetError
from lenet.evaluation.score import compare
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights
from lenet.serve.documents import Body
from lenet.serve.errors import BusyError
from lenet.training.engines import choose_engine, make_learner
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.recipe import RunConfig
from lenet.training.recipes import PUBLISHED
from lenet.web.networks import lenet_document

FIRST_PASS_EVENTS, PASS_EVENTS = 100, 30  # the error falls fastest in the first pass
MIN_DIGITS = 50  # between two events
TEMPERATURE = 12.0  # about the shipped network's; an unfinished network has none of its own
PAUSE_SECONDS = 0.04  # between two events: for the eye, and for other requests
RETRY_SECONDS = 30  # suggested to a client that finds another training running
Event = dict[str, Any]


# The tensors after each pass of the last training, by data set, seed and pass: a training that was
# stopped goes on from there, in the same bits, because data set and seed decide all of it.
_kept: dict[tuple[str, int, int], dict[str, FloatArray]] = {}
_running = Lock()  # two trainings at once would halve each other's speed


class TrainRequest(Body):
    """A data set, a seed and the passes already done; "auto" is MNIST if present, else digits."""

    expected = "data (auto, mnist or digits), seed (0 … 2³² − 1) and after (0 … 19 passes)"
    model_config = ConfigDict(extra="forbid")
    data: Literal["auto", "mnist", "digits"] = "auto"
    seed: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = 0
    after: Annotated[int, Field(ge=0, lt=PUBLISHED.passes, strict=True)] = 0

    def load(self, folder: Path | None) -> DigitSet:
        """The data set; FetchError if it is missing."""
        if self.data != "auto":
            return load_set(self.data, folder)
        try:
            return load_set("mnist", folder)
        except FetchError:
            return load_set("digits", folder)


class TrainStream(StreamingResponse):
    """A training as server-sent events.

    folder : of the data sets
    stopping : whether the service is stopping; a training is then cut short

    Raises BusyError while another training runs.
    """

    def __init__(
        self, request: TrainRequest, folder: Path | None, stopping: Callable[[], bool]
    ) -> None:
        if not _running.acquire(blocking=False):
            words = "another training is running; wait for its end, or stop it"
            raise BusyError(words, retry_after=RETRY_SECONDS)
        self._events = train_events(request, folder)
        super().__init__(_encode(self._events, stopping), media_type="text/event-stream")

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


def train_events(request: TrainRequest, folder: Path | None) -> Generator[Event, None, None]:
    """The events of the 1998 training: "begin", then "step"s and "pass"es, then "end"."""
    digits = request.load(folder)
    config = RunConfig(PUBLISHED, digits.name, request.seed, engine=choose_engine("auto"))
    total, passes, started = len(digits.train), PUBLISHED.passes, time.perf_counter()
    yield {"event": "begin", "data": digits.name, "digits": total, "passes": passes}
    with make_learner(config, _tensors_after(request.after, config), digits.train) as learner:
        for number in range(request.after + 1, passes + 1):
            learner.start_pass(number, curvature_sample(config, number, total))
            permutation, errors = pass_permutation(config, number, total), 0
            size = max(MIN_DIGITS, total // (FIRST_PASS_EVENTS if number == 1 else PASS_EVENTS))
            for start in range(0, total, size):
                chunk = permutation[start : start + size]
                wrong = learner.learn(chunk)
                errors += wrong
                yield {
                    "event": "step",
                    "pass": number,
                    "learnt": start + len(chunk),
                    "error_rate": wrong / len(chunk),
                    "seconds": time.perf_counter() - started,
                } | _kernels(learner.tensors())
                time.sleep(PAUSE_SECONDS)
            tensors = {name: tensor.copy() for name, tensor in learner.tensors().items()}
            _kept[digits.name, request.seed, number] = tensors
            yield _pass_event(number, errors / total, tensors, digits)
    yield {"event": "end", "seconds": time.perf_counter() - started}


def _tensors_after(passes: int, config: RunConfig) -> dict[str, FloatArray]:
    """The tensors after so many passes; InputError where this service has not kept them."""
    if not passes:
        _kept.clear()
        return starting_tensors(config)
    try:
        kept = _kept[config.data, config.seed, passes]
    except KeyError as problem:
        words = f"no training of {config.data} with seed {config.seed} stopped after pass {passes}"
        raise InputError(f"{words} here; start from pass 1") from problem
    return {name: tensor.copy() for name, tensor in kept.items()}


def _kernels(tensors: dict[str, FloatArray]) -> Event:
    """The kernels of C1 and C3, rounded to three decimals for display."""
    return {
        name: np.round(tensors[f"{name}.weight"].astype(float), 3).tolist() for name in ("c1", "c3")
    }


def _pass_event(
    number: int, rate: float, tensors: dict[str, FloatArray], digits: DigitSet
) -> Event:
    """The end of a pass: error rates, and the network as it is now, for the page to run."""
    card: dict[str, Any] = {"network": PUBLISHED.network.to_dict()}
    answers = best_engine(Weights(tensors, card), 1).penalties(digits.test.images).argmin(1)
    error_rate = compare(answers, digits.test.labels).score.error_rate
    card |= {"test_error_rate": error_rate, "temperature": TEMPERATURE}
    return {
        "event": "pass",
        "pass": number,
        "train_error_rate": rate,
        "test_error_rate": error_rate,
        "test_digits": len(digits.test),
        "network": lenet_document("learning", Weights(tensors, card)),
    }
