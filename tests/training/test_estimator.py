"""scikit-learn's grammar, held against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

import lenet
from lenet.errors import LenetError, UsageError
from lenet.training.engines import choose_engine
from lenet.training.fit import Callbacks, fit
from lenet.training.optimisers import AdamW
from lenet.training.recipe import Recipe, RunConfig

SMALL = Recipe(name="small", optimiser=AdamW(batch=8, peak_rate=0.01), passes=6, loss="eq9")


def test_fit_predict_score(tiny_set):
    images, labels = tiny_set.train.images, tiny_set.train.labels
    classifier = lenet.DigitClassifier(recipe=SMALL)
    assert classifier.fit(images, labels) is classifier
    answers = classifier.predict(tiny_set.test.images)
    assert answers.shape == (20,)
    right = (answers == tiny_set.test.labels).mean()
    assert right > 0.8
    assert classifier.score(tiny_set.test.images, tiny_set.test.labels) == pytest.approx(right)
    shares = classifier.predict_proba(tiny_set.test.images)
    assert np.allclose(shares.sum(1), 1)
    assert (shares.argmax(1) == answers).all()


def test_it_learns_what_a_run_learns(tiny_set, tmp_path):
    run = fit(
        RunConfig(SMALL, "tiny", 3, engine=choose_engine("auto")),
        tiny_set,
        tmp_path,
        callbacks=Callbacks(),
    )
    network = lenet.load(run.path)
    train = tiny_set.train
    classifier = lenet.DigitClassifier(SMALL, seed=3).fit(train.images, train.labels)
    for name, tensor in network.tensors().items():
        assert (classifier.weights_.tensors[name] == tensor).all()


def test_scikit_learn_can_clone_it():
    copy = clone(lenet.DigitClassifier("1998", seed=7))
    assert copy.get_params() == {"recipe": "1998", "seed": 7}
    assert copy.set_params(seed=8).seed == 8


def test_slips_are_answered(tiny_set):
    with pytest.raises(LenetError, match="not fitted"):
        lenet.DigitClassifier().predict(tiny_set.test.images)
    with pytest.raises(UsageError, match="unknown parameter"):
        lenet.DigitClassifier().set_params(speed=3)
    with pytest.raises(UsageError, match="no recipe named"):
        lenet.DigitClassifier("modern-art").fit(tiny_set.train.images, tiny_set.train.labels)
    with pytest.raises(ValueError, match="label"):
        lenet.DigitClassifier(SMALL).fit(tiny_set.train.images, [11] * 100)
