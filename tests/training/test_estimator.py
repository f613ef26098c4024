"""The classifier in the hands of scikit-learn."""

from __future__ import annotations

import io
import re
import sys
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

import lenet
from lenet.errors import InputError, UsageError
from lenet.evaluation.calibration import calibration_error
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
    assert copy.get_params() == {
        "recipe": "1998",
        "seed": 7,
        "validation_fraction": 0.1,
        "verbose": None,
    }
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
    with pytest.raises(InputError, match="1 to 10 different labels, got 50"):
        DigitClassifier(SMALL).fit(images, np.arange(100) // 2)
    with pytest.raises(ValueError, match="0 sample"):
        DigitClassifier(SMALL).fit(images[:0], labels[:0])
    with pytest.raises(UsageError, match=r"validation_fraction must lie in .* got 1"):
        DigitClassifier(SMALL, validation_fraction=1).fit(images, labels)
    with pytest.raises(ValueError, match="label"):
        DigitClassifier(SMALL).fit(images, labels + 0.5)
    for unfit in (images / 255, images.astype(int) - 1, images > 128, images[:, :27]):
        with pytest.raises(ValueError, match=r"expect(ed|s) digit images"):
            DigitClassifier(SMALL).fit(unfit, labels)


def test_any_shape_of_the_same_pixels(tiny_set):
    images, labels = tiny_set.train.images, tiny_set.train.labels
    expected = DigitClassifier(SMALL).fit(images, labels).predict_proba(images)
    for given in (images[:, None], images[..., None], images.tolist(), torch.tensor(images)):
        found = DigitClassifier(SMALL).fit(given, labels)
        assert (found.predict_proba(given) == expected).all()
        assert found.n_features_in_ == 784


def drawn(rows: np.ndarray) -> np.ndarray:
    """Features as bars below each other, the longer the larger: images that hold the same."""
    count = min(rows.shape[1], 14)
    lengths = np.clip(14 + 4 * rows[:, :count].astype(float), 0, 28)
    bars = np.clip(lengths[..., None] - np.arange(28), 0, 1)  # (n, features, 28)
    images = np.repeat(bars, 28 // count, axis=1)
    return (255 * np.pad(images, ((0, 0), (0, 28 - images.shape[1]), (0, 0)))).astype(np.uint8)


class OfFeatures(DigitClassifier):
    """The classifier on features of any number."""

    _as_bytes = staticmethod(drawn)


def failed(classifier: DigitClassifier) -> dict[str, BaseException]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(classifier, on_fail=None, on_skip=None)
    assert sum(each["status"] == "passed" for each in results) > 15
    return {each["check_name"]: each["exception"] for each in results if each["status"] == "failed"}


def test_it_does_what_scikit_learn_expects_of_estimators():
    assert failed(OfFeatures(SMALL)) == {}


# Its checks bring 1 to 10 features that are no images. Of these some hide why fitting failed.
NO_IMAGES = {"check_classifiers_one_label", "check_fit2d_1sample", "check_estimators_nan_inf"}


def test_checks_fail_only_for_what_is_no_image():
    for name, problem in failed(DigitClassifier(SMALL)).items():
        assert name in NO_IMAGES or "expected digit images" in str(problem), name


@pytest.fixture(scope="module")
def real_digits():
    return lenet.data.load("digits")


@pytest.fixture(scope="module")
def fitted(real_digits):
    train = real_digits.train
    return DigitClassifier(recipe="quick", seed=2).fit(train.images, train.labels)


def test_probabilities_are_calibrated_by_digits_that_are_held_out(fitted, real_digits):
    test = real_digits.test
    shares = fitted.predict_proba(test.images)
    right = fitted.predict(test.images) == test.labels
    assert right.mean() > 0.9
    assert calibration_error(shares.max(1), right) < 0.05
    held_out = [line["validation_error_rate"] for line in fitted.history_]
    assert held_out[-1] < 0.1
    assert (
        from_weights(fitted.weights_).classify(test.images).values == fitted.predict(test.images)
    ).all()


def test_few_digits_are_all_learnt(tiny_set):
    train = tiny_set.train
    few = DigitClassifier(SMALL).fit(train.images, train.labels)
    assert few.weights_.temperature == SMALL.temperature
    assert "validation_error_rate" not in few.history_[-1]
    twice = [np.concatenate([part] * 10) for part in (train.images, train.labels)]
    many = DigitClassifier(SMALL).fit(*twice)
    assert "validation_error_rate" in many.history_[-1]
    assert many.weights_.temperature != SMALL.temperature


def test_labels_of_any_kind_are_held_out_too(tiny_set):
    train = tiny_set.train
    images = np.concatenate([train.images] * 10)
    names = np.array(list("jihgfedcba"))[np.concatenate([train.labels] * 10)]
    found = DigitClassifier(SMALL).fit(images, names)
    assert found.history_[-1]["validation_error_rate"] < 0.1
    assert found.predict_proba(images).max(1).mean() > 0.9


def test_a_history_is_kept(tiny_set):
    found = DigitClassifier(SMALL).fit(tiny_set.train.images, tiny_set.train.labels)
    assert [line["pass"] for line in found.history_] == [1, 2, 3, 4, 5, 6]
    rates = [line["train_error_rate"] for line in found.history_]
    assert rates[-1] < rates[0]
    seconds = [line["seconds"] for line in found.history_]
    assert seconds == sorted(seconds)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "verbose", "shown"),
    [(Terminal, None, 6), (Terminal, False, 0), (io.StringIO, None, 0), (io.StringIO, True, 6)],
)
def test_progress_is_shown_where_a_person_watches(stream, verbose, shown, tiny_set, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream())
    DigitClassifier(SMALL, verbose=verbose).fit(tiny_set.train.images, tiny_set.train.labels)
    lines = sys.stderr.getvalue().splitlines()
    assert len(lines) == shown
    for number, line in enumerate(lines, 1):
        assert re.match(rf"pass {number}: [\d.]+% of 100 digits misread while learning, ", line)


def test_progress_is_shown_in_notebooks(tiny_set, monkeypatch):
    notebook = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})
    monkeypatch.setattr(sys, "stderr", notebook())
    DigitClassifier(SMALL).fit(tiny_set.train.images, tiny_set.train.labels)
    assert sys.stderr.getvalue().count("\n") == 6


def test_without_standard_error_nothing_is_shown(tiny_set, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    fitted = DigitClassifier(SMALL).fit(tiny_set.train.images, tiny_set.train.labels)
    assert len(fitted.history_) == 6


@pytest.mark.slow
@pytest.mark.subprocess
def test_joblib_fits_in_other_processes(rows):
    scores = cross_val_score(DigitClassifier(SMALL), *rows, cv=2, n_jobs=2)
    assert (scores == cross_val_score(DigitClassifier(SMALL), *rows, cv=2)).all()
