"""Every data set by its name, or a folder of your own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lenet.data.digits import DIGIT_NAMES, Digits, DigitSet
from lenet.data.folders import load_folder
from lenet.data.idx import read_idx
from lenet.data.registry import SOURCES, Source, data_folder
from lenet.data.small_sets import load_digits, read_usps
from lenet.data.validation import validation_indices
from lenet.errors import FetchError, InputError

KNOWN = tuple(SOURCES)

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


def load_set(name_or_folder: str | Path, data_dir: Path | None = None) -> DigitSet:
    """One whole data set, in memory.

    Parameters
    ----------
    name_or_folder : a name in KNOWN, or a folder with one sub-folder of images per class; a Path,
        or text with a slash in it ("./mnist"), is always a folder
    data_dir : where the sets known by name lie; without it LENET_DATA, else the user's cache

    Raises
    ------
    FetchError
        if the set is not there; nothing is fetched unasked.
    InputError
        if a file of it cannot be used, or there is neither such a set nor such a folder.
    """
    name = str(name_or_folder)
    if isinstance(name_or_folder, Path) or name not in KNOWN:
        folder = Path(name_or_folder)
        if not folder.is_dir():
            raise InputError(
                f"{folder}: no such set and no such folder; expected one of {', '.join(KNOWN)}, "
                "or a folder with one sub-folder of images per class"
            )
        return load_folder(folder)
    if name == "digits":
        return load_digits()
    files = _files(SOURCES[name], data_folder(data_dir))
    if name == "usps":
        train, test = map(read_usps, files)
    else:
        train, test = _read_pair(*files[:2]), _read_pair(*files[2:])
    # QMNIST has MNIST's training digits in MNIST's order, so the writers are the same.
    by_writer = name in ("mnist", "qmnist")
    validation = validation_indices() if by_writer else np.arange(9, len(train), 10)
    classes = FASHION_CLASSES if name == "fashion" else DIGIT_NAMES
    return DigitSet(name, train, test, validation, classes)


def _files(source: Source, folder: Path) -> list[Path]:
    """The files of a set, in the order of its source."""
    found = {file.name: file.find(folder / source.name) for file in source.files}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        partly = f" ({', '.join(missing)} missing)" if len(missing) < len(found) else ""
        raise FetchError(
            f"{source.name} is not in {folder}{partly}; run: lenet data fetch {source.name}"
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
