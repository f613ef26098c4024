"""The two sets of smaller digits, brought to 28×28 as MNIST was made: 20×20 box, centre of mass."""

from __future__ import annotations

import bz2
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import Digits, DigitSet
from lenet.errors import InputError, MissingExtraError
from lenet.preprocessing.centre import centre

MOST_BYTES = 2**26  # about three times the larger USPS file, unpacked
USPS_SIDE = 16  # pixels
DIGITS_FULL = 16.0  # full ink in scikit-learn's digits, which count the dots of a 4×4 square
DIGITS_TRAIN = 1_400  # the file runs writer by writer, so a cut keeps writers mostly apart
DIGITS_VALIDATION = 200  # the last ones of the training part


def load_digits() -> DigitSet:
    """scikit-learn's 1,797 digits of 8×8 pixels; nothing is fetched."""
    try:
        from sklearn.datasets import load_digits as embedded
    except ImportError as problem:
        raise MissingExtraError("the set digits", "scikit-learn", "train") from problem
    bunch = embedded()
    everything = _digits(bunch.images / DIGITS_FULL, bunch.target)
    order = np.arange(len(everything))
    return DigitSet(
        "digits",
        train=everything.take(order[:DIGITS_TRAIN]),
        test=everything.take(order[DIGITS_TRAIN:]),
        validation=order[DIGITS_TRAIN - DIGITS_VALIDATION : DIGITS_TRAIN],
    )


def read_usps(file: Path) -> Digits:
    """One file of USPS as LIBSVM gives it: text in bzip2, labels 1 … 10, ink −1 … 1.

    Raises
    ------
    InputError
        names the file and what is wrong in it; no more than 64 MiB are unpacked.
    """
    try:
        from sklearn.datasets import load_svmlight_file
    except ImportError as problem:
        raise MissingExtraError("the set usps", "scikit-learn", "train") from problem
    try:
        with bz2.open(file) as stream:
            text = stream.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise InputError(f"more than {MOST_BYTES:,} bytes when unpacked")
        features, labels = load_svmlight_file(BytesIO(text), n_features=USPS_SIDE**2)
        ink = (features.toarray().reshape(-1, USPS_SIDE, USPS_SIDE) + 1) / 2
        if not len(ink) or not ((ink >= 0) & (ink <= 1)).all():
            raise InputError("expected lines of a label and 256 numbers from -1 to 1")
        return _digits(ink, labels - 1)
    except (OSError, EOFError, ValueError) as problem:
        raise InputError(
            f"{file}: not a readable USPS file ({problem}); run: lenet data verify usps"
        ) from problem


def _digits(inks: NDArray[np.float64], labels: NDArray[np.float64]) -> Digits:
    return Digits(np.stack([centre(ink) for ink in inks]), labels.astype(np.int64))
