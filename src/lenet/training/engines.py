"""What makes the updates: compiled kernels or PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lenet.data.digits import Digits
from lenet.engine.native import why_not
from lenet.errors import MissingExtraError, UsageError
from lenet.network.plane import FloatArray
from lenet.training.learner import Learner
from lenet.training.order import Order
from lenet.training.teaching import Teachers
from lenet.training.with_native import native_learner


def chosen(engine: str, device: str = "cpu") -> str:
    """The engine for "auto": native where it can, else torch; another name is checked and kept.

    Raises
    ------
    UsageError
        if "native" is asked for what it cannot do
    """
    reason = _why_not_native(device)
    if engine == "auto":
        return "torch" if reason else "native"
    if engine == "native" and reason:
        raise UsageError(f"--engine native: {reason}; begin a run with --engine torch or auto")
    return engine


def _why_not_native(device: str) -> str:
    if why_not():
        return why_not()
    return "" if device == "cpu" else f"the kernels run on the CPU, not on {device}"


@contextmanager
def learner_of(
    order: Order,
    tensors: dict[str, FloatArray],
    digits: Digits,
    teachers: Teachers | None = None,
) -> Iterator[Learner]:
    """The way to learn that the order asks for, from these tensors, while it is needed."""
    if order.engine == "native":
        yield native_learner(order, tensors, digits, teachers)
        return
    try:
        from lenet.training.with_torch import torch_learner, torch_threads
    except ModuleNotFoundError as missing:
        raise MissingExtraError(
            "training without the compiled kernels", str(missing.name), "train"
        ) from missing
    with torch_threads(order.recipe.threads):
        yield torch_learner(order, tensors, digits, teachers)
