"""Which engine makes the updates: compiled kernels or PyTorch."""

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
from lenet.training.recipe import Engine, Recipe, RunConfig

LearnerFactory = Callable[
    [RunConfig, dict[str, FloatArray], Digits, Teachers | None], AbstractContextManager[Learner]
]


def choose_engine(engine: str, device: str = "cpu") -> Engine:
    """Resolve "auto": native where possible, else torch. Native is checked.

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
    return "native" if engine == "native" else "torch"


def cnn_teachers(
    recipe: Recipe,
    digits: Digits,
    folder: Path | None = None,
    on_stage: Callable[[str], None] = lambda name: None,
    on_progress: Callable[[int, int, int], None] = lambda number, done, total: None,
) -> list[Teacher]:
    """The CNN teachers that the recipe asks for, trained on these digits.

    folder : keeps each, finished or begun
    on_stage, on_progress : as in `training.fit.Callbacks`
    """
    if not (recipe.distillation and (cnn := recipe.distillation.cnn)):
        return []
    with needs("train", "CNN teachers"):
        from lenet.training.teacher_cnn import train_teacher_cnn
        from lenet.training.torch_learner import torch_threads
    trained: list[Teacher] = []
    distortion = (recipe.distortion or Distortion()).without_degradation()  # as the student's
    with torch_threads(recipe.threads):
        for seed in range(1, cnn.seeds + 1):
            on_stage(f"CNN teacher {seed} of {cnn.seeds}")
            home = folder / f"cnn-{seed}" if folder else None
            trained.append(train_teacher_cnn(cnn, seed, digits, distortion, home, on_progress))
    return trained


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
