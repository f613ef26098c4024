"""Learning in PyTorch: the reference, and the way where no kernels were built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
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
    if isinstance(recipe.optimiser, Sdlm):
        labels = torch.from_numpy(digits.labels).to(config.device)
        return SdlmLearner(network, recipe, recipe.optimiser, planes, labels)
    return AdamWLearner(
        network, config, recipe.optimiser, planes, digits, teachers, rank, world_size
    )


class _TorchLearner:
    """What both learners keep.

    planes : (n, 1, 32, 32);  labels : (n,) int64
    """

    def __init__(self, network: LeNet5, recipe: Recipe, planes: Tensor, labels: Tensor) -> None:
        self.network, self.recipe, self.planes, self.labels = network, recipe, planes, labels
        self.flat = FlatParameters(network)
        self.kept = {"values": self.flat.values}  # the tensors of a state, changed in place

    def tensors(self) -> dict[str, FloatArray]:
        return self.network.tensors()

    def state(self) -> State:
        return {name: tensor.detach().cpu().numpy().copy() for name, tensor in self.kept.items()}

    def restore(self, state: State) -> None:
        for name, tensor in self.kept.items():
            tensor.copy_(torch.from_numpy(state[name]))


class SdlmLearner(_TorchLearner):
    """Stochastic diagonal Levenberg–Marquardt, the paper's optimiser (appendix C).

    One pattern per update; each weight has its own step ε_k = η / (µ + h_kk) (eqs 18, 21).
    """

    chunk = 500

    def __init__(
        self, network: LeNet5, recipe: Recipe, optimiser: Sdlm, planes: Tensor, labels: Tensor
    ) -> None:
        super().__init__(network, recipe, planes, labels)
        self.optimiser = optimiser
        self.steps = self.kept["steps"] = torch.zeros_like(self.flat.values)  # ε_k

    def start_pass(self, number: int, sample: Indices) -> None:
        h = self.flat.gather(curvature(self.network, self.planes[torch.from_numpy(sample)]))
        self.steps.copy_(self.optimiser.rate(number) / (self.optimiser.mu + h))

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


class AdamWLearner(_TorchLearner):
    """A batch of digits per update: AdamW with one cycle of the learning rate.

    config : its recipe's optimiser is AdamW
    teachers : give the targets, instead of the labels
    rank, world_size : this process and how many learn together, each every world_size-th digit
    """

    batches_per_chunk = 50

    def __init__(
        self,
        network: LeNet5,
        config: RunConfig,
        optimiser: AdamW,
        planes: Tensor,
        digits: Digits,
        teachers: Teachers | None = None,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(
            network, config.recipe, planes, torch.from_numpy(digits.labels).to(config.device)
        )
        self.config, self.optimiser = config, optimiser
        self.digits, self.teachers = digits, teachers
        self.rank, self.world_size = rank, world_size
        self.chunk = self.batches_per_chunk * optimiser.batch
        self.updates_per_pass = -(-len(digits) // optimiser.batch)
        self.updates = config.recipe.passes * self.updates_per_pass  # of the whole run
        self.flat.values.grad = self.flat.gradients
        self.model = network if world_size == 1 else DistributedDataParallel(network)
        self.adamw = torch.optim.AdamW([self.flat.values], weight_decay=optimiser.weight_decay)
        zeros = torch.zeros_like(self.flat.values)
        # AdamW's own state: updates made, running mean of gradients and of their squares
        self.moments = {"step": torch.zeros(()), "exp_avg": zeros, "exp_avg_sq": zeros.clone()}
        self.adamw.state[self.flat.values] = self.moments
        self.kept |= self.moments

    def start_pass(self, number: int, sample: Indices) -> None:
        """Nothing to prepare."""

    def learn(self, order: Indices) -> int:
        errors, size = torch.zeros((), dtype=torch.int64), self.world_size
        for start in range(0, len(order), self.optimiser.batch):
            batch = order[start : start + self.optimiser.batch]
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

    def _loss(self, batch: Indices) -> tuple[Tensor, Tensor]:
        """The mean loss of these digits, 0 for none, and how many are misread."""
        recipe, number = self.recipe, int(self.moments["step"]) // self.updates_per_pass + 1
        stream = distortion_stream(recipe, self.config.seed, number)
        distortion = recipe.distortion or Distortion()
        planes = self.planes[batch]
        if recipe.distortion:
            planes = self._on_device(self._distorted(batch, distortion, stream))
        penalties = self.model(planes)
        targets = wanted = self.labels[batch]
        if self.teachers:
            clean = distortion.without_degradation()
            soft = self.teachers.targets(
                stream, batch, self.digits.labels, lambda k: self._distorted(k, clean, stream)
            )
            targets = self._on_device(soft[batch])
            wanted = targets.argmax(1)
        wrong = (penalties.argmin(1) != wanted).sum()
        if not len(batch):
            return penalties.sum(), wrong
        loss = mean_loss(penalties, targets, recipe.loss, recipe.rubbish, recipe.temperature)
        return loss, wrong

    def _distorted(self, batch: Indices, by: Distortion, stream: int) -> FloatArray:
        """Planes of these digits: in numpy, the same everywhere, and slow."""
        return distort(self.digits.images[batch], batch, by, stream)

    def _on_device(self, array: FloatArray) -> Tensor:
        return torch.from_numpy(array).to(self.config.device)


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


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Run PyTorch with this many threads; its results are bit-equal only at the same number."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
