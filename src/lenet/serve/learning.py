"""A training as a stream of events, so that a page can watch the error fall and kernels form."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from lenet.data.datasets import load_set
from lenet.data.digits import DigitSet
from lenet.engine.select import best_engine
from lenet.errors import FetchError, InputError
from lenet.evaluation.score import compare
from lenet.network.plane import FloatArray
from lenet.network.weights import Weights
from lenet.serve.errors import BusyError
from lenet.training.engines import chosen, learner_of
from lenet.training.fit import fresh_tensors, sample, sequence
from lenet.training.recipes import PUBLISHED
from lenet.training.run_config import RunConfig
from lenet.web.networks import lenet_document

DATA = ("auto", "mnist", "digits")
SHOWN_FIRST, SHOWN = 100, 30  # events in the first pass, where most happens, and in the others
FEWEST = 50  # digits between two events
TEMPERATURE = 12.0  # about the shipped network's; one in the making has none of its own yet
BREATH = 0.04  # seconds between two events, for the eye and for whoever else asks the server
Event = dict[str, Any]


_running = Lock()


@dataclass(frozen=True)
class Wish:
    """What a page asks for: a set of digits, a seed, and the folder the sets lie in."""

    data: str = "auto"
    seed: int = 0
    folder: Path | None = None

    @classmethod
    def from_json(cls, document: Any, folder: Path | None) -> Wish:
        """The wish in a request, or an error that says what is wrong in it."""
        if not isinstance(document, dict) or set(document) - {"data", "seed"}:
            raise InputError('expected a JSON object with "data" and "seed", or {}')
        data, seed = document.get("data", "auto"), document.get("seed", 0)
        if data not in DATA:
            raise InputError(f"data must be one of {', '.join(DATA)}, got {data!r}")
        if type(seed) is not int or not 0 <= seed < 2**32:
            raise InputError(f"seed must be a whole number from 0, got {seed!r}")
        return cls(data, seed, folder)

    def digits(self) -> DigitSet:
        """The digits asked for; with "auto" MNIST where it is, else the embedded ones."""
        if self.data != "auto":
            return load_set(self.data, self.folder)
        try:
            return load_set("mnist", self.folder)
        except FetchError:
            return load_set("digits", self.folder)


def claim() -> None:
    """Take the one place there is: two trainings would halve each other's speed.

    Raises
    ------
    BusyError
        if somebody has it; whoever gets it gives it back with `release`.
    """
    if not _running.acquire(blocking=False):
        words = "another training is running here; wait until it ends or is stopped"
        raise BusyError(words, retry_after=30)


release = _running.release


def training(wish: Wish) -> Iterator[Event]:
    """The 1998 training, event by event: "begin", then "step" and "pass" as it goes, then "end"."""
    digits = wish.digits()
    order = RunConfig(PUBLISHED, digits.name, wish.seed, engine=chosen("auto"))
    total, passes, started = len(digits.train), PUBLISHED.passes, time.perf_counter()
    yield {"event": "begin", "data": digits.name, "digits": total, "passes": passes}
    with learner_of(order, fresh_tensors(order), digits.train) as learner:
        for number in range(1, passes + 1):
            learner.start_pass(number, sample(order, number, total))
            due, errors = sequence(order, number, total), 0
            size = max(FEWEST, total // (SHOWN_FIRST if number == 1 else SHOWN))
            for done in range(0, total, size):
                chunk = due[done : done + size]
                wrong = learner.learn(chunk)
                errors += wrong
                yield {
                    "event": "step",
                    "pass": number,
                    "learnt": done + len(chunk),
                    "error_rate": wrong / len(chunk),
                    "seconds": time.perf_counter() - started,
                } | _kernels(learner.tensors())
                time.sleep(BREATH)
            yield _passed(number, errors / total, learner.tensors(), digits)
    yield {"event": "end", "seconds": time.perf_counter() - started}


def _kernels(tensors: dict[str, FloatArray]) -> Event:
    """C1's kernels and those of C3, to three digits: enough to see."""
    return {
        name: np.round(tensors[f"{name}.weight"].astype(float), 3).tolist() for name in ("c1", "c3")
    }


def _passed(number: int, rate: float, tensors: dict[str, FloatArray], digits: DigitSet) -> Event:
    """The end of a pass: errors, and the network as it is now, for the page to run."""
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
