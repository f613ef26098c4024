"""Data sets of digits: `lenet.data.load("mnist").train.images`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lenet.data.digits import DigitSet


def load(name: str | Path = "mnist", data_dir: str | Path | None = None) -> DigitSet:
    """Load a data set into memory. Nothing is downloaded: see `lenet data fetch`.

    Parameters
    ----------
    name : "digits" (1,797 digits that come with scikit-learn), "mnist", "qmnist", "fashion" or
        "usps"; or a folder with one sub-folder of images per class
    data_dir : where the named sets are; by default LENET_DATA, else the user's cache

    Returns
    -------
    A DigitSet. Its parts `train` and `test` have `images`, uint8 of shape (n, 28, 28), 0 paper …
    255 ink, and `labels`, int64 of shape (n,), 0 … 9.

    Raises
    ------
    FetchError
        if the data set is not on this machine.
    InputError
        if there is no such data set or folder, or a file in it cannot be used.

    Examples
    --------
    >>> import lenet
    >>> digits = lenet.data.load("digits")
    >>> digits
    DigitSet('digits', 1,400 to train on, 397 to test on)
    >>> digits.train.images.shape, digits.train.images.dtype
    ((1400, 28, 28), dtype('uint8'))
    """
    from lenet.data.datasets import load_set

    return load_set(name, None if data_dir is None else Path(data_dir))
