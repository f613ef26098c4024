"""What the tests of the service share: a server in a process of its own, and a photo."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

EXAMPLES = Path(__file__).parents[2] / "examples"
PHOTO = (EXAMPLES / "3-photo.jpg").read_bytes()
MAIN = "from lenet.cli import main; main()"


class Server:
    """A server process and where it listens."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address
        self.port = int(address.rstrip("/").rpartition(":")[2])

    def post(self, path: str, **request: object) -> requests.Response:
        return requests.post(self.address + path, timeout=60, **request)

    def get(self, path: str, **request: object) -> requests.Response:
        return requests.get(self.address + path, timeout=60, **request)

    def number(self, name: str) -> float:
        """A counter or gauge without labels, as /metrics tells it."""
        lines = self.get("metrics").text.splitlines()
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        return float(line.split()[1])

    def wait_until_ready(self) -> None:
        for _ in range(600):
            if self.get("readyz").status_code == 200:
                return
            time.sleep(0.1)
        raise AssertionError(self.get("readyz").text)


@contextmanager
def running(
    *arguments: str, before: str = "", ready: bool = True, **environment: str
) -> Iterator[Server]:
    """A ready server on a free port.

    before : Python that its process runs first, as to make its times shorter
    ready : whether to wait until it is
    """
    words = ["lenet", "serve", "--port", "0", *arguments]
    code = f"import sys; sys.argv = {words!r}\n{before}\n{MAIN}"
    command = [sys.executable, "-c", code]
    pipes = {"stderr": subprocess.PIPE, "text": True, "env": os.environ | environment}
    with subprocess.Popen(command, **pipes) as process:
        line = process.stderr.readline()
        try:
            assert line.startswith("serving on http://127.0.0.1:"), line
            server = Server(process, line.split()[2].rstrip(";"))
            if ready:
                server.wait_until_ready()
            yield server
        finally:
            process.terminate()
            process.wait(30)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that takes a moment, half a minute at most."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")
