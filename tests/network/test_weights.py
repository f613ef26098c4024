"""Weights files: written, read back, and refused when they are not what they say."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from lenet.errors import InputError
from lenet.network.architecture import ARCHITECTURES, Architecture
from lenet.network.weights import (
    CARD,
    SHIPPED,
    TENSORS,
    expected_shapes,
    initial_tensors,
    load_weights,
    save_weights,
    shipped_names,
)


@pytest.fixture
def tensors(rng):
    return initial_tensors(Architecture(), "lush", rng)


def test_the_names_and_shapes_are_the_contracts(tensors):
    assert {name: tensor.shape for name, tensor in tensors.items()} == {
        "c1.weight": (6, 1, 5, 5),
        "c1.bias": (6,),
        "s2.coefficient": (6,),
        "s2.bias": (6,),
        "c3.weight": (16, 6, 5, 5),
        "c3.bias": (16,),
        "s4.coefficient": (16,),
        "s4.bias": (16,),
        "c5.weight": (120, 16, 5, 5),
        "c5.bias": (120,),
        "f6.weight": (84, 120),
        "f6.bias": (84,),
        "output.codes": (10, 84),
    }


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_out_and_back(name, tmp_path, rng):
    architecture = ARCHITECTURES[name]
    tensors = initial_tensors(architecture, "lush", rng)
    card = {"network": architecture.to_dict(), "temperature": 2.5}
    digest = save_weights(tmp_path, tensors, card)
    for source in (tmp_path, tmp_path / TENSORS, str(tmp_path)):
        weights = load_weights(source)
        assert weights.architecture == architecture
        assert weights.temperature == 2.5
        assert weights.card["weights_sha256"] == digest
        for key, tensor in tensors.items():
            assert (weights.tensors[key] == tensor).all()


def test_a_file_without_card_is_taken_as_published(tensors, tmp_path):
    file = tmp_path / "alone.safetensors"
    file.write_bytes(save(tensors))
    assert load_weights(file).architecture == Architecture()


def test_shipped():
    assert shipped_names() == ["1998", "modern"]
    for name in shipped_names():
        weights = load_weights(name)
        assert weights.card["weights_sha256"]
        raw = load_file(SHIPPED / name / TENSORS)
        assert {key: t.shape for key, t in raw.items()} == expected_shapes(weights.architecture)


def change(name, value):
    def spoil(tensors):
        tensors[name] = value

    return spoil


SPOILT = {
    "a tensor missing": (lambda t: t.pop("f6.bias"), "expected the tensors"),
    "a tensor too many": (change("c7.weight", np.zeros(3, np.float32)), "expected the tensors"),
    "another shape": (change("f6.bias", np.zeros(85, np.float32)), "must be float32"),
    "another type": (change("f6.bias", np.zeros(84)), "must be float32"),
    "not a number": (change("f6.bias", np.full(84, np.nan, np.float32)), "not finite"),
    "another table": (change("c3.weight", np.ones((16, 6, 5, 5), np.float32)), "Table I"),
    "other codes": (change("output.codes", np.ones((10, 84), np.float32)), "Fig. 3"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_tensors_that_are_not_the_networks(name, tensors, tmp_path):
    spoil, told = SPOILT[name]
    spoil(tensors)
    (tmp_path / TENSORS).write_bytes(save(tensors))
    with pytest.raises(InputError, match=told) as refused:
        load_weights(tmp_path)
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 7, b"\xff" * 64, b"pickle", os.urandom(2000)], ids=range(5)
)
def test_files_that_are_no_safetensors(content, tmp_path):
    (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(InputError, match="not a readable safetensors file"):
        load_weights(tmp_path / "w.safetensors")


def test_a_truncated_file(tensors, tmp_path):
    (tmp_path / "w.safetensors").write_bytes(save(tensors)[:-100])
    with pytest.raises(InputError, match="not a readable safetensors file"):
        load_weights(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("{", "not a readable card"),
        ("[]", "JSON object"),
        ('{"network": 3}', "JSON object"),
        ('{"weights_sha256": "00"}', "SHA-256 differs"),
        ("{}", "SHA-256 differs"),
        ("\xff", "SHA-256|readable"),
    ],
)
def test_cards_that_do_not_fit(card, told, tensors, tmp_path):
    save_weights(tmp_path, tensors, {})
    (tmp_path / CARD).write_text(card, encoding="latin-1")
    with pytest.raises(InputError, match=told):
        load_weights(tmp_path)


@pytest.mark.parametrize(
    "temperature",
    [0, -1, "warm", None, True, [], 1e-300, 1e300, pytest.param(10**400, id="10**400")],
)
def test_temperatures_that_are_none(temperature, tensors, tmp_path):
    save_weights(tmp_path, tensors, {"temperature": temperature})
    with pytest.raises(InputError, match="temperature"):
        load_weights(tmp_path)


@pytest.mark.parametrize("card", ["[" * 100_000, '{"a":' * 100_000], ids=["lists", "objects"])
def test_a_card_nested_too_deep(card, tensors, tmp_path):
    save_weights(tmp_path, tensors, {})
    (tmp_path / CARD).write_text(card)
    with pytest.raises(InputError, match="not a readable card"):
        load_weights(tmp_path)


@pytest.mark.parametrize("name", [CARD, TENSORS])
@pytest.mark.parametrize("kind", ["sparse", "pipe"])
def test_files_that_would_fill_the_memory_or_never_end(name, kind, tensors, tmp_path):
    save_weights(tmp_path, tensors, {})
    (tmp_path / name).unlink()
    if kind == "sparse":
        with (tmp_path / name).open("wb") as file:
            file.truncate(60 * 2**30)
    else:
        os.mkfifo(tmp_path / name)
    told = "no such weights" if (kind, name) == ("pipe", TENSORS) else "at most|regular file"
    with pytest.raises(InputError, match=told):
        load_weights(tmp_path)


def test_a_name_that_is_no_text_goes_out_and_comes_back(tensors, tmp_path):
    save_weights(tmp_path, tensors, {"data": "caf\udce9"})
    assert load_weights(tmp_path).card["data"] == "caf\udce9"
    (tmp_path / CARD).read_text(encoding="utf-8")


def test_a_changed_weight_is_noticed(tensors, tmp_path):
    save_weights(tmp_path, tensors, {"network": {}})
    content = bytearray((tmp_path / TENSORS).read_bytes())
    content[-1] ^= 1
    (tmp_path / TENSORS).write_bytes(content)
    with pytest.raises(InputError, match="SHA-256 differs"):
        load_weights(tmp_path)
    assert json.loads((tmp_path / CARD).read_text())["weights_sha256"]


@pytest.mark.parametrize("name", ["nope", "no/such/file", "."])
def test_weights_that_are_not_there(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="shipped name"):
        load_weights(name)
