"""The sets known by name: small ones in their form here, the real MNIST where LENET_DATA has it."""

from __future__ import annotations

import bz2
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

import lenet
from lenet.data.datasets import DATASET_NAMES, load_set
from lenet.data.registry import REGISTRY, data_folder
from lenet.errors import FetchError, InputError, MissingExtraError
from lenet.preprocessing.prepare import centre

DATA = os.environ.get("LENET_DATA", "")
needs_mnist = pytest.mark.skipif(
    not Path(DATA, "mnist", "train-labels-idx1-ubyte.gz").exists(),
    reason="needs the real MNIST in LENET_DATA",
)


@needs_mnist
def test_mnist_is_mnist():
    mnist = load_set("mnist", Path(DATA))
    assert (len(mnist.train), len(mnist.test)) == (60_000, 10_000)
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    inside = hashlib.sha256(b"\0\0\x08\x03\0\0\x27\x10" + b"\0\0\0\x1c" * 2)
    inside.update(mnist.test.images)
    assert inside.hexdigest() == REGISTRY["mnist"].files[2].unpacked
    assert len(mnist.train_part()) + len(mnist.split("validation")) == 60_000


def test_embedded_digits():
    digits = load_set("digits", Path("/nowhere"))
    raw = load_digits()
    assert (len(digits.train), len(digits.test)) == (1_400, 397)
    assert digits.validation.tolist() == list(range(1_200, 1_400))
    labels = np.concatenate([digits.train.labels, digits.test.labels])
    np.testing.assert_array_equal(labels, raw.target)
    np.testing.assert_array_equal(digits.test.images[3], centre(raw.images[1_403] / 16))


def test_embedded_digits_lie_as_mnist_has_them():
    images = load_set("digits").train.images
    ink = images > 0
    heights, widths = (ink.any(axis).sum(1) for axis in (2, 1))
    assert np.maximum(heights, widths).max() <= 20
    assert np.maximum(heights, widths).min() >= 18
    weights = images.astype(float)
    total = weights.sum((1, 2))
    for axis in (1, 2):
        mass = (weights.sum(axis) * np.arange(28)).sum(1) / total
        assert np.abs(mass - 14).max() <= 1.0  # the middle of 28 pixels


@pytest.mark.parametrize("name", ["mnist", "fashion", "qmnist"])
def test_idx_sets(name, tmp_path, write_idx_set, monkeypatch):
    names = [file.name for file in REGISTRY[name].files]
    columns = 8 if name == "qmnist" else 0
    kind = np.int32 if name == "qmnist" else np.uint8
    arrays = write_idx_set(tmp_path / name, names, labels_dtype=kind, label_columns=columns)
    monkeypatch.setattr("lenet.data.datasets.validation_indices", lambda: np.array([1, 5]))
    digits = load_set(name, tmp_path)
    for part, images, labels in ((digits.train, *names[:2]), (digits.test, *names[2:])):
        np.testing.assert_array_equal(part.images, arrays[images])
        expected = arrays[labels][:, 0] if columns else arrays[labels]
        np.testing.assert_array_equal(part.labels, expected)
    assert digits.validation.tolist() == ([9, 19, 29, 39, 49, 59] if name == "fashion" else [1, 5])
    assert digits.classes[9] == ("Ankle boot" if name == "fashion" else "9")


def test_mnist_unpacked(tmp_path, write_idx_set, monkeypatch):
    names = [Path(file.name).stem for file in REGISTRY["mnist"].files]
    write_idx_set(tmp_path / "mnist", names)
    monkeypatch.setattr("lenet.data.datasets.validation_indices", lambda: np.array([0]))
    assert len(load_set("mnist", tmp_path).train) == 60


def usps_text(count, seed=0):
    rng = np.random.default_rng(seed)
    ink, labels = rng.uniform(-1, 1, (count, 16, 16)).round(3), rng.integers(1, 11, count)
    ink[:, 4:12, 4:12] = 1
    lines = [
        f"{label} " + " ".join(f"{place}:{value}" for place, value in enumerate(plane.flat, 1))
        for label, plane in zip(labels, ink, strict=True)
    ]
    return "\n".join(lines).encode(), ink, labels


def write_usps(folder):
    (folder / "usps").mkdir()
    (folder / "usps" / "usps.bz2").write_bytes(bz2.compress(usps_text(25)[0]))
    (folder / "usps" / "usps.t.bz2").write_bytes(bz2.compress(usps_text(5, 1)[0]))


def test_usps(tmp_path):
    write_usps(tmp_path)
    digits = load_set("usps", tmp_path)
    _, ink, labels = usps_text(25)
    assert digits.train.labels.tolist() == [label - 1 for label in labels]
    np.testing.assert_array_equal(digits.train.images[7], centre((ink[7] + 1) / 2))
    assert len(digits.test) == 5
    assert digits.validation.tolist() == [9, 19]


LINE = " ".join(f"{place}:0.5" for place in range(1, 257)).encode()
BROKEN_USPS = {
    "empty": b"",
    "not bzip2": b"1 1:0.5\n",
    "torn": bz2.compress(usps_text(25)[0])[:-20],
    "no lines": bz2.compress(b""),
    "words": bz2.compress(b"one 1:two\n"),
    "html": bz2.compress(b"<html></html>"),
    "label 0": bz2.compress(b"0 " + LINE),
    "label 11": bz2.compress(b"11 " + LINE),
    "label of words": bz2.compress(b"x " + LINE),
    "257 numbers": bz2.compress(b"1 " + LINE + b" 257:0.5"),
    "numbers beyond 1": bz2.compress(b"1 " + LINE.replace(b"0.5", b"1.5")),
    "not a number": bz2.compress(b"1 " + LINE.replace(b":0.5", b":nan", 1)),
    "no ink": bz2.compress(b"1 " + LINE.replace(b"0.5", b"-1")),
    "a bomb": bz2.compress(bytes(2**26 + 1)),
}


@pytest.mark.parametrize("content", BROKEN_USPS.values(), ids=BROKEN_USPS.keys())
def test_broken_usps_is_refused_by_name(tmp_path, content):
    write_usps(tmp_path)
    (tmp_path / "usps" / "usps.bz2").write_bytes(content)
    with pytest.raises(InputError, match=r"usps/usps\.bz2: not a readable USPS file"):
        load_set("usps", tmp_path)


@pytest.mark.parametrize("name", [name for name in DATASET_NAMES if name != "digits"])
def test_what_is_not_there_says_how_to_get_it(tmp_path, name):
    with pytest.raises(FetchError) as refusal:
        load_set(name, tmp_path)
    assert str(refusal.value) == f"{name} is not in {tmp_path}; run: lenet data fetch {name}"


def test_what_is_there_in_part_names_the_rest(tmp_path, write_idx_set):
    names = [file.name for file in REGISTRY["mnist"].files]
    write_idx_set(tmp_path / "mnist", names)
    (tmp_path / "mnist" / names[1]).unlink()
    with pytest.raises(FetchError, match=rf"\({names[1]} missing\)"):
        load_set("mnist", tmp_path)


def test_mixed_up_and_mismatched_files_are_named(tmp_path, write_idx_set):
    folder = tmp_path / "mnist"
    images, labels, *rest = names = [file.name for file in REGISTRY["mnist"].files]
    write_idx_set(folder, names)
    with pytest.raises(InputError, match="beyond the 60 training digits"):
        load_set("mnist", tmp_path)
    (folder / labels).write_bytes((folder / rest[1]).read_bytes())  # 20 labels for 60 images
    with pytest.raises(InputError, match=rf"{images} with {labels}: .* 60 images"):
        load_set("mnist", tmp_path)
    (folder / images).write_bytes((folder / labels).read_bytes())
    with pytest.raises(InputError, match=rf"{images} with {labels}: expected digit images"):
        load_set("mnist", tmp_path)


def test_labels_beyond_9_are_refused(tmp_path, write_idx_set):
    names = [file.name for file in REGISTRY["qmnist"].files]
    write_idx_set(tmp_path / "qmnist", names, labels_dtype=np.int32)
    bad = b"\0\0\x0c\x02" + b"\0\0\0\x3c" + b"\0\0\0\1" + b"\0\0\0\x0a" * 60
    (tmp_path / "qmnist" / names[1]).write_bytes(bad)
    with pytest.raises(InputError, match="expected labels 0 … 9, got 10"):
        load_set("qmnist", tmp_path)


def test_an_unknown_name_lists_the_known(tmp_path):
    with pytest.raises(InputError, match="digits, mnist, qmnist, fashion, usps") as refusal:
        load_set("mnits", tmp_path)
    assert "mnits" in str(refusal.value)


@pytest.mark.parametrize("name", ["digits", "usps"])
def test_without_scikit_learn(tmp_path, monkeypatch, name):
    write_usps(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "sklearn.datasets", None)
    with pytest.raises(MissingExtraError, match=rf"the set {name} needs scikit-learn"):
        load_set(name, tmp_path)


def test_where_the_data_lie(monkeypatch, tmp_path):
    monkeypatch.setenv("LENET_DATA", str(tmp_path))
    assert data_folder(Path("given")) == Path("given")
    assert data_folder() == tmp_path
    monkeypatch.delenv("LENET_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert data_folder() == Path("/caches/lenet")


def test_the_public_door_takes_a_name_of_a_folder(tmp_path):
    with pytest.raises(FetchError, match="mnist"):
        lenet.data.load("mnist", str(tmp_path))
