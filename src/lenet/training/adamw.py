"""Mini-batches with AdamW and one cycle of the rate: today's ordinary way to learn."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lenet.network.lenet5 import LeNet5
from lenet.network.plane import FloatArray
from lenet.training.flat import FlatParameters
from lenet.training.learner import Indices, State, copy_of
from lenet.training.loss import loss_of
from lenet.training.methods import AdamW
from lenet.training.recipe import Recipe


class AdamWLearner:
    """A batch of digits per update.

    planes : (n, 1, 32, 32);  labels : (n,) int64
    bend : if given, the planes of these digits in this pass, (batch, 1, 32, 32), instead of planes'
    say : if given, the share of each digit for these in this pass, (batch, 10), instead of labels'
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
    ) -> None:
        self.network, self.recipe, self.method = network, recipe, method
        self.planes, self.labels = planes, labels
        self.chunk = self.batches_per_chunk * method.batch
        self.bend, self.say = bend, say
        self.updates_per_pass = -(-len(labels) // method.batch)
        self.updates = recipe.passes * self.updates_per_pass  # of the whole run
        self.flat = FlatParameters(network)
        self.flat.values.grad = self.flat.gradients
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
        recipe, errors = self.recipe, torch.zeros((), dtype=torch.int64)
        for batch in torch.split(torch.from_numpy(order), self.method.batch):
            labels, penalties = self.labels[batch], self.network(self._planes(batch))
            shares = self.say(batch, self._pass) if self.say else labels
            wanted = shares.argmax(1) if self.say else labels
            errors += (penalties.argmin(1) != wanted).sum().cpu()
            self.flat.gradients.zero_()
            loss_of(penalties, shares, recipe.loss, recipe.rubbish, recipe.temperature).backward()
            done = float(self.moments["step"]) / self.updates
            self.optimiser.param_groups[0]["lr"] = self.method.rate(done)
            self.optimiser.step()
        return int(errors)

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
