"""A data set of your own: a folder with one sub-folder of images per class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import DIGIT_NAMES, OUTPUTS, Digits, DigitSet
from lenet.errors import InputError
from lenet.files import encodable, printable
from lenet.preprocessing.prepare import prepare_file

TEST_EVERY = 5  # without a test/ folder, every fifth image of each class is for testing
VALIDATION_EVERY = 10  # every tenth training image of each class is for validation
MAX_LISTED = 10  # problems listed one by one

Classes = dict[str, list[Path]]  # the images of each class, names and images sorted


def load_folder(folder: Path) -> DigitSet:
    """Read a folder of class folders, or one with such folders in train/ and test/.

    Images are prepared as in reading. Classes named by single digits keep them as
    labels; others are numbered in sorted order. Without train/ and test/ the split is fixed.

    Raises
    ------
    InputError
        names everything that is not a class folder or a usable image; only hidden files are
        ignored.
    """
    train, test = folder / "train", folder / "test"
    if train.is_dir() != test.is_dir():
        raise InputError(f"{folder}: has only one of train/ and test/; expected both or neither")
    parts = [train, test] if train.is_dir() else [folder]
    others = sorted(set(_visible(folder)) - set(parts)) if train.is_dir() else []
    _refuse(folder, [f"{path}: expected only train/ and test/ here" for path in others])
    listed = [_classes(part) for part in parts]
    labels, names = _labels(folder, listed)
    training, *testing = _digits(folder, listed, labels)
    if not testing:
        apart = _every(TEST_EVERY, training.labels)
        if not apart.any():
            raise InputError(
                f"{folder}: too few images to test with; expected {TEST_EVERY} or more in a "
                "class, or class folders in train/ and test/"
            )
        training, testing = training.take(~apart), [training.take(apart)]
    validation = np.flatnonzero(_every(VALIDATION_EVERY, training.labels))
    return DigitSet(encodable(str(folder)), training, testing[0], validation, names)


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as problem:
        raise InputError(f"{folder}: not a readable folder ({problem.strerror})") from problem


def _classes(folder: Path) -> Classes:
    """The images of each class, or an InputError naming all that does not belong."""
    classes: Classes = {}
    problems = []
    for entry in _visible(folder):
        if not entry.is_dir():
            problems.append(f"{entry}: not in a class folder, such as {folder}/7/")
            continue
        classes[entry.name] = images = _visible(entry)
        problems += [
            f"{path}: not a file; a class folder holds images only"
            for path in images
            if not path.is_file()
        ]
        if not images:
            problems.append(f"{entry}: a class without images")
    _refuse(folder, problems)
    if not classes:
        raise InputError(
            f"{folder}: holds no class folders; expected one folder of images per class, "
            f"such as {folder}/7/"
        )
    return classes


def _labels(folder: Path, listed: list[Classes]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The label of each class name, and the name of each label."""
    names = sorted(listed[0])
    if unknown := sorted(set(listed[-1]) - set(names)):
        raise InputError(f"{folder}: test/ has classes that train/ lacks: {', '.join(unknown)}")
    if len(names) > OUTPUTS:
        raise InputError(f"{folder}: {len(names)} classes; the network tells {OUTPUTS} apart")
    if set(names) <= set(DIGIT_NAMES):
        return {name: int(name) for name in names}, DIGIT_NAMES
    return {name: k for k, name in enumerate(names)}, tuple(map(encodable, names))


def _digits(folder: Path, listed: list[Classes], labels: dict[str, int]) -> list[Digits]:
    """Each part's images, prepared; or an InputError naming all that cannot be used."""
    problems: list[str] = []
    parts = []
    for classes in listed:
        images, numbers = [], []
        for name, path in [(name, path) for name, paths in classes.items() for path in paths]:
            try:
                images.append(prepare_file(path).image)
                numbers.append(labels[name])
            except InputError as problem:
                problems.append(str(problem))
        parts.append((images, numbers))
    _refuse(folder, problems)
    return [Digits(np.stack(images), np.array(numbers)) for images, numbers in parts]


def _refuse(folder: Path, problems: list[str]) -> None:
    if problems:
        listed = "".join(f"\n  {printable(problem)}" for problem in problems[:MAX_LISTED])
        rest = len(problems) - MAX_LISTED
        more = f"\n  and {rest} more" if rest > 0 else ""
        raise InputError(
            f"{folder}: {len(problems)} of its files or folders cannot be used; repair or remove "
            f"them:{listed}{more}"
        )


def _every(step: int, labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark every step-th digit of each class."""
    marked = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        marked[np.flatnonzero(labels == label)[step - 1 :: step]] = True
    return marked
