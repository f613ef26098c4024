"""Processes that `torchrun` started to learn one run together: which of them this one is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lenet.errors import UsageError
from lenet.training.engines import chosen
from lenet.training.optimisers import Sdlm
from lenet.training.run_config import RunConfig


@dataclass(frozen=True)
class Team:
    """This process's place among those of one run; alone unless a launcher says otherwise.

    rank : 0 … size − 1; rank 0 runs the loop and alone reads and writes the run's folder
    local : the same among the processes of this machine; the GPU that it takes
    restarts : how often the launcher has begun all of them anew because one had died
    machines : that they run on
    """

    rank: int = 0
    size: int = 1
    local: int = 0
    restarts: int = 0
    machines: int = 1

    @classmethod
    def here(cls, told: Mapping[str, str] = os.environ) -> Team:
        """The place that torchrun, or whatever speaks as it does, put into the environment."""
        usual = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}
        usual |= {"TORCHELASTIC_RESTART_COUNT": "0", "GROUP_WORLD_SIZE": "1"}
        if not {"RANK", "WORLD_SIZE"} <= told.keys():
            return cls()
        try:
            return cls(*(int(told.get(name, value)) for name, value in usual.items()))
        except ValueError as problem:
            given = ", ".join(f"{name}={told[name]}" for name in usual if name in told)
            raise UsageError(
                f"RANK, WORLD_SIZE … must be whole numbers, got {given}; "
                "start with torchrun, or unset them to train in one process"
            ) from problem

    def settle(self, order: RunConfig, engine: str) -> RunConfig:
        """The order with its engine for "auto", native or torch; a team learns in PyTorch.

        Raises
        ------
        UsageError
            if what is ordered cannot be shared among processes
        """
        if self.size == 1:
            return replace(order, engine=chosen(engine, order.device))
        name = order.recipe.name
        if isinstance(order.recipe.method, Sdlm):
            raise UsageError(
                f"recipe {name} makes an update after every single digit, which {self.size} "
                "processes cannot share; take a recipe with mini-batches, or start without torchrun"
            )
        if order.recipe.teaching:
            raise UsageError(
                f"recipe {name} learns from teachers, which {self.size} processes cannot share; "
                "start without torchrun"
            )
        if engine == "native":
            raise UsageError(
                f"--engine native: the kernels learn in one process, here are {self.size}; "
                "begin a run with --engine torch, or start without torchrun"
            )
        return replace(order, engine="torch")


ALONE = Team()
