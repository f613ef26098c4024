"""A running `lenet serve`, asked over a socket as anyone would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from serve_cases import Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server as it comes, but without MNIST, so that it trains on the embedded digits."""
    with running("--data-dir", "/nonexistent", "--workers", "1") as one:
        yield one


@pytest.fixture(scope="session")
def address(server) -> str:
    return server.address
