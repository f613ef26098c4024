"""What two processes learn together; torchrun starts this file, `test_distributed` learns alone."""

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
from lenet.training.distributed import World, check_same_digits
from lenet.training.fit import Callbacks, fit, training_part
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Recipe, RunConfig

# 100 digits in batches of 9: every batch is shared 5 to 4, and the last is a single digit.
RBF = Recipe(
    name="rbf",
    optimiser=AdamW(batch=9),
    passes=3,
    loss="eq9",
    temperature=10.0,
    distortion=Distortion(10, shift=1),
)
LINEAR = Recipe(
    name="linear",
    optimiser=AdamW(batch=9),
    network=Architecture(subsampling="max", c3="full", squash="silu", head="linear"),
    passes=3,
    loss="eq9",
)
CONFIGS = [RunConfig(recipe, "tiny", engine="torch") for recipe in (RBF, LINEAR)]


def tiny() -> DigitSet:
    return DigitSet("tiny", drawn_digits(100), drawn_digits(20, seed=1), np.arange(80, 100))


def main(folder: Path) -> None:
    world, digits = World.from_environment(), tiny()
    with world.process_group():
        for config in CONFIGS if world.rank == 0 else [RunConfig(RBF, "nothing")] * len(CONFIGS):
            shared = world.broadcast_config(config)
            assert (
                shared in CONFIGS
            )  # the first process's, as where only it finds a run to continue
            if world.rank == 0:
                own, made = folder / shared.recipe.name, world.leader
                fit(shared, digits, own, callbacks=Callbacks(), make_learner=made)
            else:
                world.follow(shared, training_part(shared, digits))
        if world.rank == 0:
            check_same_digits(digits.train)
        else:
            others = Digits(digits.train.images, (digits.train.labels + 1) % 10)
            with pytest.raises(InputError, match="not those of the first process"):
                check_same_digits(others)
            (folder / "refused").touch()
    assert not [name for name in thread_names() if "gloo" in name]  # one at exit may abort


def thread_names() -> list[str]:
    """The threads of this process, those of libraries too; none where there is no /proc."""
    return [comm.read_text() for comm in Path("/proc/self/task").glob("*/comm")]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
