"""Learning in PyTorch: the reference, and the way where no kernels were built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from lenet.data.digits import Digits
from lenet.data.distort import distorted, stream_of
from lenet.network.lenet5 import LeNet5
from lenet.network.plane import FloatArray, to_planes
from lenet.training.adamw import AdamWLearner
from lenet.training.learner import Learner
from lenet.training.methods import AdamW, Sdlm
from lenet.training.order import Order
from lenet.training.sdlm import SdlmLearner


def torch_learner(order: Order, tensors: dict[str, FloatArray], digits: Digits) -> Learner:
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
            bend = _bender(order, digits) if order.recipe.distortion else None
            return AdamWLearner(network, order.recipe, method, planes, labels, bend)


def _bender(order: Order, digits: Digits) -> Callable[[Tensor, int], Tensor]:
    """Digits bent for pass 1, 2, …: in numpy, the same on every machine, and slow."""
    distortion = order.recipe.distortion
    assert distortion is not None

    def bend(batch: Tensor, number: int) -> Tensor:
        indices, stream = batch.numpy(), stream_of(order.seed, number)
        planes = distorted(digits.images[indices], indices, distortion, stream)
        return torch.from_numpy(planes).to(order.device)

    return bend


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Run PyTorch with this many threads; its results are bit-equal only at the same number."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
