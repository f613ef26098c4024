"""Learning in several processes as in one: PyTorch's DistributedDataParallel behind the same seam.

The first process runs the loop as if it were alone. Before its learner changes, it says aloud what
is to be done, and the others do the same, each with its own share of every batch. So the loop knows
nothing of the others, and they know nothing of passes, checkpoints and folders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as processes

# Imported before there is a group: the defaults of its functions (group=group.WORLD) are set at
# import. DistributedDataParallel imports it too, later; the group would then outlive
# destroy_process_group, and its threads would still run, and abort, while the interpreter ends.
import torch.distributed.nn
from torch.distributed.rendezvous import rendezvous

from lenet.data.digits import Digits
from lenet.errors import InputError
from lenet.network.plane import FloatArray
from lenet.training.distillation import Teachers
from lenet.training.distributed import Team
from lenet.training.engines import MakeLearner
from lenet.training.fit import fresh_tensors
from lenet.training.learner import Indices, Learner, State
from lenet.training.run_config import RunConfig
from lenet.training.with_torch import torch_learner, torch_threads


@contextmanager
def joined(team: Team) -> Iterator[None]:
    """Meet the other processes, while there is something to learn together.

    Begun anew by torchrun on one machine, they find in its store the addresses of those that died
    (PyTorch 2.13 keeps it), so each start has its own part of it. On several machines, whose counts
    of restarts differ, docs/scale.md says what to set.
    """
    store, rank, size = next(rendezvous("env://"))
    if team.machines == 1:
        name = f"start-{team.restarts}"
        store = processes.PrefixStore(name, store)  # type: ignore[attr-defined]
    # gloo for what lies in memory, nccl for what lies on GPUs
    processes.init_process_group(store=store, rank=rank, world_size=size)
    try:
        yield
    finally:
        processes.destroy_process_group()


def agreed(team: Team, order: RunConfig) -> RunConfig:
    """What the first process was ordered to do, which is what all of them do."""
    order = _from_first(order)
    if order.device == "cuda":
        torch.cuda.set_device(team.local)
    return order


def leading(team: Team) -> MakeLearner:
    """What `engines.learner_of` is for one process, for the first of a team."""

    @contextmanager
    def learner_of(
        order: RunConfig, tensors: dict[str, FloatArray], digits: Digits, teachers: Teachers | None
    ) -> Iterator[Learner]:
        assert teachers is None  # `Team.settle` refuses them
        check_alike(digits)
        with torch_threads(order.recipe.threads):
            yield _Leader(torch_learner(order, tensors, digits, team=team))
        _from_first(None)  # only a run that came to its end says so; else torchrun ends them all

    return learner_of


def follow(team: Team, order: RunConfig, digits: Digits) -> None:
    """Learn beside the first process until it has no more to learn."""
    check_alike(digits)
    with torch_threads(order.recipe.threads):
        learner = torch_learner(order, fresh_tensors(order), digits, team=team)
        while told := _from_first(None):
            what, given = told
            learner.learn(given) if what == "learn" else learner.restore(given)


class _Leader:
    """The first process's learner."""

    def __init__(self, own: Learner) -> None:
        self.own, self.chunk = own, own.chunk

    def start_pass(self, number: int, sample: Indices) -> None:
        self.own.start_pass(number, sample)

    def learn(self, order: Indices) -> int:
        _from_first(("learn", order))
        return self.own.learn(order)

    def restore(self, state: State) -> None:
        _from_first(("restore", state))
        self.own.restore(state)

    def state(self) -> State:
        return self.own.state()

    def tensors(self) -> dict[str, FloatArray]:
        return self.own.tensors()


def _from_first(own: Any) -> Any:
    """What the first process gives here, in every process."""
    held = [own]
    processes.broadcast_object_list(held, src=0, device=torch.device("cpu"))
    return held[0]


def check_alike(digits: Digits) -> None:
    """Refuse to learn other digits than the first process does."""
    content = hashlib.sha256(digits.images.tobytes() + digits.labels.tobytes()).digest()
    if content != _from_first(content):
        raise InputError(
            f"the {len(digits):,} digits here are not those of the first process; "
            "give every machine the same data"
        )
