"""LeNet-5 as published in 1998, and a reader of handwritten digits.

    import lenet
    lenet.read("note.jpg").text

Names are looked up when they are used: importing this loads neither torch nor anything heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lenet import data as data
    from lenet.errors import LenetError as LenetError
    from lenet.evaluation.score import Score as Score
    from lenet.network.architecture import Architecture as Architecture
    from lenet.network.lenet5 import LeNet5 as LeNet5
    from lenet.network.lenet5 import load as load
    from lenet.plots.show import show as show
    from lenet.preprocessing.image import Box as Box
    from lenet.reading.read import read as read
    from lenet.reading.reader import Reader as Reader
    from lenet.reading.result import Digit as Digit
    from lenet.reading.result import Reading as Reading
    from lenet.training.estimator import DigitClassifier as DigitClassifier

    __version__: str

_HOMES = {
    "Box": "lenet.preprocessing.image",
    "Architecture": "lenet.network.architecture",
    "Digit": "lenet.reading.result",
    "DigitClassifier": "lenet.training.estimator",
    "LeNet5": "lenet.network.lenet5",
    "LenetError": "lenet.errors",
    "Reader": "lenet.reading.reader",
    "Reading": "lenet.reading.result",
    "Score": "lenet.evaluation.score",
    "load": "lenet.network.lenet5",
    "read": "lenet.reading.read",
    "show": "lenet.plots.show",
}
_EXTRAS = {"DigitClassifier": "train", "LeNet5": "train", "load": "train", "show": "visual"}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("lenet")
    if name == "data":
        return import_module("lenet.data")
    if name not in _HOMES:
        raise AttributeError(f"module 'lenet' has no attribute {name!r}")
    from contextlib import nullcontext

    from lenet.errors import MissingNameError, needs

    extra = _EXTRAS.get(name)
    with needs(extra, f"lenet.{name}", MissingNameError) if extra else nullcontext():
        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", "data"])
