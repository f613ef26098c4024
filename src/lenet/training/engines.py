"""Which engine makes the updates: compiled kernels or PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from lenet.data.digits import Digits
from lenet.engine.native_engine import unavailable_reason
from lenet.engine.select import tell_what_is_missing
from lenet.errors import UsageError, needs
from lenet.network.plane import FloatArray
from lenet.training.distillation import Teachers
from lenet.training.learner import Learner
from lenet.training.native_learner import native_learner
from lenet.training.recipe import RunConfig

LearnerFactory = Callable[
    [RunConfig, dict[str, FloatArray], Digits, Teachers | None], AbstractContextManager[Learner]
]


def choose_engine(engine: str, device: str = "cpu") -> str:
    """Resolve "auto": native where possible, else torch. Another name is checked and returned.

    Raises
    ------
    UsageError
        if "native" cannot run here or on this device
    """
    reason = unavailable_reason()
    if engine == "auto" and reason:
        tell_what_is_missing()
    if not reason and device != "cpu":
        reason = f"the kernels run on the CPU, not on {device}"
    if engine == "auto":
        return "torch" if reason else "native"
    if engine == "native" and reason:
        raise UsageError(f"--engine native: {reason}; begin a run with --engine torch or auto")
    return engine


@contextmanager
def make_learner(
    config: RunConfig,
    tensors: dict[str, FloatArray],
    digits: Digits,
    teachers: Teachers | None = None,
) -> Iterator[Learner]:
    """The learner that the config asks for, starting from these tensors, while it is needed."""
    if config.engine == "native":
        yield native_learner(config, tensors, digits, teachers)
        return
    with needs("train", "training without the compiled kernels"):
        from lenet.training.torch_learner import torch_learner, torch_threads
    with torch_threads(config.recipe.threads):
        yield torch_learner(config, tensors, digits, teachers)
