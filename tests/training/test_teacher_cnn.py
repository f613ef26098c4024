"""Deep teachers: their sizes, that they learn, and that stopping them changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lenet.augmentation.warp import Distortion
from lenet.errors import InputError
from lenet.network.plane import to_planes
from lenet.training.recipe import CnnTeachers
from lenet.training.teacher_cnn import WEIGHTS, TeacherCnn, train_teacher_cnn

SMALL = CnnTeachers(seeds=1, passes=40, width=4, peak_rate=0.02)
BENDS = Distortion(rotation=5, shift=1)


class StoppedError(Exception):
    """Stands for a kill."""


def same(one, other):
    states = one.state_dict(), other.state_dict()
    return all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_its_weights_and_stages_are_those_of_the_docstring():
    network = TeacherCnn(24)
    kernels = 24 * 25 + 48 * 24 * 9 + 48 * 48 * 9 + 96 * 48 * 9
    norms = 2 * (24 + 48 + 48 + 96)
    assert sum(p.numel() for p in network.parameters()) == kernels + norms + 864 * 10 + 10
    planes, shapes = torch.zeros(2, 1, 32, 32), []
    for layer in network:
        planes = layer(planes)
        shapes.append(tuple(planes.shape[1:]))
    assert {(24, 28, 28), (48, 10, 10), (96, 3, 3), (10,)} <= set(shapes)


def test_it_learns_and_its_lowest_penalty_is_its_answer(tiny_set):
    network = train_teacher_cnn(SMALL, 1, tiny_set.train, BENDS)
    planes = to_planes(tiny_set.test.images)
    penalties = network.plane_penalties(planes)
    assert penalties.shape == (len(planes), 10)
    assert (penalties.argmin(1) == tiny_set.test.labels).mean() > 0.8
    scores = network.eval()(torch.from_numpy(planes)).detach().numpy()
    np.testing.assert_allclose(penalties, -scores, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("stop_in_pass", [1, 3, 40])
def test_stopped_it_ends_the_same(stop_in_pass, tiny_set, tmp_path):
    whole = train_teacher_cnn(SMALL, 3, tiny_set.train, BENDS, tmp_path / "whole")

    def stop(number, done, total):
        if number == stop_in_pass and done == total:
            raise StoppedError

    with pytest.raises(StoppedError):
        train_teacher_cnn(SMALL, 3, tiny_set.train, BENDS, tmp_path / "stopped", stop)
    assert not (tmp_path / "stopped" / WEIGHTS).exists()
    assert same(train_teacher_cnn(SMALL, 3, tiny_set.train, BENDS, tmp_path / "stopped"), whole)
    kept = train_teacher_cnn(
        SMALL, 3, tiny_set.train, BENDS, tmp_path / "whole", stop
    )  # is there already
    assert same(kept, whole)
    assert not same(train_teacher_cnn(SMALL, 4, tiny_set.train, BENDS), whole)


def test_what_is_drawn_elsewhere_does_not_change(tiny_set):
    torch.manual_seed(5)
    first = torch.rand(3)
    torch.manual_seed(5)
    train_teacher_cnn(replace(SMALL, passes=1), 1, tiny_set.train, BENDS)
    assert torch.equal(torch.rand(3), first)


@pytest.mark.parametrize("wrong", [{"seeds": 0}, {"width": 0}, {"passes": 0}, {"peak_rate": 0.0}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(InputError):
        replace(SMALL, **wrong)
