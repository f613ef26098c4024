"""The classifier in the hands of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import lenet
from lenet.errors import InputError, UsageError
from lenet.network.lenet5 import from_weights
from lenet.training.engines import choose_engine
from lenet.training.estimator import DigitClassifier
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
    with pytest.raises(ValueError, match="Invalid parameter"):
        copy.set_params(speed=3)


@pytest.fixture(scope="module")
def rows(tiny_set):
    """Images as rows of 784 floats, as data frames have them, and the digits' names."""
    train = tiny_set.train
    names = np.array(["zero", "one", "two", "three", "four", *"56789"])
    return train.images.reshape(-1, 784).astype(float), names[train.labels]


def test_the_tools_of_scikit_learn_take_it(rows):
    one = DigitClassifier(SMALL)
    assert is_classifier(one)
    scores = cross_val_score(one, *rows, cv=2)
    assert scores.mean() > 0.5
    search = GridSearchCV(one, {"seed": [1, 2]}, cv=2).fit(*rows)
    assert search.best_params_["seed"] in (1, 2)
    pipeline = make_pipeline(FunctionTransformer(), clone(one)).fit(*rows)
    assert pipeline.n_features_in_ == 784
    assert pipeline.score(*rows) > 0.8
    calibrated = CalibratedClassifierCV(one, cv=2).fit(*rows)
    assert calibrated.predict_proba(rows[0]).shape == (100, 10)
    assert (calibrated.predict(rows[0]) == rows[1]).mean() > 0.8


def test_rows_are_images(tiny_set, rows):
    train = tiny_set.train
    by_rows = DigitClassifier(SMALL).fit(rows[0], train.labels)
    by_images = DigitClassifier(SMALL).fit(train.images, train.labels)
    for name, tensor in by_images.weights_.tensors.items():
        assert (by_rows.weights_.tensors[name] == tensor).all()
    assert (by_rows.predict(rows[0]) == by_images.predict(train.images)).all()


@pytest.mark.parametrize("names", [("b", "a", "c"), (-5, 40, 3), (7, 3, 1), (True, False, True)])
def test_any_labels(names, tiny_set):
    chosen = tiny_set.train.labels < 3
    images, labels = tiny_set.train.images[chosen], np.array(names)[tiny_set.train.labels[chosen]]
    fitted = DigitClassifier(SMALL).fit(images, labels)
    assert (fitted.classes_ == np.unique(names)).all()
    assert set(fitted.predict(tiny_set.test.images)) <= set(names)  # other digits, too
    assert (fitted.predict(images) == labels).mean() > 0.8
    shares = fitted.predict_proba(images)
    assert shares.shape == (chosen.sum(), len(set(names)))
    assert shares.sum(1) == pytest.approx(1)
    if names == (7, 3, 1):  # these weights read digits elsewhere, too
        assert set(from_weights(fitted.weights_).classify(images).values) <= {7, 3, 1}


def test_slips_are_answered(tiny_set):
    images, labels = tiny_set.train.images, tiny_set.train.labels
    with pytest.raises(NotFittedError, match="not fitted"):
        DigitClassifier().predict(images)
    with pytest.raises(UsageError, match="no recipe named"):
        DigitClassifier("modern-art").fit(images, labels)
    for count in (0, 50):
        with pytest.raises(InputError, match=f"1 to 10 different labels, got {count}"):
            DigitClassifier(SMALL).fit(images[: 2 * count], np.arange(2 * count) // 2)
    with pytest.raises(ValueError, match="label"):
        DigitClassifier(SMALL).fit(images, labels + 0.5)
    for unfit in (images / 255, images.astype(int) - 1, images > 128, images[:, :27]):
        with pytest.raises(InputError, match="expected digit images"):
            DigitClassifier(SMALL).fit(unfit, labels)
