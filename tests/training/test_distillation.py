"""Teachers: what they are shown, what is made of their answers, and that they are a run's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lenet
from lenet.data.digits import Digits
from lenet.engine.numpy_engine import NumpyEngine
from lenet.engine.select import best_engine
from lenet.errors import InputError
from lenet.network.architecture import Architecture
from lenet.network.plane import to_planes
from lenet.network.weights import Weights, initial_tensors, load_weights
from lenet.training.distillation import Teachers, distortion_stream, one_hot
from lenet.training.engines import choose_engine, make_learner
from lenet.training.fit import Callbacks, fit, pass_permutation, starting_tensors
from lenet.training.optimisers import AdamW, Sdlm
from lenet.training.recipe import Distillation, Recipe, RunConfig

PUPIL = Recipe("p", AdamW(batch=8, peak_rate=0.01), passes=4, loss="eq9")


def weights(seed):
    network = Architecture(head="linear")
    tensors = initial_tensors(network, "lush", np.random.default_rng(seed))
    return Weights(tensors, {"network": network.to_dict()})


def test_the_target_is_the_mean_of_softmaxes_and_the_label():
    distillation = Distillation(
        (PUPIL, replace(PUPIL, temperature=3.0)), temperature=2.0, weight=0.8
    )
    members, labels = [weights(1), weights(2)], np.arange(6)
    images = np.random.default_rng(0).integers(0, 256, (6, 28, 28), np.uint8)
    asked = []

    def shown(which):
        asked.append(which.tolist())
        return to_planes(images[which])

    teachers = Teachers(distillation, members)
    found = teachers.targets(7, np.array([4, 1]), labels, shown)
    expected = np.zeros((6, 10))
    for member, temperature in zip(members, (2.0, 6.0), strict=True):
        scores = -NumpyEngine(member).penalties(images).astype(np.float64) / temperature
        expected += 0.4 * np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    expected += 0.2 * np.eye(10)[labels]
    np.testing.assert_allclose(found[[4, 1]], expected[[4, 1]], atol=1e-5)
    again = teachers.targets(7, np.array([1, 2, 4]), labels, shown)
    np.testing.assert_allclose(again[[1, 2, 4]], expected[[1, 2, 4]], atol=1e-5)
    assert asked == [[4, 1], [2]]  # what was said once is remembered
    teachers.targets(8, np.array([1]), labels, shown)
    assert asked[-1] == [1]  # but not for another way of bending


def test_soft_targets_are_cached_in_a_file(tmp_path):
    distillation, labels, asked = Distillation((PUPIL,)), np.arange(3), []
    planes = to_planes(np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8))

    def shown(which):
        asked.append(len(which))
        return planes[which]

    first = Teachers(distillation, [weights(1)], cache=tmp_path)
    first.targets(5, np.array([0, 2]), labels, shown)
    assert not list(tmp_path.iterdir())
    said = first.targets(5, np.array([1]), labels, shown)
    assert [file.name for file in tmp_path.iterdir()] == ["5.npy"]
    again = Teachers(distillation, [weights(1)], cache=tmp_path)
    assert np.array_equal(again.targets(5, np.array([0, 1, 2]), labels, shown), said)
    assert asked == [2, 1]


def test_copies_come_round_and_are_the_same_for_every_pupil():
    taught = replace(PUPIL, distillation=Distillation((PUPIL,), copies=3))
    streams = [distortion_stream(taught, 5, number) for number in range(1, 8)]
    assert streams[:3] == streams[3:6]
    assert len(set(streams)) == 3
    assert distortion_stream(taught, 6, 1) == streams[0]
    assert distortion_stream(PUPIL, 5, 1) != distortion_stream(PUPIL, 6, 1)


def test_every_teacher_is_a_run_in_the_folder(tiny_set, tmp_path):
    recipe = replace(PUPIL, distillation=Distillation((PUPIL, replace(PUPIL, passes=2)), seeds=2))
    stages = []
    heard = Callbacks(on_stage=stages.append)
    run = fit(RunConfig(recipe, "tiny", seed=9), tiny_set, tmp_path / "run", callbacks=heard)
    assert stages == [*(f"teacher {k} of 4" for k in range(1, 5)), "student"]
    abouts = [load_weights(run.path / "teachers" / str(k)).card for k in range(1, 5)]
    assert [about["seed"] for about in abouts] == [1, 2, 1, 2]
    assert [about["passes"] for about in abouts] == [4, 4, 2, 2]
    alone = fit(
        RunConfig(PUPIL, "tiny", seed=1), tiny_set, tmp_path / "alone", callbacks=Callbacks()
    )
    assert abouts[0]["weights_sha256"] == alone.record["weights_sha256"]


def test_a_pupil_does_as_its_teachers_do(tiny_set):
    """Teachers that answer by a rule of their own, not by the labels, are believed."""
    images, labels = tiny_set.train.images, tiny_set.train.labels
    wrong = (labels + 1) % 10
    distillation = Distillation((PUPIL,), seeds=1)
    teacher = lenet.DigitClassifier(replace(PUPIL, passes=8), seed=1).fit(images, wrong).weights_
    order = RunConfig(
        replace(PUPIL, passes=8, distillation=distillation),
        "memory",
        2,
        engine=choose_engine("auto"),
    )
    with make_learner(
        order, starting_tensors(order), Digits(images, labels), Teachers(distillation, [teacher])
    ) as learner:
        for number in range(1, 9):
            learner.start_pass(number, np.arange(0))
            learner.learn(pass_permutation(order, number, len(images)))
        pupil = Weights(learner.tensors(), {"network": order.recipe.network.to_dict()})
    assert (best_engine(pupil).penalties(images).argmin(1) == wrong).mean() > 0.8
    taught = lenet.DigitClassifier(order.recipe).fit(images, labels)  # its own teachers
    assert (taught.predict(images) == labels).mean() > 0.8


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"recipes": ()}, "at least one recipe"),
        ({"seeds": 0}, "seeds"),
        ({"copies": 0}, "copies"),
        ({"temperature": 0.0}, "temperature"),
        ({"weight": 1.5}, "weight"),
    ],
)
def test_impossible_teaching_is_refused(change, told):
    with pytest.raises(InputError, match=told):
        replace(Distillation((PUPIL,)), **change)


def test_single_patterns_are_not_distilled():
    with pytest.raises(InputError, match="distillation works with mini-batches"):
        Recipe("s", Sdlm(), distillation=Distillation((PUPIL,)))


def test_one_of_ten():
    assert one_hot(np.array([3]))[0].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
