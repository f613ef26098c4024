"""Mini-batches with AdamW and one cycle of the rate: today's ordinary way to learn."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributed import all_reduce
from torch.nn.parallel import DistributedDataParallel

from lenet.network.lenet5 import LeNet5
from lenet.network.plane import FloatArray
from lenet.training.distributed import ALONE, Team
from lenet.training.flat_parameters import FlatParameters
from lenet.training.learner import Indices, State, copy_of
from lenet.training.loss import loss_of
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Recipe


class AdamWLearner:
    """A batch of digits per update.

    planes : (n, 1, 32, 32);  labels : (n,) int64
    bend : if given, the planes of these digits in this pass, (batch, 1, 32, 32), instead of planes'
    say : if given, the share of each digit for these in this pass, (batch, 10), instead of labels'
    team : the processes that learn together, each every size-th digit of a batch
    """

    batches_per_chunk = 50

    def __init__(
        self,
        network: LeNet5,
        recipe: Recipe,
        method: AdamW,
        planes: Tensor,
        labels: Tensor,
        bend: Callable[[Tensor, int], Tensor] | None = None,
        say: Callable[[Tensor, int], Tensor] | None = None,
        team: Team = ALONE,
    ) -> None:
        self.network, self.recipe, self.method = network, recipe, method
        self.planes, self.labels = planes, labels
        self.chunk = self.batches_per_chunk * method.batch
        self.bend, self.say, self.team = bend, say, team
        self.updates_per_pass = -(-len(labels) // method.batch)
        self.updates = recipe.passes * self.updates_per_pass  # of the whole run
        self.flat = FlatParameters(network)
        self.flat.values.grad = self.flat.gradients
        self.answer = network if team.size == 1 else DistributedDataParallel(network)
        self.optimiser = torch.optim.AdamW([self.flat.values], weight_decay=method.weight_decay)
        zeros = torch.zeros_like(self.flat.values)
        self.moments = {"step": torch.zeros(()), "exp_avg": zeros, "exp_avg_sq": zeros.clone()}

    @property
    def moments(self) -> dict[str, Tensor]:
        """AdamW's own state: updates made, running mean of gradients and of their squares."""
        moments: dict[str, Tensor] = self.optimiser.state[self.flat.values]
        return moments

    @moments.setter
    def moments(self, moments: dict[str, Tensor]) -> None:
        self.optimiser.state[self.flat.values] = moments

    def start_pass(self, number: int, sample: Indices) -> None:
        """Nothing to get ready."""

    def learn(self, order: Indices) -> int:
        errors, team = torch.zeros((), dtype=torch.int64), self.team
        for batch in torch.split(torch.from_numpy(order), self.method.batch):
            mine = batch[team.rank :: team.size]
            self.flat.gradients.zero_()
            loss, wrong = self._loss(mine)
            # Gradients are averaged over processes; this makes it the mean over the whole batch.
            (loss * (len(mine) * team.size / len(batch))).backward()
            errors += wrong.cpu()
            done = float(self.moments["step"]) / self.updates
            self.optimiser.param_groups[0]["lr"] = self.method.rate(done)
            self.optimiser.step()
        if team.size > 1:
            all_reduce(errors)
        return int(errors)

    def _loss(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """The mean loss of these digits, 0 for none, and how many are answered wrongly."""
        labels, penalties = self.labels[batch], self.answer(self._planes(batch))
        shares = self.say(batch, self._pass) if self.say else labels
        wanted = shares.argmax(1) if self.say else labels
        wrong = (penalties.argmin(1) != wanted).sum()
        if not len(batch):
            return penalties.sum(), wrong
        recipe = self.recipe
        loss = loss_of(penalties, shares, recipe.loss, recipe.rubbish, recipe.temperature)
        return loss, wrong

    def _planes(self, batch: Tensor) -> Tensor:
        if self.bend is None:
            return self.planes[batch]
        return self.bend(batch, self._pass)

    @property
    def _pass(self) -> int:
        """The number of the pass under way, 1, 2, …"""
        return int(self.moments["step"]) // self.updates_per_pass + 1

    def tensors(self) -> dict[str, FloatArray]:
        return self.network.tensors()

    def state(self) -> State:
        moments = {name: copy_of(moment) for name, moment in self.moments.items()}
        return {"values": copy_of(self.flat.values)} | moments

    def restore(self, state: State) -> None:
        self.flat.values.copy_(torch.from_numpy(state["values"]))
        for name, moment in self.moments.items():
            moment.copy_(torch.from_numpy(state[name]))
