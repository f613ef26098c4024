"""Load a data set by name, or from a folder of your own.

The smaller digits of USPS and scikit-learn are brought to 28×28 as MNIST was made: in a box of
20×20 pixels, centred by mass.
"""

from __future__ import annotations

import bz2
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import DIGIT_NAMES, Digits, DigitSet
from lenet.data.folders import load_folder
from lenet.data.idx import read_idx
from lenet.data.registry import REGISTRY, DatasetInfo, data_folder
from lenet.data.validation import validation_indices
from lenet.errors import FetchError, InputError, MissingExtraError
from lenet.preprocessing.prepare import centre

DATASET_NAMES = tuple(REGISTRY)

FASHION_CLASSES = (  # in the order of the labels, from the set's README
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

MOST_BYTES = 2**26  # about three times the larger USPS file, unpacked
USPS_SIDE = 16  # pixels
DIGITS_FULL = 16.0  # full ink in scikit-learn's digits, which count the dots of a 4×4 square
DIGITS_TRAIN = 1_400  # the file runs writer by writer, so a cut keeps writers mostly apart
DIGITS_VALIDATION = 200  # the last ones of the training part


def load_set(name_or_folder: str | Path, data_dir: Path | None = None) -> DigitSet:
    """A whole data set, in memory.

    Parameters
    ----------
    name_or_folder : a name in DATASET_NAMES, or a folder with one sub-folder of images per class;
        a Path, or text with a slash in it ("./mnist"), is always a folder
    data_dir : where data sets known by name are; default: LENET_DATA, else the user's cache

    Raises
    ------
    FetchError
        if the data set is missing; nothing is downloaded unasked.
    InputError
        if a file cannot be used, or neither such a data set nor such a folder exists.
    """
    name = str(name_or_folder)
    if isinstance(name_or_folder, Path) or name not in DATASET_NAMES:
        folder = Path(name_or_folder)
        if not folder.is_dir():
            raise InputError(
                f"{folder}: no such data set or folder; expected "
                f"{', '.join(DATASET_NAMES)}, or a folder with one sub-folder of images per class"
            )
        return load_folder(folder)
    if name == "digits":
        return load_sklearn_digits()
    files = _files(REGISTRY[name], data_folder(data_dir))
    if name == "usps":
        train, test = map(read_usps, files)
    else:
        train, test = _read_pair(*files[:2]), _read_pair(*files[2:])
    # QMNIST has MNIST's training digits in MNIST's order, so the writers are the same.
    by_writer = name in ("mnist", "qmnist")
    validation = validation_indices() if by_writer else np.arange(9, len(train), 10)
    classes = FASHION_CLASSES if name == "fashion" else DIGIT_NAMES
    return DigitSet(name, train, test, validation, classes)


def _files(info: DatasetInfo, folder: Path) -> list[Path]:
    """The files of a data set, in the order of its registry entry."""
    found = {file.name: file.find(folder / info.name) for file in info.files}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        partly = f" ({', '.join(missing)} missing)" if len(missing) < len(found) else ""
        raise FetchError(
            f"{info.name} is not in {folder}{partly}; run: lenet data fetch {info.name}"
        )
    return [path for path in found.values() if path]


def _read_pair(images_file: Path, labels_file: Path) -> Digits:
    images, labels = read_idx(images_file), read_idx(labels_file)
    if labels.ndim == 2:  # QMNIST's extended labels: class, series, writer, …
        labels = labels[:, 0]
    try:
        return Digits(images, labels.astype(np.int64))
    except InputError as problem:
        raise InputError(f"{images_file} with {labels_file.name}: {problem}") from problem


def load_sklearn_digits() -> DigitSet:
    """scikit-learn's 1,797 digits of 8×8 pixels; nothing is downloaded."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingExtraError("the set digits", "scikit-learn", "train") from error
    bunch = load_digits()
    digits = _centred(bunch.images / DIGITS_FULL, bunch.target)
    order = np.arange(len(digits))
    return DigitSet(
        "digits",
        train=digits.take(order[:DIGITS_TRAIN]),
        test=digits.take(order[DIGITS_TRAIN:]),
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
    except ImportError as error:
        raise MissingExtraError("the set usps", "scikit-learn", "train") from error
    try:
        with bz2.open(file) as stream:
            text = stream.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise InputError(f"more than {MOST_BYTES:,} bytes when unpacked")
        features, labels = load_svmlight_file(BytesIO(text), n_features=USPS_SIDE**2)
        ink = (features.toarray().reshape(-1, USPS_SIDE, USPS_SIDE) + 1) / 2
        if not len(ink) or not ((ink >= 0) & (ink <= 1)).all():
            raise InputError("expected lines of a label and 256 numbers from -1 to 1")
        return _centred(ink, labels - 1)
    except (OSError, EOFError, ValueError) as problem:
        raise InputError(
            f"{file}: not a readable USPS file ({problem}); run: lenet data verify usps"
        ) from problem


def _centred(inks: NDArray[np.float64], labels: NDArray[np.float64]) -> Digits:
    return Digits(np.stack([centre(ink) for ink in inks]), labels.astype(np.int64))
