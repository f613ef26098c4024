"""More than it can do: a bounded queue, timeouts, workers that die, and a gentle stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pytest
import requests
from serve_cases import PHOTO, running, until

from hostile_images import jpeg_of_scans
from isolation import run_apart
from lenet.network.weights import load_weights, save_weights
from lenet.serve import worker_pool
from lenet.serve.config import ServiceConfig
from lenet.serve.worker_pool import WorkerPool

pytestmark = pytest.mark.subprocess

LONG = [("image", (f"{k}.jpg", PHOTO)) for k in range(60)]  # about a second of one worker


# Many seconds of one worker on any machine.
WITHOUT_END = jpeg_of_scans(3500, 40_000)


def worker_of(server) -> int:
    """The process id of the server's one worker."""
    for children in Path(f"/proc/{server.process.pid}/task").glob("*/children"):
        for child in children.read_text().split():
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    raise AssertionError("no worker")


def is_gone(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or ") Z " in status.read_text()


def test_a_full_queue_refuses_at_once_and_everything_else_is_answered():
    with running("--workers", "1", "--queue-size", "3", "--timeout", "120") as server:
        with ThreadPoolExecutor(4) as clients:
            held = [clients.submit(server.post, "v1/read", files=LONG) for _ in range(4)]
            until(lambda: server.number("lenet_queued") == 3)
            started = time.monotonic()
            refused = server.post("v1/read", data=PHOTO)
            assert time.monotonic() - started < 1
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "1"
            assert refused.json()["error"]["code"] == "busy"
            assert server.post("v1/train", json=[]).status_code == 422  # others are not held up
            answers = [one.result() for one in held]
        for answer in answers:
            assert [row["text"] for row in answer.json()["files"]] == ["3"] * len(LONG)
        assert server.number("lenet_body_bytes") == 0


def test_timeouts_hold_while_waiting_and_while_working():
    with running("--workers", "1", "--timeout", "2") as server:
        with ThreadPoolExecutor(2) as clients:
            working = clients.submit(server.post, "v1/read", data=WITHOUT_END)
            until(lambda: server.number("lenet_queued") == 0)
            time.sleep(0.1)
            behind = server.post("v1/read", data=PHOTO)
        assert working.result().status_code == 504
        assert working.result().json()["error"]["code"] == "timeout"
        assert behind.status_code in (200, 503, 504)
        until(lambda: server.number("lenet_worker_failures_total") >= 1)
        server.wait_until_ready()  # the worker that took too long was replaced


def test_a_worker_that_dies_is_replaced_and_its_client_told():
    with running("--workers", "1", "--timeout", "60") as server:
        with ThreadPoolExecutor(1) as clients:
            lost = clients.submit(server.post, "v1/read", files=LONG)
            time.sleep(0.3)
            os.kill(worker_of(server), signal.SIGKILL)
            assert lost.result().status_code == 500
            assert "died" in lost.result().json()["error"]["message"]
        until(lambda: server.number("lenet_worker_failures_total") == 1)
        server.wait_until_ready()
        (row,) = server.post("v1/read", data=PHOTO).json()["files"]
        assert row["text"] == "3"


def test_workers_end_with_a_service_that_is_killed():
    with running("--workers", "1") as server:
        worker = worker_of(server)
        server.process.kill()
        server.process.wait()
        until(lambda: is_gone(worker))


def test_a_stop_loses_nothing_that_was_accepted():
    """One working, three waiting, and the worker signalled as well, as systemd and Ctrl-C do."""
    with running("--workers", "1", "--shutdown-timeout", "60", "--timeout", "60") as server:
        with ThreadPoolExecutor(4) as clients:
            held = [clients.submit(server.post, "v1/read", files=LONG) for _ in range(4)]
            until(lambda: server.number("lenet_queued") == 3)
            os.kill(worker_of(server), signal.SIGTERM)
            server.process.terminate()
            answers = [one.result() for one in held]
        assert [answer.status_code for answer in answers] == [200] * 4
        assert answers[0].headers["connection"] == "close"
        assert server.process.wait(30) == 0
        assert [json.loads(line) for line in server.process.stderr] == []


def test_a_stop_in_mid_load_loses_no_request_on_an_open_connection():
    """Eight clients ask without a pause; each gets whole answers until one says it is the last."""

    def ask_until_told_to_stop(server) -> int:
        with requests.Session() as session:
            for count in range(1, 100_000):
                answer = session.post(
                    f"{server.address}v1/classify",
                    data=bytes(784),
                    headers={"content-type": "application/octet-stream"},
                    timeout=30,
                )
                assert answer.status_code == 200
                assert len(answer.json()["values"]) == 1
                if answer.headers.get("connection") == "close":
                    return count
        raise AssertionError("it never stopped")

    with running("--workers", "1") as server:
        with ThreadPoolExecutor(8) as clients:
            asking = [clients.submit(ask_until_told_to_stop, server) for _ in range(8)]
            time.sleep(1)
            server.process.terminate()
            counts = [one.result() for one in asking]
        assert min(counts) > 1
        assert server.process.wait(30) == 0


def test_a_request_that_is_on_its_way_when_the_service_stops_is_answered():
    """Sent on an open connection once the door is seen closed: uvicorn alone would lose it."""
    last_call = "import lenet.serve.server as s; s.LAST_REQUEST_SECONDS = 20.0"
    with running("--workers", "1", "--shutdown-timeout", "60", before=last_call) as server:
        client = HTTPConnection("127.0.0.1", server.port, timeout=30)
        client.request("GET", "/healthz")
        assert client.getresponse().read() == b'{"status":"ok"}'
        server.process.terminate()
        until(lambda: is_closed(server.port))
        client.auto_open = 0  # on this connection or not at all
        client.request("POST", "/v1/read", PHOTO)
        answer = client.getresponse()
        assert answer.status == 200
        assert answer.headers["connection"] == "close"
        assert json.load(answer)["files"][0]["text"] == "3"
        assert server.process.wait(30) == 0


def is_closed(port: int) -> bool:
    """Whether no new connection is accepted."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


def test_while_it_drains_it_is_not_ready_but_answers():
    with running("--workers", "1", "--drain", "3") as server:
        server.process.terminate()
        until(lambda: server.get("readyz").status_code == 503)
        assert "stopping" in server.get("readyz").json()["error"]["message"]
        assert server.get("healthz").status_code == 200
        assert server.post("v1/read", data=PHOTO).status_code == 200
        assert server.process.wait(30) == 0


def test_a_stop_does_not_wait_for_what_takes_too_long():
    arguments = ("--workers", "1", "--shutdown-timeout", "1", "--timeout", "600")
    with running(*arguments) as server, ThreadPoolExecutor(3) as clients:
        held = [clients.submit(server.post, "v1/read", data=WITHOUT_END) for _ in range(3)]
        until(lambda: server.number("lenet_queued") == 2)
        server.process.terminate()
        assert server.process.wait(15) == 0
        for one in held:
            with contextlib.suppress(requests.ConnectionError):
                assert one.result().status_code in (500, 503)


def test_weights_that_misread_the_known_digit_are_never_ready(tmp_path):
    """An untrained network: the service is alive, says why it is not ready, and reads nothing."""
    weights = load_weights("1998")
    tensors = weights.tensors | {"f6.weight": np.zeros_like(weights.tensors["f6.weight"])}
    save_weights(tmp_path, tensors, weights.card)
    arguments = ("--workers", "1", "--weights", str(tmp_path))
    with running(*arguments, ready=False) as server:
        until(lambda: "known digit 3 was read as" in server.get("readyz").text)
        assert server.get("readyz").status_code == 503
        assert server.get("healthz").status_code == 200


class Echo:
    """A worker that answers at once."""

    def __init__(self, weights: str | None) -> None:
        pass

    def wait_until_ready(self) -> None:
        pass

    def run(self, call: tuple[str, tuple[object, ...]], seconds: float) -> bytes:
        return b"{}"

    def check_alive(self) -> None:
        pass

    kill = end = check_alive


def test_workers_do_not_idle_while_the_event_loop_is_busy(monkeypatch):
    """Clients that repeat what was refused fill every turn of the loop; a worker needs none."""
    monkeypatch.setattr(worker_pool, "WorkerProcess", Echo)

    async def turns_for_all(count: int) -> int:
        pool = WorkerPool(ServiceConfig(workers=1, queue_size=count), print)
        pool.start()
        asked = [asyncio.create_task(pool.ask("read", k)) for k in range(count)]
        turns = 0
        while not all(task.done() for task in asked):
            await asyncio.sleep(0)
            time.sleep(0.01)  # the refusals of one turn
            turns += 1
        await pool.stop()
        return turns

    assert run_apart(turns_for_all(50)) < 50
