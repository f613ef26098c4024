"""Micro-batches: what arrives together is classified together, and nobody can tell."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from isolation import run_apart
from lenet.data.datasets import load_sklearn_digits
from lenet.engine import native_engine
from lenet.engine.native_engine import NativeEngine
from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.confidence import classify_penalties
from lenet.network.weights import load_weights
from lenet.serve.batcher import MAX_IMAGES, MAX_REQUEST_IMAGES, MAX_REQUESTS, Batcher
from lenet.serve.errors import BusyError

ENGINES = [
    pytest.param(
        NativeEngine, marks=pytest.mark.skipif(not native_engine.available(), reason="not built")
    ),
    NumpyEngine,
]


@pytest.fixture(scope="module")
def images():
    return load_sklearn_digits().train.images[:300]


@pytest.fixture(params=ENGINES)
def network(request):
    return request.param(load_weights("1998"))


def ask_at_once(network, requests):
    """The answers to requests that arrive in one turn of the loop, and the sizes of the batches."""
    sizes: list[int] = []

    async def all_of_them():
        batcher = Batcher(network, sizes.append)
        return await asyncio.gather(*map(batcher.ask, requests), return_exceptions=True)

    return run_apart(all_of_them()), sizes


def test_each_gets_its_own_answers_bit_for_bit(network, images):
    ends = np.cumsum([1, 1, 5, 64, 2, 1, 30])
    requests = np.split(images, ends)[:-1]
    answers, sizes = ask_at_once(network, requests)
    expected = [len(part) for part in requests]
    assert sizes == ([sum(expected)] if isinstance(network, NativeEngine) else expected)
    for answer, part in zip(answers, requests, strict=True):
        alone = classify_penalties(network.penalties(part), network.weights.temperature)
        np.testing.assert_array_equal(answer.values, alone.values)
        np.testing.assert_array_equal(answer.confidences, alone.confidences)


def test_too_many_at_once_are_refused_and_the_others_answered(network, images):
    answers, sizes = ask_at_once(network, [images[:1]] * (MAX_REQUESTS + 3))
    assert [isinstance(answer, BusyError) for answer in answers[-4:]] == [False, True, True, True]
    assert sum(sizes) == MAX_REQUESTS
    answers, sizes = ask_at_once(
        network, [images[:MAX_REQUEST_IMAGES]] * (MAX_IMAGES // MAX_REQUEST_IMAGES + 1)
    )
    assert isinstance(answers[-1], BusyError)
    assert sum(sizes) == MAX_IMAGES


def test_one_that_left_and_a_call_that_fails_do_not_hold_others_up(network, images, monkeypatch):
    async def leave():
        batcher = Batcher(network, lambda size: None)
        leaving = asyncio.create_task(batcher.ask(images[:1]))
        staying = asyncio.create_task(batcher.ask(images[1:3]))
        await asyncio.sleep(0)
        leaving.cancel()
        assert len((await staying).values) == 2
        monkeypatch.setattr(network, "penalties", lambda given: 1 / 0, raising=False)
        with pytest.raises(ZeroDivisionError):
            await batcher.ask(images[:1])
        monkeypatch.undo()
        assert len((await batcher.ask(images[:4])).values) == 4

    run_apart(leave())
