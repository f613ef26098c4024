"""LeNet-5 as published in 1998, and a reader of handwritten digits.

    import lenet
    lenet.read("note.jpg").text

Names are looked up when they are used: importing this loads neither torch nor anything heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lenet.errors import LenetError as LenetError
    from lenet.evaluation.score import Score as Score
    from lenet.network.architecture import Architecture as Architecture
    from lenet.network.lenet5 import LeNet5 as LeNet5
    from lenet.network.lenet5 import load as load
    from lenet.preprocessing.image import Box as Box
    from lenet.reading.reader import read as read
    from lenet.reading.result import Digit as Digit
    from lenet.reading.result import Reading as Reading
    from lenet.training.estimator import DigitClassifier as DigitClassifier

_HOMES = {
    "Box": "lenet.preprocessing.image",
    "Architecture": "lenet.network.architecture",
    "Digit": "lenet.reading.result",
    "DigitClassifier": "lenet.training.estimator",
    "LeNet5": "lenet.network.lenet5",
    "LenetError": "lenet.errors",
    "Reading": "lenet.reading.result",
    "Score": "lenet.evaluation.score",
    "load": "lenet.network.lenet5",
    "read": "lenet.reading.reader",
}
_TRAIN = {"DigitClassifier", "LeNet5", "load"}  # need the extra of that name
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lenet' has no attribute {name!r}")
    from contextlib import nullcontext

    from lenet.errors import needs

    with needs("train", f"lenet.{name}") if name in _TRAIN else nullcontext():
        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
