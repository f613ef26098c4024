"""Who is let in: hosts, origins, tokens; and what every answer carries."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from serve_cases import MAIN, PHOTO, running

pytestmark = pytest.mark.subprocess

TOKEN = "0123456789abcdef-secret"


def host(name: str) -> dict:
    return {"headers": {"host": name}}


@pytest.mark.parametrize(
    "name", ["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]:8000", "10.1.2.3", "[fe80::1]"]
)
def test_names_it_answers_to(server, name):
    assert server.get("healthz", **host(name)).status_code == 200


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.io", "@"]
)
def test_names_that_others_chose_for_it_are_refused(server, name):
    """A page that lets its own name point here (DNS rebinding) gets nothing."""
    answer = server.get("healthz", **host(name))
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "unknown_host"


def test_a_name_that_was_allowed():
    with running("--workers", "1", "--allow-host", "digits.example") as server:
        assert server.get("healthz", **host("Digits.example:443")).status_code == 200
        assert server.get("healthz", **host("other.example")).status_code == 421


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{port}", 200),
        ("https://127.0.0.1:{port}", 200),
        ("http://127.0.0.1:1", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_only_its_own_page_may_post(server, origin, status):
    headers = {"origin": origin.format(port=server.port)}
    answer = server.post("v1/read", data=PHOTO, headers=headers)
    assert answer.status_code == status
    assert server.get("metrics", headers=headers).status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_other_sites_get_no_leave_to_ask(server):
    """A browser asks first (preflight) before it sends JSON from another site."""
    import requests

    headers = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    answer = requests.options(server.address + "v1/classify", headers=headers, timeout=20)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.fixture(scope="module")
def guarded():
    with running("--workers", "1", LENET_TOKEN=TOKEN) as server:
        yield server


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}"])
@pytest.mark.parametrize("path", ["v1/stages", "metrics", "v1/nothing"])
def test_without_the_token_nothing_is_answered(guarded, path, given):
    headers = {} if given is None else {"authorization": given}
    answer = guarded.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


def test_with_the_token_it_answers(guarded):
    headers = {"authorization": f"bearer {TOKEN}"}
    (row,) = guarded.post("v1/read", data=PHOTO, headers=headers).json()["files"]
    assert row["text"] == "3"
    assert "lenet_requests_total" in guarded.get("metrics", headers=headers).text


@pytest.mark.parametrize("path", ["", "main.js", "healthz", "readyz", "openapi.json"])
def test_page_and_health_are_open(guarded, path):
    assert guarded.get(path).status_code == 200


@pytest.mark.parametrize("path", ["%76%31/stages", "v1//stages", "./v1/stages", "/v1/stages"])
def test_the_token_cannot_be_walked_around(guarded, path):
    assert guarded.get(path).status_code in (401, 404)


@pytest.mark.parametrize("content", ["short", "with blanks in the middle", "", "ключ" * 8])
def test_tokens_that_protect_nothing(run_lenet, tmp_path, content):
    """An empty LENET_TOKEN was none at all, and every client was let in."""
    file = tmp_path / "token"
    file.write_text(content, encoding="utf-8")
    by_file = run_lenet("serve", "--port", 0, "--token-file", file)
    by_name = run_lenet("serve", "--port", 0, env=os.environ | {"LENET_TOKEN": content})
    for done in (by_file, by_name):
        assert done.returncode == 2
        assert "openssl rand" in done.stderr
        assert not content or content not in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_need_a_token_or_consent(run_lenet, host):
    done = run_lenet("serve", "--port", 0, "--host", host)
    assert done.returncode == 2
    assert "--token-file" in done.stderr
    assert "--allow-unauthenticated" in done.stderr


@pytest.mark.parametrize("given", [{"LENET_TOKEN": TOKEN}, {}])
def test_with_either_it_starts(given):
    words = ["lenet", "serve", "--port", "0", "--host", "0.0.0.0"]
    words += [] if given else ["--allow-unauthenticated"]
    code = f"import sys; sys.argv = {words!r}; {MAIN}"
    environment = {"env": os.environ | given, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **environment) as process:
        assert process.stderr.readline().startswith("serving on http://0.0.0.0:")
        process.kill()


def test_a_token_file_that_is_not_there(run_lenet, tmp_path):
    done = run_lenet("serve", "--port", 0, "--token-file", tmp_path / "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr


def test_metrics_have_bounded_labels(server):
    for k in range(50):
        server.get(f"nothing/{k}")
    text = server.get("metrics").text
    assert 'lenet_requests_total{route="other",status="404"}' in text
    assert "nothing/" not in text
    for name in ("lenet_request_seconds_bucket", "lenet_queued", "lenet_workers_ready 1.0"):
        assert name in text
