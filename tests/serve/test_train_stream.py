"""Live training over HTTP: the 1998 training as events."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from itertools import islice

import numpy as np
import pytest
import requests

from isolation import run_apart
from lenet.errors import InputError, LenetError
from lenet.serve import live_training, train_stream
from lenet.serve.documents import parse
from lenet.serve.live_training import NETWORKS, LiveTraining
from lenet.serve.train_stream import TrainRequest, TrainStream, train_events
from lenet.training.estimator import DigitClassifier
from lenet.training.recipes import PUBLISHED

DIGITS = {"data": "digits", "digits": 1400, "test_digits": 397}


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
    assert first.pop("training")
    assert first.pop("networks") == [{"name": "1998", "parameters": 60_000}]
    assert first == {"event": "begin", "pass": 1, "learnt": 0, "passes": 20} | DIGITS
    assert [step["learnt"] for step in steps] == [50, 100, 150, 200, 250]
    assert np.shape(steps[0]["c1"]) == (6, 1, 5, 5)
    assert steps[0]["c1"] != steps[-1]["c1"]


def test_one_training_at_a_time_and_its_end_frees_the_slot(address):
    with ask_until_free(address) as answer:
        listened = events(answer)  # kept: its end would close the connection
        next(listened)
        busy = ask(address)
        assert busy.status_code == 503
        assert busy.headers["retry-after"] == "30"
        assert busy.json()["error"]["code"] == "busy"
    with ask_until_free(address) as again:
        assert again.status_code == 200


@pytest.mark.parametrize(
    ("wish", "status", "words"),
    [
        ({"data": "mnist"}, 424, "lenet data fetch mnist"),
        ({"resume": "0123"}, 422, "no training '0123' is kept here"),
        ({"networks": ["lenet-4"]}, 422, "expected data"),
    ],
)
def test_what_cannot_begin_is_refused_before_it_begins(address, wish, status, words):
    answer = ask_until_free(address, **wish)
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]
    with ask_until_free(address) as again:  # and the slot is free
        assert again.status_code == 200


@pytest.fixture
def train(monkeypatch, tiny_set):
    """Trainings on a tiny set: train(training or None, limit, **request) gives the events."""
    monkeypatch.setattr(live_training, "PAUSE_SECONDS", 0)

    def call(limit=None, **wish):
        training = LiveTraining("tiny", wish.pop("seed", 3), tuple(wish.pop("networks", ["1998"])))
        return train_events(wish.pop("training", training), tiny_set, limit)

    return call


def test_the_weights_at_the_end_are_those_of_the_1998_training(train, tiny_set):
    """Event by event or in one go: the same recipe, the same seed, the same bits."""
    streamed = list(train())
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


@pytest.mark.parametrize("networks", [["1998"], ["1998", "max", "no-subsampling", "28x28-75-10"]])
def test_a_training_left_at_any_digit_goes_on_in_the_same_bits(networks, train, tiny_set):
    _, *whole = train(networks=networks)
    begin, *left = train(networks=networks, limit=1_130)
    for limit, place in ((1, (12, 30)), (1, (12, 31)), (68, (12, 32)), (None, (13, 0))):
        training = train_stream._kept[begin["training"]]
        again, *more = train(training=training, limit=limit)
        assert again == begin | {"pass": place[0], "learnt": place[1]}
        left += more
    passes = [event for event in whole if event["event"] == "pass"]
    assert [event for event in left if event["event"] == "pass"] == passes
    assert begin["training"] not in train_stream._kept


def test_a_step_of_one_digit_shows_it_and_what_it_changed(train, tiny_set):
    begin, step = train(limit=1)
    digit = step["digit"]
    place = np.random.default_rng([3, 1]).permutation(100)[0]
    image = tiny_set.train.images[place]
    assert base64.b64decode(digit["image"]) == image.tobytes()
    assert digit["label"] == tiny_set.train.labels[place]
    assert len(digit["before"]) == len(digit["after"]) == 10
    assert digit["after"][digit["label"]] < digit["before"][digit["label"]]
    assert step["error_rate"] == (np.argmin(digit["before"]) != digit["label"])
    _, second = train(training=train_stream._kept[begin["training"]], limit=1)
    moved = np.abs(np.subtract(second["c1"], step["c1"])).max()
    assert 0 < moved < 0.1


def test_networks_are_counted_and_compared_side_by_side(train):
    begin, *events = train(networks=list(NETWORKS), limit=100)
    counts = {one["name"]: one["parameters"] for one in begin["networks"]}
    assert counts == {
        "1998": 60_000,
        "average": 59_956,
        "max": 59_956,
        "full": 60_900,
        "no-subsampling": 59_956,
        "28x28-75-10": 59_635,
    }
    steps = [event for event in events if event["event"] == "step"]
    assert [step["name"] for step in steps[:6]] == list(NETWORKS)
    assert [event["name"] for event in events[-6:]] == list(NETWORKS)
    assert [event["name"] for event in events if "network" in event] == ["1998"]


def test_the_rate_multiplies_the_steps_at_once(train):
    """Twice the rate moves a kernel twice as far."""
    moved = {}
    for rate in (1, 2):
        begin, before = train(limit=1)
        training = train_stream._kept[begin["training"]]
        training.at_rate(rate)
        _, after = train(training=training, limit=1)
        moved[rate] = np.subtract(after["c1"], before["c1"])
    np.testing.assert_allclose(moved[2], 2 * moved[1], atol=3e-5)


def test_a_training_that_diverges_ends_in_words(train):
    begin, _ = train(limit=1)
    training = train_stream._kept[begin["training"]]
    training.states["1998"]["values"][:] = np.nan
    with pytest.raises(LenetError, match="lower rate"):
        list(train(training=training))
    assert begin["training"] not in train_stream._kept


def test_only_so_many_trainings_are_kept(train, monkeypatch):
    monkeypatch.setattr(train_stream, "MOST_KEPT", 2)
    begun = [next(iter(list(train(limit=1))))["training"] for _ in range(3)]
    assert list(train_stream._kept) == begun[1:]


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"after": 3},
        {"data": "fashion"},
        {"seed": True},
        {"seed": 2**32},
        {"networks": []},
        {"networks": ["max", "max"]},
        {"networks": ["lenet-4"]},
        {"rate": 0},
        {"rate": 11},
        {"digits": 0},
        {"resume": "0123", "seed": 4},
    ],
)
def test_invalid_requests(document):
    with pytest.raises(InputError, match="expected data"):
        parse(TrainRequest, json.dumps(document).encode())


def test_an_aborted_stream_lets_go_of_its_data():
    """Each kept a data set, about 50 MB, until the garbage collector came."""
    closed = []

    def endless():
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

        assert train_stream._running.acquire(blocking=False)
        events = endless()
        stream = TrainStream(next(events), events, lambda: False)
        await stream({"type": "http"}, receive, send)
        return stream

    assert run_apart(abort_after_the_first_event())
    assert closed


def test_a_training_begins_once_the_last_is_left():
    """Failed before: who resumed one at once got 503: its last stream still had the slot."""

    async def take_while_another_leaves() -> None:
        assert train_stream._running.acquire(blocking=False)
        asyncio.get_running_loop().call_later(0.1, train_stream._running.release)
        await train_stream._take_slot()
        train_stream._running.release()

    run_apart(take_while_another_leaves())
