"""Clients that are slow, silent, huge or hostile are refused, and the service stays ready."""

from __future__ import annotations

import re
import socket
import struct
import time
import zlib

import pytest
from serve_cases import PHOTO, running, until

from lenet.serve.server import MAX_PIPELINED

pytestmark = pytest.mark.subprocess

# The same times as always, only shorter.
SHORT = """
import lenet.serve.request_body, lenet.serve.server
lenet.serve.server.HEAD_SECONDS = 0.5
lenet.serve.server.STALL_SECONDS = 0.5
lenet.serve.server.MAX_CONNECTIONS = 20
lenet.serve.request_body.BODY_SECONDS = 0.5
lenet.serve.server.IDLE_SECONDS = 1.0
"""


@pytest.fixture(scope="module")
def short():
    with running("--workers", "1", before=SHORT) as server:
        yield server


@pytest.fixture(autouse=True)
def stays_ready(server, short):
    yield
    for one in (server, short):
        assert one.get("readyz").status_code == 200
        (row,) = one.post("v1/read", data=PHOTO).json()["files"]
        assert row["text"] == "3"


def talk(server, *sent: bytes, pause: float = 0.0) -> bytes:
    """Everything that comes back until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        try:
            for part in sent:
                client.sendall(part)
                time.sleep(pause)
        except (BrokenPipeError, ConnectionResetError):
            pass
        told = b""
        try:
            while part := client.recv(65536):
                told += part
        except ConnectionResetError:
            pass
        return told


HEAD = b"POST /v1/classify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


def test_a_connection_that_says_nothing_is_closed_without_a_word(short):
    """An answer would be taken for that of a request sent meanwhile, as in a client's pool."""
    assert talk(short) == b""


def test_a_refused_body_that_goes_on_does_not_keep_its_connection(short):
    head = HEAD + b"origin: http://elsewhere.example\r\ncontent-length: 1000\r\n\r\n"
    before = short.number("process_open_fds")
    with socket.create_connection(("127.0.0.1", short.port)) as client:
        client.sendall(head)
        assert b" 403 " in client.recv(65536)
        client.sendall(b"{")  # and no more
        until(lambda: short.number("process_open_fds") == before + 1)
        until(lambda: short.number("process_open_fds") == before)


def test_a_refused_body_that_ends_leaves_its_connection_to_the_next_request(short):
    refused = HEAD + b"origin: http://elsewhere.example\r\ncontent-length: 4\r\n\r\n"
    told = talk(
        short, refused, b"null", b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", pause=0.2
    )
    assert b" 403 " in told
    assert b" 200 " in told


def test_a_head_within_the_limit_may_come_in_parts(server):
    lines = [b"x: " + b"y" * 9_000 + b"\r\n"] * 3
    last = b"host: localhost\r\nconnection: close\r\n\r\n"
    told = talk(server, b"GET /healthz HTTP/1.1\r\n", *lines, last, pause=0.05)
    assert told.startswith(b"HTTP/1.1 200 ")


def test_a_head_that_never_ends_is_refused(short):
    assert b" 408 " in talk(short, *([b"GET / HTTP/1.1\r\n"] + [b"a: b\r\n"] * 10), pause=0.1)


def test_also_on_a_connection_that_was_used_before(short):
    told = talk(short, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\nGET /hea", pause=0.1)
    assert b" 200 " in told
    assert b" 408 " in told


def test_a_body_that_dribbles_is_refused(short):
    told = talk(short, HEAD + b"content-length: 1000\r\n\r\n", *[b"{"] * 10, pause=0.1)
    assert b" 408 " in told
    assert b"slow_body" in told


def test_a_client_that_takes_nothing_is_let_go(short):
    before = short.number("process_open_fds")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", short.port))
        for _ in range(40):  # a network's weights each, more than the buffers between us hold
            client.sendall(b"GET /networks/1998.js HTTP/1.1\r\nhost: localhost\r\n\r\n")
        until(lambda: short.number("process_open_fds") == before + 1)
        until(lambda: short.number("process_open_fds") == before)


def test_there_are_never_too_many_connections(short):
    clients = [socket.create_connection(("127.0.0.1", short.port)) for _ in range(20)]
    try:
        told = talk(short)
        assert b" 503 " in told
        assert b"retry-after: 1" in told
    finally:
        for client in clients:
            client.close()
        time.sleep(0.2)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 2**20,  # a header without an end
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 10_000 + b"\r\n",
        b"GET /" + b"a" * 2**20 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"y" * 2**20 + b": 1\r\n\r\n",
    ],
)
def test_huge_heads_are_refused(server, head):
    assert talk(server, head).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"\0" * 600,  # TLS
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nhost: localhost\r\n\r\n",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"transfer-encoding: chunked\r\n\r\nnot a size\r\n",
        b"\0" * 1000,
        b"GET /healthz HTTP/1.1\r\n\r\n",  # RFC 9112, section 3.2: exactly one Host
        b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(short, said):
    told = talk(short, said)
    assert told.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505"))
    assert b"HTTP/1.1 5" not in told


def get(path: str = "/healthz", more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\n{more}\r\n".encode()


LAST = get(more="connection: close\r\n")


def statuses(told: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", told)]


def test_http_1_0_needs_no_host(server):
    assert statuses(talk(server, b"GET /healthz HTTP/1.0\r\n\r\n")) == [200]


def test_a_few_pipelined_requests_are_answered_in_order(server):
    told = talk(server, get() + get("/nothing") * 7 + LAST)
    assert statuses(told) == [200, *[404] * 7, 200]


def test_a_flood_of_pipelined_requests_is_cut_off_after_those_under_way(server):
    """They were all parsed and queued, whether their answers were read or not."""
    assert statuses(talk(server, get() * 5000)) == [200] * (MAX_PIPELINED + 1)


def test_a_bad_request_behind_a_good_one_does_not_take_its_place(server):
    """Its 400 would be taken for the answer to the good one, which comes from a worker."""
    read = b"POST /v1/read HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % len(PHOTO)
    assert statuses(talk(server, read + PHOTO + b"nonsense\r\n\r\n")) == [200]


UPGRADE = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAA\r\n"
DIGIT = (
    b"POST /v1/classify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\n"
)


@pytest.mark.parametrize("pause", [0.0, 0.1])
def test_an_upgrade_is_ignored_and_its_body_kept(server, pause):
    """As curl --http2 and Java's HttpClient send every request; the body passed for the next."""
    head = DIGIT + UPGRADE + b"content-length: 784\r\n\r\n"
    told = talk(server, head, LAST.ljust(784), LAST, pause=pause)
    assert statuses(told) == [200, 200]
    assert b'"values":[' in told


def test_trailers_are_no_headers(server):
    """They came after the checks of the middleware, into the list that it had checked."""
    trailers = b"host: evil.example\r\norigin: http://evil.example\r\nx: y\r\n"
    body = b"310\r\n" + bytes(784) + b"\r\n0\r\n" + trailers + b"\r\n"
    pipelined = DIGIT + b"transfer-encoding: chunked\r\n\r\n" + body
    assert statuses(talk(server, get() + pipelined + LAST)) == [200, 200, 200]


@pytest.mark.parametrize("end", [b"x: " + b"y" * 2**20, b"x: y\r\n" * 10_000])
def test_trailers_without_end_are_refused(server, end):
    told = talk(server, HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n" + end)
    assert statuses(told) == [431]


@pytest.mark.parametrize(
    "path",
    [
        *("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd"),
        *("/networks/../../app.py", "/static/..\\..\\app.py", "/%00", "/index.html%00.png", "/%ff"),
        "//etc/passwd",
        *("/networks/", "/main.js/", "/v1/read/../../healthz/x", "/.git/config", "/~root"),
    ],
)
def test_path_tricks_lead_nowhere(server, path):
    head = f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    told = talk(server, head.encode())
    assert told.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
    assert b"root:" not in told


def test_a_body_that_says_how_large_it_is_is_refused_before_it_comes(server):
    told = talk(server, HEAD + b"content-length: 99999999999\r\n\r\n")
    assert b" 413 " in told


def test_a_chunked_body_is_refused_once_it_is_too_large(server):
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    told = talk(server, HEAD + b"transfer-encoding: chunked\r\n\r\n", *[chunk] * 40)
    assert b" 413 " in told


@pytest.mark.parametrize("path", ["v1/stages", "v1/train"])
def test_json_that_would_hold_everybody_up_is_not_parsed(server, path):
    body = b'{"images": [' + b"0," * 1_000_000 + b"0]}"
    answer = server.post(path, data=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


def bomb(side: int) -> bytes:
    """A PNG of side × side white pixels in a few bytes: the data end early, the claim stands."""

    def part(kind: bytes, content: bytes) -> bytes:
        code = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + code

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(10**6))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(b"IEND", b"")


@pytest.mark.parametrize("side", [7_100, 60_000, 2**31 - 1])
def test_decompression_bombs_are_refused_by_what_they_claim(server, side):
    started = time.monotonic()
    answer = server.post("v1/read", data=bomb(side))
    assert answer.status_code == 422
    assert time.monotonic() - started < 5
    rows = server.post("v1/read", files=[("image", ("a", bomb(side)))]).json()["files"]
    assert rows[0]["error"]
