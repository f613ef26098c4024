"""One learner asked by several Python threads: the calls queue up, and none is lost."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from engine_cases import BUILT, digit_images, random_weights

from lenet.augmentation.warp import Distortion
from lenet.engine import native_engine
from lenet.engine.packing import packed, trainable_mask
from lenet.network.architecture import Architecture
from lenet.network.plane import BYTE_TO_PLANE
from lenet.training.optimisers import AdamW

pytestmark = BUILT
IMAGES, ORDER = digit_images(40), np.arange(40)
NUMBERS = packed(random_weights(Architecture()).tensors, Architecture())


def learner():
    made = native_engine.kernels().Learner(
        native_engine.native_architecture(Architecture()),
        native_engine.kernels().Loss(discriminative=False, rubbish=0.0),
        NUMBERS,
    )
    made.steps = np.full_like(NUMBERS, 1e-5) * trainable_mask(Architecture())
    labels = (ORDER % 10).astype(np.int32)
    return made, lambda: made.learn(IMAGES, labels, BYTE_TO_PLANE, ORDER)


def batch_learner():
    made = native_engine.kernels().BatchLearner(
        native_engine.native_architecture(Architecture()),
        native_engine.kernels().Loss(discriminative=True, rubbish=20.0, temperature=5.0),
        NUMBERS,
        trainable_mask(Architecture()),
    )
    targets = np.eye(10, dtype=np.float32)[ORDER % 10]
    distortion, settings = Distortion(10, elastic=10).as_array(), AdamW().kernel_settings(5, 100)
    return made, lambda: made.learn(
        IMAGES, targets, BYTE_TO_PLANE, ORDER, distortion, 3, settings, 2
    )


@pytest.mark.parametrize("make", [learner, batch_learner])
def test_calls_of_many_threads_are_calls_one_after_another(make):
    (together, ask), (alone, ask_alone) = make(), make()
    crew = [threading.Thread(target=lambda: [ask() for _ in range(5)]) for _ in range(4)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    for _ in range(20):
        ask_alone()
    assert np.array_equal(together.parameters, alone.parameters)
    assert not np.array_equal(together.parameters, NUMBERS)
