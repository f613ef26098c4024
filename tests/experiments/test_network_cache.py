"""Networks that are kept, and training on digits that change from pass to pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lenet.data.digits import DigitSet
from lenet.errors import LenetError
from lenet.experiments.experiment import Workspace
from lenet.experiments.network_cache import learn, network
from lenet.network.weights import CARD, TENSORS, load_weights
from lenet.training.engines import chosen
from lenet.training.fit import Callbacks, fit
from lenet.training.optimisers import Sdlm
from lenet.training.recipes import PUBLISHED
from lenet.training.run_config import RunConfig

TWICE = replace(PUBLISHED, passes=2)
THRICE = replace(PUBLISHED, passes=3)  # the third has another rate


@pytest.fixture
def place(tiny_set, tmp_path):
    return Workspace(tiny_set, tmp_path / "kept")


class Trainer:
    """Gives the shipped network, another bias each time, and counts."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        shipped = load_weights("1998")
        moved = shipped.tensors["f6.bias"] + np.float32(self.times)
        return replace(shipped, tensors=shipped.tensors | {"f6.bias": moved})


def same(one, other):
    return all(np.array_equal(one.tensors[name], other.tensors[name]) for name in one.tensors)


def test_a_network_is_trained_once(place):
    train = Trainer()
    first = network(place, "plain", {"seed": 1, "rates": [0.1, 0.2]}, train)
    again = network(place, "plain", {"rates": [0.1, 0.2], "seed": 1}, train)
    assert train.times == 1
    assert same(first, again)
    assert first.architecture == load_weights("1998").architecture


def test_another_setting_name_or_set_is_another_network(place, tmp_path):
    train = Trainer()
    plain = network(place, "plain", {"seed": 1}, train)
    other_set = DigitSet("tiny", place.digits.train, place.digits.train, place.digits.validation)
    elsewhere = Workspace(other_set, place.kept)
    for asked in (
        (place, "plain", {"seed": 2}),
        (place, "plain", {"seed": 1, "passes": 3}),
        (place, "bent", {"seed": 1}),
        (elsewhere, "plain", {"seed": 1}),
    ):
        assert not same(network(*asked, train), plain)
    assert train.times == 5
    assert same(network(place, "plain", {"seed": 1}, train), plain)


DAMAGE = {
    "weights cut short": lambda folder: (folder / TENSORS).write_bytes(
        (folder / TENSORS).read_bytes()[:-9]
    ),
    "weights of another": lambda folder: (folder / TENSORS).write_bytes(
        (folder / TENSORS).read_bytes()[:-1] + b"\x01"
    ),
    "no weights": lambda folder: (folder / TENSORS).unlink(),
    "no card": lambda folder: (folder / CARD).unlink(),
    "card cut short": lambda folder: (folder / CARD).write_text((folder / CARD).read_text()[:50]),
    "card of another": lambda folder: (folder / CARD).write_text(
        (folder / CARD).read_text().replace('"seed": 7', '"seed": 8')
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_network_is_trained_anew(place, damage):
    train = Trainer()
    network(place, "plain", {"seed": 7}, train)
    (folder,) = place.kept.iterdir()
    damage(folder)
    anew = network(place, "plain", {"seed": 7}, train)
    assert train.times == 2
    assert same(network(place, "plain", {"seed": 7}, train), anew)
    assert train.times == 2


def test_learning_the_same_digits_each_pass_is_what_fit_does(tiny_set, tmp_path):
    run = fit(
        RunConfig(THRICE, seed=3, engine=chosen("auto")), tiny_set, tmp_path, listener=Callbacks()
    )
    assert same(learn(THRICE, 3, lambda number: tiny_set.train), load_weights(run.path))


def test_each_pass_has_its_digits(tiny_set):
    asked = []

    def shown(number):
        asked.append(number)
        return tiny_set.train.take(np.arange(50) + 25 * (number - 1))

    changing = learn(TWICE, 3, shown)
    assert asked == [1, 2]
    assert not same(changing, learn(TWICE, 3, lambda number: shown(1)))


def test_weights_that_run_away_are_not_kept(place, tiny_set):
    wild = replace(TWICE, method=Sdlm(rate_factor=1e30))
    with pytest.raises(LenetError, match="stopped being finite"):
        network(place, "wild", {}, lambda: learn(wild, 0, lambda number: tiny_set.train))
    assert not place.kept.exists()
