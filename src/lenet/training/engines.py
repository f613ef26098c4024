"""What makes the updates: compiled kernels or PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from lenet.augmentation.warp import Distortion
from lenet.data.digits import Digits
from lenet.engine.native_engine import unavailable_reason
from lenet.engine.select import tell_what_is_missing
from lenet.errors import UsageError, needs
from lenet.network.plane import FloatArray
from lenet.training.distillation import Teacher, Teachers
from lenet.training.learner import Learner
from lenet.training.native_learner import native_learner
from lenet.training.recipe import Recipe, RunConfig

LearnerFactory = Callable[
    [RunConfig, dict[str, FloatArray], Digits, Teachers | None], AbstractContextManager[Learner]
]


def choose_engine(engine: str, device: str = "cpu") -> str:
    """The engine for "auto": native where it can, else torch; another name is checked and kept.

    Raises
    ------
    UsageError
        if "native" is asked for what it cannot do
    """
    reason = _why_not_native(device)
    if engine == "auto":
        if unavailable_reason():
            tell_what_is_missing()
        return "torch" if reason else "native"
    if engine == "native" and reason:
        raise UsageError(f"--engine native: {reason}; begin a run with --engine torch or auto")
    return engine


def _why_not_native(device: str) -> str:
    if unavailable_reason():
        return unavailable_reason()
    return "" if device == "cpu" else f"the kernels run on the CPU, not on {device}"


def cnn_teachers(
    recipe: Recipe,
    digits: Digits,
    folder: Path | None = None,
    stage: Callable[[str], None] = lambda name: None,
    learnt: Callable[[int, int, int], None] = lambda number, done, total: None,
) -> list[Teacher]:
    """The CNN teachers that a taught recipe asks for, having learnt these digits.

    folder : keeps each, finished or begun
    stage, learnt : called with what begins, and with (pass, digits learnt in it, digits in it)
    """
    if not (recipe.distillation and (deep := recipe.distillation.cnn)):
        return []
    with needs("train", "CNN teachers"):
        from lenet.training.teacher_cnn import train_teacher_cnn
        from lenet.training.torch_learner import torch_threads
    found: list[Teacher] = []
    bends = (recipe.distortion or Distortion()).without_degradation()  # they are asked of no others
    with torch_threads(recipe.threads):
        for seed in range(1, deep.seeds + 1):
            stage(f"deep teacher {seed} of {deep.seeds}")
            home = folder / f"deep-{seed}" if folder else None
            found.append(train_teacher_cnn(deep, seed, digits, bends, home, learnt))
    return found


@contextmanager
def make_learner(
    order: RunConfig,
    tensors: dict[str, FloatArray],
    digits: Digits,
    teachers: Teachers | None = None,
) -> Iterator[Learner]:
    """The way to learn that the order asks for, from these tensors, while it is needed."""
    if order.engine == "native":
        yield native_learner(order, tensors, digits, teachers)
        return
    with needs("train", "training without the compiled kernels"):
        from lenet.training.torch_learner import torch_learner, torch_threads
    with torch_threads(order.recipe.threads):
        yield torch_learner(order, tensors, digits, teachers)
