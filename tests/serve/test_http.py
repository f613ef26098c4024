"""What each address answers, and what it refuses."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
import requests

from lenet.data.datasets import load_sklearn_digits
from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.confidence import classify_penalties
from lenet.network.plane import to_planes
from lenet.network.weights import load_weights
from lenet.preprocessing.prepare import prepare_file
from lenet.reading.read import read
from lenet.serve.config import MAX_BYTES, MAX_DIGITS, MAX_FILES
from lenet.serve.documents import KNOWN, KNOWN_VALUE

PLAIN = {"headers": {"content-type": "application/octet-stream"}}
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def images():
    return load_sklearn_digits().train.images[:50]


def test_classify_gives_the_networks_answers(address, images):
    answer = requests.post(f"{address}v1/classify", json={"images": images.tolist()}, timeout=20)
    document, weights = answer.json(), load_weights("1998")
    values, confidences = classify_penalties(
        NumpyEngine(weights).penalties(images), weights.temperature
    )
    assert document["schema"] == 1
    assert document["values"] == values.tolist()
    np.testing.assert_allclose(document["confidences"], confidences, atol=1e-4)


def test_plain_bytes_give_the_same_bits_as_json_alone_and_among_others(address, images):
    """Small requests are batched, large ones go to a worker; neither shows in the answers."""
    many = np.concatenate([images] * 4)
    whole = requests.post(f"{address}v1/classify", data=many.tobytes(), timeout=20, **PLAIN).json()
    as_json = requests.post(f"{address}v1/classify", json={"images": many.tolist()}, timeout=20)
    assert as_json.json() == whole
    for k, image in enumerate(images):
        alone = requests.post(f"{address}v1/classify", data=image.tobytes(), timeout=20, **PLAIN)
        assert alone.json()["values"] == whole["values"][k : k + 1]
        assert alone.json()["confidences"] == whole["confidences"][k : k + 1]


def test_more_than_the_limits_of_one_request_is_refused(address):
    images = bytes((MAX_DIGITS + 1) * 784)
    answer = requests.post(f"{address}v1/classify", data=images, timeout=20, **PLAIN)
    assert answer.status_code == 422
    assert "10,001" in answer.json()["error"]["message"]
    parts = [("image", ("a.png", b"a"))] * (MAX_FILES + 1)
    answer = requests.post(f"{address}v1/read", files=parts, timeout=20)
    assert answer.status_code == 422
    assert str(MAX_FILES) in answer.json()["error"]["message"]


def test_stages_of_plain_bytes_are_those_of_json(address):
    asked = requests.post(f"{address}v1/stages", data=KNOWN.tobytes(), timeout=20, **PLAIN).json()
    as_json = {"images": [KNOWN.tolist()]}
    assert asked == requests.post(f"{address}v1/stages", json=as_json, timeout=20).json()
    assert asked["value"] == KNOWN_VALUE


def test_the_known_digit_is_that_of_the_sample():
    np.testing.assert_array_equal(KNOWN, prepare_file(EXAMPLES / "3-photo.jpg").image)


def test_stages_are_those_of_the_network(address, images):
    for body in (
        {"json": {"images": images[:1].tolist()}},
        {"data": (EXAMPLES / "3-photo.jpg").read_bytes()},
    ):
        document = requests.post(f"{address}v1/stages", timeout=20, **body).json()
        image = images[0] if "json" in body else prepare_file(EXAMPLES / "3-photo.jpg").image
        np.testing.assert_array_equal(document["image"], image)
        stages = NumpyEngine(load_weights("1998")).stages(to_planes(image))
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
        ("nothing", {"method": "GET"}, 404, "not_found", "/openapi.json"),
        ("../pyproject.toml", {"method": "GET"}, 404, "not_found", "/openapi.json"),
        ("v1/read", {"method": "GET"}, 405, "wrong_method", ""),
        ("v1/read", {"data": b""}, 422, "invalid_input", "empty"),
        ("v1/read", {"data": b"%PDF-1.7"}, 415, "wrong_type", "PNG"),
        (
            "v1/read",
            {"data": PNG_HEAD},
            422,
            "invalid_input",
            "not an image",
        ),
        ("v1/read", {"json": []}, 415, "wrong_type", "application/json"),
        ("v1/read", {"files": {"a": (None, b"")}}, 422, "invalid_input", "no file"),
        ("v1/classify", {"data": b"[]"}, 415, "wrong_type", "application/json"),
        ("v1/classify", {"json": [1]}, 422, "invalid_input", "28"),
        ("v1/classify", {"json": {"images": []}}, 422, "invalid_input", "at least 1"),
        ("v1/classify", {"json": {"images": [[1, [2]]]}}, 422, "invalid_input", "images[0][0]"),
        ("v1/classify", {"json": {"images": [[[0] * 28] * 27]}}, 422, "invalid_input", "not 27"),
        ("v1/classify", {"json": {"images": [[[0.5] * 28] * 28]}}, 422, "invalid_input", "whole"),
        ("v1/classify", {"json": {"images": [[[256] * 28] * 28]}}, 422, "invalid_input", "255"),
        ("v1/classify", {"json": {"images": [[[-1] * 28] * 28]}}, 422, "invalid_input", "0"),
        ("v1/stages", {"json": {"images": [[[0] * 28] * 28] * 2}}, 422, "invalid_input", "not 2"),
        ("v1/classify", {"json": {"images": [[["1"] * 28] * 28]}}, 422, "invalid_input", "whole"),
        ("v1/classify", {"json": {"images": [[28] * 28]}}, 422, "invalid_input", "images[0][0]"),
        ("v1/classify", PLAIN | {"data": b""}, 422, "invalid_input", "got 0"),
        ("v1/classify", PLAIN | {"data": bytes(785)}, 422, "invalid_input", "got 785"),
        ("v1/stages", {"data": b"nothing"}, 415, "wrong_type", "PNG"),
        ("v1/stages", PLAIN | {"data": bytes(783)}, 415, "wrong_type", "PNG"),
        # A page of another site may send a GET, and each costs a run of the network.
        ("v1/stages", {"method": "GET"}, 405, "wrong_method", ""),
        ("v1/classify", {"json": {"images": [[[True] * 28] * 28]}}, 422, "invalid_input", "whole"),
        ("v1/classify", {"json": {"images": ["a" * 270_000]}}, 422, "invalid_input", "images[0]"),
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
    for body in (b"{", b"[" * 100_000, b"\xff", b"[" * 1_000_000, b""):
        headers = {"content-type": "application/json"}
        answer = requests.post(f"{address}v1/classify", data=body, headers=headers, timeout=20)
        assert answer.status_code == 422
        assert "not JSON" in answer.json()["error"]["message"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-0.0", "1e999", "1" * 400, "null"])
def test_numbers_that_are_none(address, number):
    row = "[" + ",".join([number] * 28) + "]"
    body = '{"images": [[' + ",".join([row] * 28) + "]]}"
    headers = {"content-type": "application/json"}
    answer = requests.post(f"{address}v1/classify", data=body, headers=headers, timeout=20)
    assert answer.status_code == 422
    assert "whole numbers" in answer.json()["error"]["message"]


def test_a_body_that_is_too_large_is_refused(address):
    answer = requests.post(f"{address}v1/read", data=bytes(MAX_BYTES + 1), timeout=20)
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
    assert requests.get(f"{address}readyz", timeout=20).json() == {"status": "ready", "workers": 1}
    page = requests.get(address, timeout=20)
    assert page.headers["content-type"].startswith("text/html")
    script = requests.get(f"{address}main.js", timeout=20)
    assert script.headers["content-type"].startswith("text/javascript")


def test_the_page_is_compressed_and_cached(address):
    first = requests.get(address, headers={"accept-encoding": "gzip"}, timeout=10)
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["cache-control"] == "no-cache"
    again = requests.get(address, headers={"if-none-match": first.headers["etag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    plain = requests.get(address, headers={"accept-encoding": "identity"}, timeout=10)
    assert "content-encoding" not in plain.headers
    assert plain.text == first.text
    assert requests.get(f"{address}healthz", timeout=10).headers["cache-control"] == "no-store"


def test_each_encoding_of_a_file_has_its_own_tag(address):
    """A cache that holds one must not be told that the other has not changed."""
    tags = {}
    for encoding in ("gzip", "identity"):
        asked = {"accept-encoding": encoding}
        first = requests.get(f"{address}style.css", headers=asked, timeout=10)
        tags[encoding] = first.headers["etag"]
        assert first.headers.get("content-encoding", "identity") == encoding
        for known, status in (
            (tags[encoding], 304),
            (f'"other", W/{tags[encoding]}', 304),
            ("*", 304),
            ('"other"', 200),
        ):
            again = {"if-none-match": known} | asked
            answer = requests.get(f"{address}style.css", headers=again, timeout=10)
            assert answer.status_code == status, known
            assert answer.headers["etag"] == tags[encoding]
    assert tags["gzip"] != tags["identity"]
