"""The two value types: what they refuse and how they are cut."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from lenet.data.digits import Digits, DigitSet
from lenet.errors import InputError, UsageError

IMAGES = np.arange(6 * 784, dtype=np.uint64).astype(np.uint8).reshape(6, 28, 28)
LABELS = np.array([3, 1, 4, 1, 5, 9])


@pytest.fixture
def digit_set():
    test = Digits(IMAGES[:2], LABELS[:2])
    return DigitSet("toy", Digits(IMAGES, LABELS), test, np.array([1, 4]))


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (IMAGES, LABELS[:5], "one int64 label for each of 6 images"),
        (IMAGES, LABELS[:, None], "one int64 label"),
        (IMAGES, LABELS.astype(np.uint8), "one int64 label .* got uint8"),
        (IMAGES, LABELS.astype(float), "one int64 label .* got float64"),
        (IMAGES, LABELS + 1, "expected labels 0 … 9, got 10"),
        (IMAGES, LABELS - 2, "expected labels 0 … 9, got -1"),
        (IMAGES / 255, LABELS, "type uint8"),
        (IMAGES.reshape(6, 784), LABELS, r"shape \(n, 28, 28\)"),
        (IMAGES[:, :27], LABELS, r"shape \(n, 28, 28\)"),
        (np.zeros((6, 28, 28, 3), np.uint8), LABELS, r"shape \(n, 28, 28\)"),
    ],
)
def test_what_is_not_digits_is_refused(images, labels, words):
    with pytest.raises(InputError, match=words):
        Digits(images, labels)


def test_take_keeps_the_order_asked_for():
    taken = Digits(IMAGES, LABELS).take(np.array([5, 0, 0]))
    assert len(taken) == 3
    assert taken.labels.tolist() == [9, 3, 3]
    np.testing.assert_array_equal(taken.images, IMAGES[[5, 0, 0]])
    assert len(taken.take(np.array([], int))) == 0


def test_the_parts(digit_set):
    assert digit_set.split("train") is digit_set.train
    assert digit_set.split("test") is digit_set.test
    assert digit_set.split("validation").labels.tolist() == [1, 5]
    assert digit_set.train_part().labels.tolist() == [3, 4, 1, 9]
    with pytest.raises(UsageError, match="unknown split 'valid'; use one of train, test, valid"):
        digit_set.split("valid")


@pytest.mark.parametrize("validation", [[6], [-1], [0, 99]])
def test_validation_outside_the_training_part_is_refused(digit_set, validation):
    with pytest.raises(InputError, match=r"toy: the validation part .* 6 training digits"):
        DigitSet("toy", digit_set.train, digit_set.test, np.array(validation))


def test_labels_without_a_class_are_refused(digit_set):
    with pytest.raises(InputError, match="toy: label 9 has no class; 2 are named"):
        DigitSet("toy", digit_set.train, digit_set.test, np.array([1]), ("a", "b"))


def test_the_hash_is_of_images_and_labels(digit_set):
    content = IMAGES.tobytes() + LABELS.tobytes() + IMAGES[:2].tobytes() + LABELS[:2].tobytes()
    assert digit_set.sha256 == hashlib.sha256(content).hexdigest()
    other = DigitSet("toy", digit_set.train, digit_set.test.take([1, 0]), digit_set.validation)
    assert other.sha256 != digit_set.sha256
