"""Live training over HTTP: the 1998 training as events."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import pytest
import requests

from lenet.errors import InputError
from lenet.serve import train_stream
from lenet.serve.documents import parse
from lenet.serve.train_stream import TrainRequest, TrainStream, train_events
from lenet.training.estimator import DigitClassifier
from lenet.training.recipes import PUBLISHED


def events(answer):
    for line in answer.iter_lines():
        if line:
            yield json.loads(line.removeprefix(b"data: "))


def ask(address, **wish):
    return requests.post(f"{address}v1/train", json=wish, stream=True, timeout=30)


def ask_until_free(address, **wish):
    """The same, once the server has noticed that nobody listens to the last one any more."""
    for _ in range(50):
        answer = ask(address, **wish)
        if answer.status_code != 503:
            break
        time.sleep(0.1)
    return answer


def test_the_stream_begins_with_the_data_set_and_continues_with_steps(address):
    with ask_until_free(address) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        first, *steps = islice(events(answer), 6)
    assert first == {"event": "begin", "data": "digits", "digits": 1400, "passes": 20}
    assert [step["learnt"] for step in steps] == [50, 100, 150, 200, 250]
    assert np.shape(steps[0]["c1"]) == (6, 1, 5, 5)
    assert steps[0]["c1"] != steps[-1]["c1"]


def test_one_training_at_a_time_and_its_end_frees_the_slot(address):
    with ask_until_free(address) as answer:
        next(events(answer))
        busy = ask(address)
        assert busy.status_code == 503
        assert busy.headers["retry-after"] == "30"
        assert busy.json()["error"]["code"] == "busy"
    with ask_until_free(address) as again:
        assert again.status_code == 200


def test_a_missing_data_set_is_an_error_event(address):
    with ask_until_free(address, data="mnist") as answer:
        (event,) = events(answer)
    assert event["event"] == "error"
    assert "lenet data fetch mnist" in event["message"]


def test_the_weights_at_the_end_are_those_of_the_1998_training(monkeypatch, tiny_set):
    """Event by event or in one go: the same recipe, the same seed, the same bits."""
    monkeypatch.setattr(train_stream, "load_set", lambda name, folder: tiny_set)
    monkeypatch.setattr(train_stream, "PAUSE_SECONDS", 0)
    streamed = list(train_events(TrainRequest(data="digits", seed=3), None))
    assert [event["event"] for event in streamed[-2:]] == ["pass", "end"]
    passed = [event for event in streamed if event["event"] == "pass"]
    assert [event["pass"] for event in passed] == list(range(1, PUBLISHED.passes + 1))
    classifier = DigitClassifier(recipe="1998", seed=3)
    classifier.fit(tiny_set.train.images, tiny_set.train.labels)
    tensors = passed[-1]["network"]["tensors"]
    for name, tensor in classifier.weights_.tensors.items():
        given = np.frombuffer(base64.b64decode(tensors[name]["base64"]), "<f4").reshape(
            tensors[name]["shape"]
        )
        np.testing.assert_array_equal(given, tensor)
    wrong = (classifier.predict(tiny_set.test.images) != tiny_set.test.labels).mean()
    assert passed[-1]["test_error_rate"] == pytest.approx(wrong)


def test_a_stopped_training_goes_on_in_the_same_bits(monkeypatch, tiny_set):
    monkeypatch.setattr(train_stream, "load_set", lambda name, folder: tiny_set)
    monkeypatch.setattr(train_stream, "PAUSE_SECONDS", 0)
    *_, last, _ = train_events(TrainRequest(data="digits", seed=4), None)
    begin, *again, end = train_events(TrainRequest(data="digits", seed=4, after=17), None)
    assert (begin["event"], end["event"]) == ("begin", "end")
    assert [event["pass"] for event in again if event["event"] == "pass"] == [18, 19, 20]
    assert again[-1] == last
    with pytest.raises(InputError, match="start from pass 1"):
        list(train_events(TrainRequest(data="digits", seed=5, after=17), None))


@pytest.mark.parametrize(
    "document", [[], {"after": 20}, {"data": "fashion"}, {"seed": True}, {"seed": 2**32}]
)
def test_invalid_requests(document):
    with pytest.raises(InputError):
        parse(TrainRequest, json.dumps(document).encode())


def test_an_aborted_stream_lets_go_of_its_data(monkeypatch):
    """Each kept a data set, about 50 MB, until the garbage collector came."""
    closed = []

    def endless(request, folder):
        try:
            while True:
                yield {"event": "step"}
        finally:
            closed.append(True)

    async def abort_after_the_first_event() -> TrainStream:
        begun = asyncio.Event()

        async def send(message):
            if message.get("body"):
                begun.set()

        async def receive():
            await begun.wait()
            return {"type": "http.disconnect"}

        stream = TrainStream(TrainRequest(), None, lambda: False)
        await stream({"type": "http"}, receive, send)
        return stream

    monkeypatch.setattr(train_stream, "train_events", endless)
    with ThreadPoolExecutor(1) as apart:  # the page's tests leave a loop running in this thread
        assert apart.submit(asyncio.run, abort_after_the_first_event()).result()
    assert closed
