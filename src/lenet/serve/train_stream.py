"""Live training over HTTP: the 1998 training as server-sent events, one training at a time."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
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
from lenet.serve.errors import BusyError
from lenet.training.engines import choose_engine, make_learner
from lenet.training.fit import curvature_sample, pass_permutation, starting_tensors
from lenet.training.recipe import RunConfig
from lenet.training.recipes import PUBLISHED
from lenet.web.networks import lenet_document

DATASETS = ("auto", "mnist", "digits")
FIRST_PASS_EVENTS, PASS_EVENTS = 100, 30  # the error falls fastest in the first pass
MIN_DIGITS = 50  # between two events
TEMPERATURE = 12.0  # about the shipped network's; an unfinished network has none of its own
PAUSE_SECONDS = 0.04  # between two events: for the eye, and for other requests
RETRY_SECONDS = 30  # suggested to a client that finds another training running
Event = dict[str, Any]


_running = Lock()  # two trainings at once would halve each other's speed


@dataclass(frozen=True)
class TrainRequest:
    """A request to train: data set, seed, and the folder of the data sets."""

    data: str = "auto"
    seed: int = 0
    folder: Path | None = None

    @classmethod
    def from_json(cls, body: bytes, folder: Path | None) -> TrainRequest:
        """Parse and check a request body.

        Raises InputError.
        """
        try:
            document = json.loads(body)
        except (ValueError, RecursionError) as problem:
            raise InputError(f"the body is not JSON ({problem})") from problem
        if not isinstance(document, dict) or set(document) - {"data", "seed"}:
            raise InputError('expected a JSON object with "data" and "seed", or {}')
        data, seed = document.get("data", "auto"), document.get("seed", 0)
        if data not in DATASETS:
            raise InputError(f"data must be one of {', '.join(DATASETS)}, got {data!r}")
        if type(seed) is not int or not 0 <= seed < 2**32:
            raise InputError(f"seed must be a whole number from 0, got {seed!r}")
        return cls(data, seed, folder)

    def digits(self) -> DigitSet:
        """The data set; "auto" is MNIST if present, else the embedded digits."""
        if self.data != "auto":
            return load_set(self.data, self.folder)
        try:
            return load_set("mnist", self.folder)
        except FetchError:
            return load_set("digits", self.folder)


class TrainStream(StreamingResponse):
    """A training as server-sent events.

    stopping : whether the service is stopping; a training is then cut short

    Raises BusyError while another training runs.
    """

    def __init__(self, request: TrainRequest, stopping: Callable[[], bool]) -> None:
        if not _running.acquire(blocking=False):
            words = "another training is running; wait for its end, or stop it"
            raise BusyError(words, retry_after=RETRY_SECONDS)
        super().__init__(_encode(train_events(request), stopping), media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
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


def train_events(request: TrainRequest) -> Iterator[Event]:
    """The events of the 1998 training: "begin", then "step"s and "pass"es, then "end"."""
    digits = request.digits()
    config = RunConfig(PUBLISHED, digits.name, request.seed, engine=choose_engine("auto"))
    total, passes, started = len(digits.train), PUBLISHED.passes, time.perf_counter()
    yield {"event": "begin", "data": digits.name, "digits": total, "passes": passes}
    with make_learner(config, starting_tensors(config), digits.train) as learner:
        for number in range(1, passes + 1):
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
            yield _pass_event(number, errors / total, learner.tensors(), digits)
    yield {"event": "end", "seconds": time.perf_counter() - started}


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
