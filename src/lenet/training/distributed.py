"""Training in several processes that `torchrun` started: PyTorch's DistributedDataParallel.

The first process runs the loop as if it were alone. Before its learner changes, it broadcasts what
is to be done, and the others do the same, each with its own part of every batch. So the loop knows
nothing of the others, and they know nothing of passes, checkpoints and folders.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from lenet.data.digits import Digits
from lenet.errors import InputError, UsageError
from lenet.network.plane import FloatArray
from lenet.training.distillation import Teachers
from lenet.training.engines import choose_engine
from lenet.training.fit import starting_tensors
from lenet.training.learner import Indices, Learner, State
from lenet.training.optimisers import Sdlm
from lenet.training.recipe import RunConfig


@dataclass(frozen=True)
class World:
    """The processes of one run and this one among them; one process without a launcher.

    rank : 0 … size − 1; rank 0 runs the loop and alone reads and writes the run's folder
    local_rank : the same among the processes of this machine; the GPU that it uses
    restarts : how often the launcher has restarted all of them because one had died
    machines : that they run on
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    restarts: int = 0
    machines: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> World:
        """What torchrun, or a launcher that follows its conventions, put into the environment."""
        usual = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}
        usual |= {"TORCHELASTIC_RESTART_COUNT": "0", "GROUP_WORLD_SIZE": "1"}
        if not {"RANK", "WORLD_SIZE"} <= environment.keys():
            return cls()
        try:
            return cls(*(int(environment.get(name, value)) for name, value in usual.items()))
        except ValueError as problem:
            given = ", ".join(f"{k}={environment[k]}" for k in usual if k in environment)
            raise UsageError(
                f"RANK, WORLD_SIZE … must be whole numbers, got {given}; "
                "start with torchrun, or unset them to train in one process"
            ) from problem

    def settle_engine(self, config: RunConfig, engine: str) -> RunConfig:
        """The config with its engine for "auto", native or torch; several processes use PyTorch.

        Raises
        ------
        UsageError
            if the run cannot be shared among processes
        """
        if self.size == 1:
            return replace(config, engine=choose_engine(engine, config.device))
        recipe = config.recipe
        single = isinstance(recipe.optimiser, Sdlm)
        refused = {
            f"recipe {recipe.name} updates after every single digit": single,
            f"recipe {recipe.name} learns from teachers": recipe.distillation is not None,
            "--engine native: the kernels learn in one process": engine == "native",
        }
        for reason, holds in refused.items():
            if holds:
                raise UsageError(
                    f"{reason}, which {self.size} processes cannot share; use a recipe with "
                    "mini-batches and no teachers and --engine torch, or start without torchrun"
                )
        return replace(config, engine="torch")

    @contextmanager
    def process_group(self) -> Iterator[None]:
        """Join the other processes.

        Restarted by torchrun on one machine, they find in its store the addresses of those that
        died (PyTorch 2.13 keeps it), so each start has its own part of it. On several machines,
        whose counts of restarts differ, docs/scale.md says what to set.
        """
        import torch.distributed as processes

        # Imported before there is a group: the defaults of its functions (group=group.WORLD) are
        # set at import. DistributedDataParallel imports it too, later; the group would then outlive
        # destroy_process_group, and its threads would still run, and abort, while the interpreter
        # ends.
        import torch.distributed.nn  # noqa: F401
        from torch.distributed.rendezvous import rendezvous

        store, rank, size = next(rendezvous("env://"))
        if self.machines == 1:
            name = f"start-{self.restarts}"
            store = processes.PrefixStore(name, store)  # type: ignore[attr-defined]
        # gloo for what lies in memory, nccl for what lies on GPUs
        processes.init_process_group(store=store, rank=rank, world_size=size)
        try:
            yield
        finally:
            processes.destroy_process_group()

    def broadcast_config(self, config: RunConfig) -> RunConfig:
        """The first process's config, which is what all of them train by."""
        import torch

        config = _broadcast(config)
        if config.device == "cuda":
            torch.cuda.set_device(self.local_rank)
        return config

    @contextmanager
    def leader(
        self,
        config: RunConfig,
        tensors: dict[str, FloatArray],
        digits: Digits,
        teachers: Teachers | None = None,
    ) -> Iterator[Learner]:
        """What `engines.make_learner` is for one process, for the first of several."""
        assert teachers is None  # `settle_engine` refuses them
        with self._learner(config, tensors, digits) as learner:
            yield _Leader(learner)
        _broadcast(None)  # only a run that came to its end; else torchrun ends them all

    def follow(self, config: RunConfig, digits: Digits) -> None:
        """Learn beside the first process until it has finished."""
        with self._learner(config, starting_tensors(config), digits) as learner:
            while step := _broadcast(None):
                what, given = step
                learner.learn(given) if what == "learn" else learner.restore(given)

    @contextmanager
    def _learner(
        self, config: RunConfig, tensors: dict[str, FloatArray], digits: Digits
    ) -> Iterator[Learner]:
        from lenet.training.torch_learner import torch_learner, torch_threads

        check_same_digits(digits)
        with torch_threads(config.recipe.threads):
            yield torch_learner(config, tensors, digits, rank=self.rank, world_size=self.size)


class _Leader:
    """The first process's learner."""

    def __init__(self, own: Learner) -> None:
        self.own, self.chunk = own, own.chunk
        self.start_pass, self.state, self.tensors = own.start_pass, own.state, own.tensors

    def learn(self, order: Indices) -> int:
        _broadcast(("learn", order))
        return self.own.learn(order)

    def restore(self, state: State) -> None:
        _broadcast(("restore", state))
        self.own.restore(state)


def _broadcast(own: Any) -> Any:
    """What the first process gives here, in every process."""
    import torch
    from torch.distributed import broadcast_object_list

    held = [own]
    broadcast_object_list(held, src=0, device=torch.device("cpu"))
    return held[0]


def check_same_digits(digits: Digits) -> None:
    """Refuse to learn other digits than the first process does."""
    content = hashlib.sha256(digits.images.tobytes() + digits.labels.tobytes()).digest()
    if content != _broadcast(content):
        raise InputError(
            f"the {len(digits):,} digits here are not those of the first process; "
            "give every machine the same data"
        )
