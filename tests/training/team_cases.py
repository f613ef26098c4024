"""What two processes learn together; torchrun starts this file, test_team.py learns it alone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from drawn import drawn_digits
from lenet.data.digits import Digits, DigitSet
from lenet.data.distort import Distortion
from lenet.errors import InputError
from lenet.network.description import Description
from lenet.training import together
from lenet.training.loop import Listener, fit, learnt
from lenet.training.methods import AdamW
from lenet.training.order import Order
from lenet.training.recipe import Recipe
from lenet.training.team import Team

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
    network=Description(subsampling="max", c3="full", squash="silu", head="linear"),
    passes=3,
    loss="eq9",
)
ORDERS = [Order(recipe, "tiny", engine="torch") for recipe in (RBF, LINEAR)]


def tiny() -> DigitSet:
    return DigitSet("tiny", drawn_digits(100), drawn_digits(20, seed=1), np.arange(80, 100))


def main(folder: Path) -> None:
    team, digits = Team.here(), tiny()
    with together.joined(team):
        for order in ORDERS if team.rank == 0 else [Order(RBF, "nothing")] * len(ORDERS):
            agreed = together.agreed(team, order)
            assert agreed in ORDERS  # the first process's, as where only it finds a run to continue
            if team.rank == 0:
                own, made = folder / agreed.recipe.name, together.leading(team)
                fit(agreed, digits, own, listener=Listener(), learner_of=made)
            else:
                together.follow(team, agreed, learnt(agreed, digits))
        if team.rank == 0:
            together.check_alike(digits.train)
        else:
            others = Digits(digits.train.images, (digits.train.labels + 1) % 10)
            with pytest.raises(InputError, match="not those of the first process"):
                together.check_alike(others)
            (folder / "refused").touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
