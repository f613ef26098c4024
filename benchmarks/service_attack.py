"""Attacks on `lenet serve` over loopback, each bounded, as its documentation promises to withstand.

    python benchmarks/service_attack.py [NAME...]

While they run, /healthz is asked five times a second and the memory of the service's main process
is watched. Bars: at most 400 MB, /healthz within a second, and after each attack the service is
ready and reads a photo. The service runs under a limit on its address space, so that an attack that
succeeds ends it and not the machine. Exit code 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import re
import resource
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from PIL import Image

PHOTO = (Path(__file__).parents[1] / "examples" / "3-photo.jpg").read_bytes()
SERVE = [sys.executable, "-m", "lenet", "serve", "--port", "0"]
ADDRESS_SPACE = 4 * 2**30  # bytes of each process of the service
MAX_MEMORY, MAX_SECONDS = 400.0, 1.0  # MB of the main process; of an answer to /healthz
READY_SECONDS = 60
PLAIN = "content-type: application/octet-stream\r\n"


def head(method: str, path: str, more: str = "") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n{more}\r\n".encode()


def connect(port: int, buffer: int | None = None) -> socket.socket:
    client = socket.socket()
    if buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    client.settimeout(10)
    client.connect(("127.0.0.1", port))
    return client


def send(client: socket.socket, content: bytes, times: int = 1) -> None:
    """Send as much as is taken."""
    try:
        for _ in range(times):
            client.sendall(content)
    except OSError:  # refused, or nothing is taken any more
        pass


def talk(port: int, *sent: bytes) -> list[int]:
    """Send parts, a moment apart; the statuses that come back."""
    with connect(port) as client:
        for part in sent:
            send(client, part)
            time.sleep(0.1)
        told = b""
        try:
            while part := client.recv(65536):
                told += part
        except OSError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", told)]


def post(port: int, path: str, body: bytes, kind: str = "") -> str:
    """The status, or what the connection ended with."""
    headers = {"content-type": kind} if kind else {}
    address = f"http://127.0.0.1:{port}{path}"
    try:
        return str(requests.post(address, body, headers=headers, timeout=60).status_code)
    except requests.RequestException as problem:
        return type(problem).__name__


def at_once(count: int, work: Callable[[int], object]) -> Counter[str]:
    """What so many threads get."""
    with ThreadPoolExecutor(count) as threads:
        return Counter(map(str, threads.map(work, range(count))))


def pipelined(port: int) -> str:
    """28 MB of requests on each of five connections, whose answers nobody reads."""

    def flood(_: int) -> None:
        with connect(port) as client:
            send(client, head("GET", "/") * 1000, 600)
            time.sleep(2)

    at_once(5, flood)
    return f"a flood on one connection: {talk(port, head('GET', '/healthz') * 5000)}"


def unread(port: int) -> str:
    """Fifty connections ask for the largest files and take nothing."""
    clients = [connect(port, 4096) for _ in range(50)]
    for client in clients:
        send(client, head("GET", "/networks/1998.js") * 8)
    time.sleep(3)
    for client in clients:
        client.close()
    return f"{len(clients)} connections"


def bodies(port: int) -> str:
    """Twenty bodies of 31 MB each that begin like a PNG."""
    body = b"\x89PNG\r\n\x1a\n" + bytes(31_000_000)
    return str(at_once(20, lambda _: post(port, "/v1/read", body)))


def texts(port: int) -> str:
    """JSON of 300 kB whose strings would be an array of 10 GB; and other shapes."""
    shapes = [
        {"images": ["a" * 270_000, *[""] * 9_999]},
        {"images": [[["a" * 100_000] * 2] * 28]},
        {"images": [[[True] * 28] * 28]},
        {"images": {str(k): k for k in range(20_000)}},
        {str(k): k for k in range(20_000)},
    ]
    sent = [json.dumps(shape).encode() for shape in shapes] + [b"[" * 290_000]

    def ask(k: int) -> str:
        path = ("/v1/classify", "/v1/stages", "/v1/train")[k // len(sent) % 3]
        return post(port, path, sent[k % len(sent)], "application/json")

    return str(at_once(3 * len(sent), ask))


def file(mode: str, kind: str, side: int, **options: object) -> bytes:
    """An image of one colour: a few kilobytes, whatever its side."""
    content = io.BytesIO()
    Image.new(mode, (side, side), 1).save(content, kind, **options)
    return content.getvalue()


def images(port: int) -> str:
    """Small files of 50 and 16 million pixels in the modes that cost most, two senders at once."""
    found: Counter[str] = Counter()
    for side in (7071, 4000):
        for sent in (
            file("RGBA", "WebP", side, lossless=True),
            file("I;16", "PNG", side),
            file("LA", "PNG", side),
            file("P", "PNG", side, transparency=0),
            file("F", "TIFF", side, compression="tiff_lzw"),
        ):
            found += at_once(2, lambda _, sent=sent: post(port, "/v1/read", sent))
    return str(found)


def documents(port: int) -> str:
    """PDF behind the signature of a BMP, with forms nested 30 deep, each drawn twice."""
    forms = [
        f"{k + 4} 0 obj <</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F "
        f"{k + 5} 0 R>>>>/Length 10>> stream\n/F Do /F Do\nendstream endobj"
        for k in range(30)
    ]
    pages = (
        "1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Count 1/Kids[3 0 R]>> "
        "endobj\n3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 9000 9000]/Resources<</XObject<</F "
        "4 0 R>>>>/Contents 34 0 R>> endobj"
    )
    body = "\n".join(["%PDF-1.4", pages, *forms, "34 0 obj <</Length 5>> stream\n/F Do\nendstream"])
    body += " endobj\ntrailer <</Root 1 0 R>>\n%%EOF"
    sent = [body.encode(), b"BM" + body.encode(), b"BM" + bytes(52) + body.encode()]
    return str(at_once(6, lambda k: post(port, "/v1/read", sent[k % 3])))


def upgrades(port: int) -> str:
    """A request as the body of one that asks for an upgrade, and in trailers."""
    upgrade = "connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 784\r\n"
    hidden = head("GET", "/metrics", "connection: close\r\n")
    after = head("GET", "/healthz", "connection: close\r\n")
    first = talk(port, head("POST", "/v1/classify", PLAIN + upgrade), hidden.ljust(784), after)
    chunked = head("POST", "/v1/classify", PLAIN + "transfer-encoding: chunked\r\n")
    body = b"310\r\n" + bytes(784) + b"\r\n0\r\norigin: http://evil.example\r\nhost: x\r\n\r\n"
    second = talk(port, chunked + body + after)
    endless = talk(port, chunked + body[:-2] + b"x: " + b"y" * 10_000_000)
    assert (first, second, endless) == ([200, 200], [200, 200], [431]), (first, second, endless)
    return "no body became a request, no trailer a header"


def trainings(port: int) -> str:
    """200 live trainings that are reset at once or after their first events."""
    request = head("POST", "/v1/train", "content-type: application/json\r\ncontent-length: 2\r\n")
    for k in range(200):
        with connect(port) as client:
            send(client, request + b"{}")
            if k % 2:
                client.recv(1000)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.02)
    return "200 resets"


def tokens(port: int) -> str:
    """An empty token, and an address for all machines without one: neither may start."""
    for options, given in (([], ""), (["--host", "0.0.0.0"], None)):
        environment = os.environ | ({} if given is None else {"LENET_TOKEN": given})
        done = subprocess.run([*SERVE, *options], env=environment, timeout=20, check=False)
        assert done.returncode == 2, (options, given)
    return "refused"


ATTACKS = {
    attack.__name__: attack
    for attack in (
        *(pipelined, unread, bodies, texts, images, documents),
        *(upgrades, trainings, tokens),
    )
}


def watch(process: int, port: int, highest: Any) -> None:
    """Keep the highest memory of a process and the longest time that /healthz took.

    In a process of its own, which the attackers' threads cannot delay.
    """
    while True:
        started = time.monotonic()
        try:
            with connect(port) as client:
                client.sendall(head("GET", "/healthz"))
                alive = b" 200 " in client.recv(1000)
        except OSError:
            alive = False
        highest[1] = max(highest[1], time.monotonic() - started if alive else float("inf"))
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        highest[0] = max(highest[0], pages * resource.getpagesize() / 1e6)
        time.sleep(0.2)


def is_ready(port: int) -> bool:
    """Whether it becomes ready, and then reads."""
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if requests.get(f"{address}/readyz", timeout=60).status_code == 200:
            answer = requests.post(f"{address}/v1/read", PHOTO, timeout=60).json()
            return bool(answer.get("files") and answer["files"][0]["text"] == "3")
        time.sleep(0.1)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ATTACKS))
    names = parser.parse_args().names or list(ATTACKS)
    missed = 0

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))

    command = [*SERVE, "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=limit) as service:
        assert service.stderr is not None
        port = int(service.stderr.readline().split()[2].rstrip("/;").rpartition(":")[2])
        threading.Thread(target=service.stderr.read, daemon=True).start()
        try:
            assert is_ready(port)
            highest = multiprocessing.Array("d", 2)
            arguments = (service.pid, port, highest)
            multiprocessing.Process(target=watch, args=arguments, daemon=True).start()
            for name in names:
                highest[:] = [0.0, 0.0]
                told = ATTACKS[name](port)
                time.sleep(0.5)  # for the watch
                ready = is_ready(port)
                memory, seconds = highest
                ok = ready and memory <= MAX_MEMORY and seconds <= MAX_SECONDS
                missed += not ok
                print(
                    f"{name:<10} {memory:>4.0f} MB, /healthz {seconds:.2f} s, "
                    f"{'ready' if ready else 'NOT READY'}{'' if ok else '  MISSED'}   {told}",
                    flush=True,
                )
        finally:
            service.terminate()
            service.wait(60)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
