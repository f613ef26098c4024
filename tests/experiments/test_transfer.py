"""Networks on sets they did not learn: small stand-ins for those that have to be fetched."""

from __future__ import annotations

import bz2
import gzip
import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from lenet.data.datasets import load_set
from lenet.data.registry import REGISTRY
from lenet.engine.select import best_engine
from lenet.experiments.experiment import Budget, Workspace
from lenet.experiments.transfer import EXPERIMENT, FOREIGN, doubts, scored
from lenet.network.weights import load_weights, shipped_names

KINDS = {"uint8": 0x08, "int32": 0x0C}


def write_idx(path, array):
    head = bytes([0, 0, KINDS[array.dtype.name], array.ndim])
    head += struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(head + array.astype(array.dtype.newbyteorder(">")).tobytes(), 1))


@pytest.fixture
def place(tiny_set, tmp_path):
    return Workspace(tiny_set, tmp_path / "kept", tmp_path)


@pytest.fixture(scope="module")
def embedded():
    return load_set("digits")


@pytest.fixture
def qmnist(place, tiny_set, monkeypatch):
    """Test part: 10,000 bare images that must be left out, then 20 drawn ones."""
    monkeypatch.setattr("lenet.data.datasets.validation_indices", lambda: np.array([0]))
    test = tiny_set.test
    images = np.concatenate([np.zeros((10_000, 28, 28), np.uint8), test.images])
    labels = np.zeros((10_020, 8), np.int32)
    labels[10_000:, 0] = test.labels
    parts = test.images, labels[10_000:], images, labels
    for file, array in zip(REGISTRY["qmnist"].files, parts, strict=True):
        write_idx(place.data_dir / "qmnist" / file.name, array)


@pytest.fixture
def fashion(place, rng):
    images, labels = rng.integers(0, 256, (30, 28, 28)), np.arange(30) % 10
    parts = [array.astype(np.uint8) for array in (images, labels, images, labels)]
    for file, array in zip(REGISTRY["fashion"].files, parts, strict=True):
        write_idx(place.data_dir / "fashion" / file.name, array)


@pytest.fixture
def usps(place, rng):
    (place.data_dir / "usps").mkdir()
    for file, count in zip(REGISTRY["usps"].files, (20, 12), strict=True):
        ink = np.full((count, 16, 16), -1.0)
        ink[:, 3:13, 6:9] = rng.uniform(0.5, 1, (count, 10, 3)).round(2)
        lines = (
            f"{1 + k % 10} " + " ".join(f"{at}:{value}" for at, value in enumerate(image.flat, 1))
            for k, image in enumerate(ink)
        )
        packed = bz2.compress("\n".join(lines).encode())
        (place.data_dir / "usps" / file.name).write_bytes(packed)


def errors_of(digits):
    answers = best_engine(load_weights("1998")).penalties(digits.images).argmin(1)
    return int((answers != digits.labels).sum())


def test_only_the_lost_digits_of_qmnist_are_tried(place, qmnist, tiny_set):
    found = scored(place, "1998", "qmnist", None)
    assert (found["n"], found["errors"]) == (20, errors_of(tiny_set.test))


def test_usps_by_its_test_part(place, usps):
    found = scored(place, "1998", "usps", None)
    test = load_set("usps", place.data_dir).test
    assert (found["n"], found["errors"]) == (12, errors_of(test))


def test_all_of_the_embedded_digits(place, embedded):
    found = scored(place, "1998", "digits", None)
    assert found["n"] == 1_797
    assert found["errors"] == errors_of(embedded.train) + errors_of(embedded.test)


def test_a_count_is_the_most_that_is_tried(place):
    assert scored(place, "1998", "mnist", 7)["n"] == 7
    assert scored(place, "1998", "mnist", 7_000)["n"] == 20


def test_clothes_have_no_errors_but_are_rejected(place, fashion, embedded):
    handwriting = replace(place, digits=embedded)
    found = scored(handwriting, "1998", "fashion", None)
    assert (found["errors"], found["n"]) == (None, 30)
    assert found["rejected"]["penalty"] > 0.5  # noise all over, where 1 in 100 digits is
    assert 0 < found["confidence"] <= 1


def test_one_in_a_hundred_of_its_own_digits_is_rejected(place, tiny_set):
    found = scored(place, "1998", "mnist", None)
    engine = best_engine(load_weights("1998"))
    own = np.sort(engine.penalties(tiny_set.split("validation").images), axis=1)
    tried = np.sort(engine.penalties(tiny_set.test.images), axis=1)
    bound = np.quantile(own[:, 0], 0.99)
    assert found["rejected"]["penalty"] == pytest.approx(np.mean(tried[:, 0] > bound))
    lead = np.quantile(own[:, 1] - own[:, 0], 0.01)
    leads = tried[:, 1] - tried[:, 0]
    assert found["rejected"]["lead"] == pytest.approx(np.mean(leads < lead))


def test_doubts_by_hand():
    penalties = np.array([[5, 9, 7], [30, 2, 3]], np.float32)
    found = doubts(penalties)
    assert found["penalty"].tolist() == [5, 2]
    assert found["lead"].tolist() == [-2, -1]


def test_a_set_that_is_not_here_is_named_and_not_made_up(place):
    found = scored(place, "1998", "usps", None)
    assert "errors" not in found
    report = EXPERIMENT.report(Budget(), {"transfer-1998-usps": found})
    assert report.notes[-1] == "usps is not here: lenet data fetch usps"
    assert not report.rows
    assert report.details == {"absent": ["usps"]}


def test_the_whole_report(place, qmnist, fashion, usps):
    jobs = EXPERIMENT.jobs(Budget())
    names = [name for name in ("1998", "modern") if name in shipped_names()]
    assert [job.name for job in jobs] == [
        f"transfer-{name}-{known}" for name in names for known in FOREIGN
    ]
    found = {job.name: json.loads(json.dumps(job.work(place, **job.settings))) for job in jobs}
    report = EXPERIMENT.report(Budget(), found)
    rows = {row.what: row for row in report.rows}
    assert len(rows) == 4 * len(names)  # clothes are no row of errors
    lost = rows["1998 on QMNIST-50k, the lost test digits"]
    errors = found["transfer-1998-qmnist"]["errors"]
    assert (lost.ours, lost.printed) == (pytest.approx(5 * errors), 1.08)
    assert "not the paper" in lost.source
    assert lost.interval[0] <= lost.ours <= lost.interval[1]
    assert len(report.tables[0].lines) == len(jobs)
    assert {len(line) for line in report.tables[0].lines} == {len(report.tables[0].header)}
    assert report.panels[0].curves[0].y[1] == pytest.approx(5 * errors)
    json.dumps(report.to_dict(), allow_nan=False)


def test_a_quick_plan_tries_fewer():
    assert {job.settings["count"] for job in EXPERIMENT.jobs(Budget.short())} == {2_000}
    assert {job.settings["count"] for job in EXPERIMENT.jobs(Budget())} == {None}
