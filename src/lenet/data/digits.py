"""Digits with labels, and a data set of a training, a test and a validation part."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lenet.errors import InputError, UsageError
from lenet.network.plane import ByteArray, check_digit_images

OUTPUTS = 10  # the network has ten, so labels are 0 … 9
DIGIT_NAMES = tuple(str(digit) for digit in range(OUTPUTS))

Split = Literal["train", "test", "validation"]


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """Digit images with labels.

    images : uint8 array of shape (n, 28, 28), 0 bare paper … 255 full ink
    labels : int64 array of shape (n,), 0 … 9

    Raises InputError where these are anything else.
    """

    images: ByteArray
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        images, labels = check_digit_images(self.images), np.asarray(self.labels)
        if labels.dtype != np.int64 or labels.shape != (len(images),):
            raise InputError(
                f"expected one int64 label for each of {len(images):,} images, "
                f"got {labels.dtype} of shape {labels.shape}"
            )
        invalid = labels[(labels < 0) | (labels >= OUTPUTS)]
        if invalid.size:
            raise InputError(f"expected labels 0 … {OUTPUTS - 1}, got {invalid[0]}")
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "labels", labels)

    def __repr__(self) -> str:
        return f"Digits({len(self):,})"

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int) -> Digits:
        """The first `count` digits, or all if there are no more."""
        return Digits(self.images[:count], self.labels[:count])

    def take(self, indices: NDArray[Any]) -> Digits:
        """The digits at these indices, in this order."""
        return Digits(self.images[indices], self.labels[indices])


@dataclass(frozen=True, eq=False, repr=False)
class DigitSet:
    """One data set.

    validation : int64 indices into train, held out while recipes are chosen
    classes : what the labels stand for; label k is classes[k]
    """

    name: str
    train: Digits
    test: Digits
    validation: NDArray[np.int64]
    classes: tuple[str, ...] = DIGIT_NAMES

    def __post_init__(self) -> None:
        for part in (self.train, self.test):
            if part.labels.max(initial=-1) >= len(self.classes):
                raise InputError(
                    f"{self.name}: label {part.labels.max()} has no class; "
                    f"{len(self.classes)} are named"
                )
        if ((self.validation < 0) | (self.validation >= len(self.train))).any():
            raise InputError(
                f"{self.name}: the validation part names digits beyond the {len(self.train):,} "
                "training digits; is the data set whole?"
            )

    def __repr__(self) -> str:
        sizes = f"{len(self.train):,} to train on, {len(self.test):,} to test on"
        return f"DigitSet({self.name!r}, {sizes})"

    @cached_property
    def sha256(self) -> str:
        """SHA-256 over images and labels (64-bit, little end first), training part first."""
        digest = hashlib.sha256()
        for part in (self.train, self.test):
            digest.update(part.images.tobytes())
            digest.update(part.labels.astype("<i8").tobytes())
        return digest.hexdigest()

    def split(self, name: Split) -> Digits:
        """One part by name; "train" is the whole training part, validation included."""
        match name:
            case "train":
                return self.train
            case "test":
                return self.test
            case "validation":
                return self.train.take(self.validation)
        raise UsageError(f"unknown split {name!r}; use one of {', '.join(get_args(Split))}")

    def train_part(self) -> Digits:
        """The training part without validation."""
        kept = np.ones(len(self.train), bool)
        kept[self.validation] = False
        return self.train.take(kept)
