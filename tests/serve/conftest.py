"""A running `lenet serve`, asked over a socket as anyone would."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """The address of a server started with these arguments on a free port."""
    command = [sys.executable, "-m", "lenet", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        line = server.stderr.readline()
        try:
            assert line.startswith("serving on http://127.0.0.1:"), line
            yield line.split()[2].rstrip(";")
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server without MNIST, so that it trains on the embedded digits."""
    with serving("--data-dir", "/nonexistent") as at:
        yield at
