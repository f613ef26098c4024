"""Learning in PyTorch: the reference, and the way where no kernels were built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributed import all_reduce
from torch.nn.parallel import DistributedDataParallel

from lenet.augmentation.warp import Distortion, distort
from lenet.data.digits import Digits
from lenet.network.lenet5 import LeNet5
from lenet.network.plane import FloatArray, to_planes
from lenet.training.curvature import curvature
from lenet.training.distillation import Teachers, distortion_stream
from lenet.training.learner import Indices, Learner, State
from lenet.training.loss import mean_loss
from lenet.training.optimisers import AdamW, Sdlm
from lenet.training.recipe import Recipe, RunConfig

OfBatch = Callable[[Tensor, int], Tensor]  # something of each digit of a batch in pass 1, 2, …


def torch_learner(
    config: RunConfig,
    tensors: dict[str, FloatArray],
    digits: Digits,
    teachers: Teachers | None = None,
    *,
    rank: int = 0,
    world_size: int = 1,
) -> Learner:
    """The learner that the recipe asks for, starting from these tensors.

    rank, world_size : of the processes that learn together (`training.distributed`)
    """
    recipe = config.recipe
    network = LeNet5(recipe.network)
    network.set_tensors(tensors)
    network.to(config.device)
    planes = torch.from_numpy(to_planes(digits.images)).to(config.device)
    labels = torch.from_numpy(digits.labels).to(config.device)
    if isinstance(recipe.optimiser, Sdlm):
        return SdlmLearner(network, recipe, recipe.optimiser, planes, labels)
    warp = _warping(config, digits, recipe.distortion) if recipe.distortion else None
    soft = _soft_targets(config, digits, teachers) if teachers else None
    return AdamWLearner(
        network, recipe, recipe.optimiser, planes, labels, warp, soft, rank, world_size
    )


def _warping(config: RunConfig, digits: Digits, by: Distortion) -> OfBatch:
    """Planes (batch, 1, 32, 32) of distorted digits: in numpy, the same everywhere, and slow."""

    def warp(batch: Tensor, number: int) -> Tensor:
        indices, stream = batch.cpu().numpy(), distortion_stream(config.recipe, config.seed, number)
        planes = distort(digits.images[indices], indices, by, stream)
        return torch.from_numpy(planes).to(config.device)

    return warp


def _soft_targets(config: RunConfig, digits: Digits, teachers: Teachers) -> OfBatch:
    """The teachers' class probabilities (batch, 10) for digits as they are distorted in a pass."""
    warp = _warping(
        config, digits, (config.recipe.distortion or Distortion()).without_degradation()
    )

    def soft(batch: Tensor, number: int) -> Tensor:
        def planes_of(indices: Indices) -> FloatArray:
            return warp(torch.from_numpy(indices), number).cpu().numpy()

        indices, stream = batch.cpu().numpy(), distortion_stream(config.recipe, config.seed, number)
        targets = teachers.targets(stream, indices, digits.labels, planes_of)[indices]
        return torch.from_numpy(targets).to(config.device)

    return soft


class SdlmLearner:
    """Stochastic diagonal Levenberg–Marquardt, the paper's optimiser (appendix C).

    One pattern per update; each weight has its own step ε_k = η / (µ + h_kk) (eqs 18, 21).

    planes : (n, 1, 32, 32);  labels : (n,) int64
    """

    chunk = 500

    def __init__(
        self, network: LeNet5, recipe: Recipe, optimiser: Sdlm, planes: Tensor, labels: Tensor
    ) -> None:
        self.network, self.recipe, self.optimiser = network, recipe, optimiser
        self.planes, self.labels = planes, labels
        self.flat = FlatParameters(network)
        self.steps = torch.zeros_like(self.flat.values)  # ε_k

    def start_pass(self, number: int, sample: Indices) -> None:
        h = self.flat.gather(curvature(self.network, self.planes[torch.from_numpy(sample)]))
        self.steps = self.optimiser.rate(number) / (self.optimiser.mu + h)

    def learn(self, order: Indices) -> int:
        recipe, flat = self.recipe, self.flat
        errors = torch.zeros((), dtype=torch.int64)
        # Setting oneDNN up costs more than a single pattern: 0.6 ms an update without it, not 1.0.
        with torch.backends.mkldnn.flags(enabled=False, allow_tf32=None):
            for pattern in order.tolist():
                label = self.labels[pattern : pattern + 1]
                penalties = self.network(self.planes[pattern : pattern + 1])
                errors += (penalties.argmin() != label)[0].cpu()
                flat.gradients.zero_()
                mean_loss(penalties, label, recipe.loss, recipe.rubbish).backward()
                flat.values.addcmul_(flat.gradients, self.steps, value=-1)  # eq. 18
        return int(errors)

    def tensors(self) -> dict[str, FloatArray]:
        return self.network.tensors()

    def state(self) -> State:
        return {"values": _copy(self.flat.values), "steps": _copy(self.steps)}

    def restore(self, state: State) -> None:
        self.flat.values.copy_(torch.from_numpy(state["values"]))
        self.steps.copy_(torch.from_numpy(state["steps"]))


class AdamWLearner:
    """A batch of digits per update: AdamW with one cycle of the learning rate.

    planes : (n, 1, 32, 32);  labels : (n,) int64
    warp : if given, makes the planes of a batch in a pass, instead of `planes`
    soft_targets : if given, class probabilities (batch, 10) of a batch in a pass, instead of labels
    rank, world_size : this process and how many learn together, each every world_size-th digit
    """

    batches_per_chunk = 50

    def __init__(
        self,
        network: LeNet5,
        recipe: Recipe,
        optimiser: AdamW,
        planes: Tensor,
        labels: Tensor,
        warp: OfBatch | None = None,
        soft_targets: OfBatch | None = None,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.network, self.recipe, self.optimiser = network, recipe, optimiser
        self.planes, self.labels = planes, labels
        self.warp, self.soft_targets = warp, soft_targets
        self.rank, self.world_size = rank, world_size
        self.chunk = self.batches_per_chunk * optimiser.batch
        self.updates_per_pass = -(-len(labels) // optimiser.batch)
        self.updates = recipe.passes * self.updates_per_pass  # of the whole run
        self.flat = FlatParameters(network)
        self.flat.values.grad = self.flat.gradients
        self.model = network if world_size == 1 else DistributedDataParallel(network)
        self.adamw = torch.optim.AdamW([self.flat.values], weight_decay=optimiser.weight_decay)
        zeros = torch.zeros_like(self.flat.values)
        # AdamW's own state: updates made, running mean of gradients and of their squares
        self.moments = {"step": torch.zeros(()), "exp_avg": zeros, "exp_avg_sq": zeros.clone()}
        self.adamw.state[self.flat.values] = self.moments

    def start_pass(self, number: int, sample: Indices) -> None:
        """Nothing to prepare."""

    def learn(self, order: Indices) -> int:
        errors, size = torch.zeros((), dtype=torch.int64), self.world_size
        for batch in torch.split(torch.from_numpy(order), self.optimiser.batch):
            own = batch[self.rank :: size]
            self.flat.gradients.zero_()
            loss, wrong = self._loss(own)
            # Gradients are averaged over processes; this makes it the mean over the whole batch.
            (loss * (len(own) * size / len(batch))).backward()
            errors += wrong.cpu()
            done = float(self.moments["step"]) / self.updates
            self.adamw.param_groups[0]["lr"] = self.optimiser.rate(done)
            self.adamw.step()
        if size > 1:
            all_reduce(errors)
        return int(errors)

    def _loss(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """The mean loss of these digits, 0 for none, and how many are misread."""
        number = int(self.moments["step"]) // self.updates_per_pass + 1  # of the pass
        planes = self.warp(batch, number) if self.warp else self.planes[batch]
        penalties, labels = self.model(planes), self.labels[batch]
        targets = self.soft_targets(batch, number) if self.soft_targets else labels
        wanted = targets.argmax(1) if self.soft_targets else labels
        wrong = (penalties.argmin(1) != wanted).sum()
        if not len(batch):
            return penalties.sum(), wrong
        recipe = self.recipe
        loss = mean_loss(penalties, targets, recipe.loss, recipe.rubbish, recipe.temperature)
        return loss, wrong

    def tensors(self) -> dict[str, FloatArray]:
        return self.network.tensors()

    def state(self) -> State:
        moments = {name: _copy(moment) for name, moment in self.moments.items()}
        return {"values": _copy(self.flat.values)} | moments

    def restore(self, state: State) -> None:
        self.flat.values.copy_(torch.from_numpy(state["values"]))
        for name, moment in self.moments.items():
            moment.copy_(torch.from_numpy(state[name]))


class FlatParameters:
    """All weights as one vector, so that an update is one operation, whatever the layers.

    values, gradients : (total,) float32; the network's own parameters are slices of them, so
        writing into `values` changes the network, and `backward()` adds into `gradients`
    """

    def __init__(self, network: nn.Module) -> None:
        self._parameters = dict(network.named_parameters())
        parameters = list(self._parameters.values())
        self.values: Tensor = torch.cat([p.detach().reshape(-1) for p in parameters])
        self.gradients = torch.zeros_like(self.values)
        start = 0
        for parameter in parameters:
            here = slice(start, start + parameter.numel())
            parameter.data = self.values[here].view_as(parameter)
            parameter.grad = self.gradients[here].view_as(parameter)
            start += parameter.numel()

    def gather(self, named: dict[str, Tensor]) -> Tensor:
        """One number for each weight, by parameter name, as a vector in the order of `values`."""
        return torch.cat([named[name].reshape(-1) for name in self._parameters])


def _copy(tensor: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.detach().cpu().numpy().copy()
    return array


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Run PyTorch with this many threads; its results are bit-equal only at the same number."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
