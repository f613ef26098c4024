"""What each address answers, and what it refuses."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
import requests

from lenet.data.small import load_digits
from lenet.engine.portable import Portable
from lenet.network.confidence import classified
from lenet.network.plane import to_planes
from lenet.network.weights import load_weights
from lenet.preparation.prepare import prepare_file
from lenet.reading.reader import read
from lenet.serve.app import MOST_BYTES

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def images():
    return load_digits().train.images[:50]


def test_classify_gives_the_networks_answers(address, images):
    answer = requests.post(f"{address}v1/classify", json={"images": images.tolist()}, timeout=20)
    document, weights = answer.json(), load_weights("1998")
    values, confidences = classified(Portable(weights).penalties(images), weights.temperature)
    assert document["schema"] == 1
    assert document["values"] == values.tolist()
    np.testing.assert_allclose(document["confidences"], confidences, atol=1e-4)


def test_stages_are_those_of_the_network(address, images):
    for body in (
        {"json": {"images": images[:1].tolist()}},
        {"data": (EXAMPLES / "3-photo.jpg").read_bytes()},
    ):
        document = requests.post(f"{address}v1/stages", timeout=20, **body).json()
        image = images[0] if "json" in body else prepare_file(EXAMPLES / "3-photo.jpg").image
        np.testing.assert_array_equal(document["image"], image)
        stages = Portable(load_weights("1998")).stages(to_planes(image))
        for name, stage in stages._asdict().items():
            given = document["stages"][name if name == "output" else name.upper()]
            np.testing.assert_allclose(given, stage[0], atol=2e-4)
        assert document["value"] == stages.output[0].argmin()


def test_read_answers_as_the_reader_does(address):
    file = EXAMPLES / "7-pencil-shadow.jpg"
    url = f"{address}v1/read?images=1"
    (row,) = requests.post(url, data=file.read_bytes(), timeout=20).json()["files"]
    reading = read(file)
    assert (row["text"], row["error"], row["rejected"]) == (reading.text, None, False)
    assert row["digits"][0]["box"] == list(reading.digits[0].box)
    assert base64.b64decode(row["digits"][0]["image"]) == reading.digits[0].image.tobytes()


def test_read_takes_several_files_and_reports_the_bad_one(address):
    names = ("3-photo.jpg", "draw_samples.py", "9-fax.png")
    parts = [("image", (name, (EXAMPLES / name).read_bytes())) for name in names]
    document = requests.post(f"{address}v1/read", files=parts, timeout=20).json()
    assert [row["file"] for row in document["files"]] == list(names)
    assert [row["text"] for row in document["files"]] == ["3", "", "9"]
    assert [row["error"] is None for row in document["files"]] == [True, False, True]
    assert "not an image" in document["files"][1]["error"]


@pytest.mark.parametrize(
    ("path", "request_", "status", "code", "words"),
    [
        ("nothing", {"method": "GET"}, 404, "not_found", "the page is /"),
        ("../pyproject.toml", {"method": "GET"}, 404, "not_found", "the page is /"),
        ("v1/read", {"method": "GET"}, 405, "wrong_method", ""),
        ("v1/read", {"files": {}, "data": b""}, 200, None, ""),
        ("v1/classify", {"data": b"[]"}, 415, "wrong_type", "application/json"),
        ("v1/classify", {"json": [1]}, 422, "invalid_input", "28"),
        ("v1/classify", {"json": {"images": []}}, 422, "invalid_input", "got 0"),
        ("v1/classify", {"json": {"images": [[1, [2]]]}}, 422, "invalid_input", "28 rows"),
        ("v1/classify", {"json": {"images": [[[0] * 28] * 27]}}, 422, "invalid_input", "27"),
        ("v1/classify", {"json": {"images": [[[0.5] * 28] * 28]}}, 422, "invalid_input", "whole"),
        ("v1/classify", {"json": {"images": [[[256] * 28] * 28]}}, 422, "invalid_input", "255"),
        ("v1/classify", {"json": {"images": [[[-1] * 28] * 28]}}, 422, "invalid_input", "0"),
        ("v1/stages", {"json": {"images": [[[0] * 28] * 28] * 2}}, 422, "invalid_input", "got 2"),
        ("v1/stages", {"data": b"nothing"}, 422, "invalid_input", "not an image"),
        ("v1/train", {"json": {"data": "../x"}}, 422, "invalid_input", "mnist"),
        ("v1/train", {"json": {"seed": -1}}, 422, "invalid_input", "seed"),
        ("v1/train", {"json": {"speed": 1}}, 422, "invalid_input", "seed"),
    ],
)
def test_refusals_are_json_and_say_why(address, path, request_, status, code, words):
    asked = {"method": "POST", "timeout": 20} | request_
    answer = requests.request(url=f"{address}{path}", **asked)
    assert answer.status_code == status
    if code is not None:
        assert answer.json()["error"]["code"] == code
        assert words in answer.json()["error"]["message"]


def test_json_that_is_none_and_nested_without_end(address):
    for body in (b"{", b"[" * 100_000, b"\xff"):
        headers = {"content-type": "application/json"}
        answer = requests.post(f"{address}v1/classify", data=body, headers=headers, timeout=20)
        assert answer.status_code == 422
        assert "not JSON" in answer.json()["error"]["message"]


def test_a_body_that_is_too_large_is_refused(address):
    answer = requests.post(f"{address}v1/read", data=bytes(MOST_BYTES + 1), timeout=20)
    assert answer.status_code == 413


def test_every_answer_is_closed_to_other_sites(address):
    for path in ("", "healthz", "main.js", "nothing", "v1/read"):
        headers = requests.get(f"{address}{path}", timeout=20).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_health_and_the_page(address):
    assert requests.get(f"{address}healthz", timeout=20).json() == {"status": "ok"}
    page = requests.get(address, timeout=20)
    assert page.headers["content-type"].startswith("text/html")
    script = requests.get(f"{address}main.js", timeout=20)
    assert script.headers["content-type"].startswith("text/javascript")
