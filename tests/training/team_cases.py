"""What two processes learn together; torchrun starts this file, test_team.py learns it alone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from drawn import drawn_digits
from lenet.augmentation.warp import Distortion
from lenet.data.digits import Digits, DigitSet
from lenet.errors import InputError
from lenet.network.architecture import Architecture
from lenet.training import process_group
from lenet.training.distributed import Team
from lenet.training.fit import Callbacks, fit, learnt
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Recipe
from lenet.training.run_config import RunConfig

# 100 digits in batches of 9: every batch is shared 5 to 4, and the last is a single digit.
RBF = Recipe(
    name="rbf",
    method=AdamW(batch=9),
    passes=3,
    loss="eq9",
    temperature=10.0,
    distortion=Distortion(10, shift=1),
)
LINEAR = Recipe(
    name="linear",
    method=AdamW(batch=9),
    network=Architecture(subsampling="max", c3="full", squash="silu", head="linear"),
    passes=3,
    loss="eq9",
)
ORDERS = [RunConfig(recipe, "tiny", engine="torch") for recipe in (RBF, LINEAR)]


def tiny() -> DigitSet:
    return DigitSet("tiny", drawn_digits(100), drawn_digits(20, seed=1), np.arange(80, 100))


def main(folder: Path) -> None:
    team, digits = Team.here(), tiny()
    with process_group.joined(team):
        for order in ORDERS if team.rank == 0 else [RunConfig(RBF, "nothing")] * len(ORDERS):
            agreed = process_group.agreed(team, order)
            assert agreed in ORDERS  # the first process's, as where only it finds a run to continue
            if team.rank == 0:
                own, made = folder / agreed.recipe.name, process_group.leading(team)
                fit(agreed, digits, own, listener=Callbacks(), learner_of=made)
            else:
                process_group.follow(team, agreed, learnt(agreed, digits))
        if team.rank == 0:
            process_group.check_alike(digits.train)
        else:
            others = Digits(digits.train.images, (digits.train.labels + 1) % 10)
            with pytest.raises(InputError, match="not those of the first process"):
                process_group.check_alike(others)
            (folder / "refused").touch()
    assert not [name for name in thread_names() if "gloo" in name]  # one at exit may abort


def thread_names() -> list[str]:
    """The threads of this process, those of libraries too; none where there is no /proc."""
    return [comm.read_text() for comm in Path("/proc/self/task").glob("*/comm")]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
