"""Learning in PyTorch: the reference, and the way where no kernels were built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from lenet.augmentation.warp import Distortion, distort
from lenet.data.digits import Digits
from lenet.network.lenet5 import LeNet5
from lenet.network.plane import FloatArray, to_planes
from lenet.training.adamw import AdamWLearner
from lenet.training.distillation import Teachers, stream_for
from lenet.training.distributed import ALONE, Team
from lenet.training.learner import Indices, Learner
from lenet.training.optimisers import AdamW, Sdlm
from lenet.training.run_config import RunConfig
from lenet.training.sdlm import SdlmLearner


def torch_learner(
    order: RunConfig,
    tensors: dict[str, FloatArray],
    digits: Digits,
    teachers: Teachers | None = None,
    team: Team = ALONE,
) -> Learner:
    """The way to learn that the recipe asks for, starting from these tensors."""
    network = LeNet5(order.recipe.network)
    network.set_tensors(tensors)
    network.to(order.device)
    planes = torch.from_numpy(to_planes(digits.images)).to(order.device)
    labels = torch.from_numpy(digits.labels).to(order.device)
    match order.recipe.method:
        case Sdlm() as method:
            return SdlmLearner(network, order.recipe, method, planes, labels)
        case AdamW() as method:
            bent = order.recipe.distortion
            bend = _bender(order, digits, bent) if bent else None
            say = _teaching(order, digits, teachers) if teachers else None
            return AdamWLearner(network, order.recipe, method, planes, labels, bend, say, team)


def _bender(order: RunConfig, digits: Digits, by: Distortion) -> Callable[[Tensor, int], Tensor]:
    """Digits bent for pass 1, 2, …: in numpy, the same on every machine, and slow."""

    def bend(batch: Tensor, number: int) -> Tensor:
        indices, stream = batch.cpu().numpy(), stream_for(order.recipe, order.seed, number)
        planes = distort(digits.images[indices], indices, by, stream)
        return torch.from_numpy(planes).to(order.device)

    return bend


def _teaching(
    order: RunConfig, digits: Digits, teachers: Teachers
) -> Callable[[Tensor, int], Tensor]:
    """What the teachers say of the digits as they are bent in pass 1, 2, …"""
    bend = _bender(order, digits, (order.recipe.distortion or Distortion()).without_degradation())

    def say(batch: Tensor, number: int) -> Tensor:
        def shown(which: Indices) -> FloatArray:
            return bend(torch.from_numpy(which), number).cpu().numpy()

        stream, which = stream_for(order.recipe, order.seed, number), batch.cpu().numpy()
        shares = teachers.targets(stream, which, digits.labels, shown)[which]
        return torch.from_numpy(shares).to(order.device)

    return say


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Run PyTorch with this many threads; its results are bit-equal only at the same number."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
