"""Tests that stand apart: an own event loop, an import as in a new process, an own Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

Answer = TypeVar("Answer")


def run_apart(work: Coroutine[None, None, Answer]) -> Answer:
    """asyncio.run in a thread of its own: the page's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


def heed_interrupts() -> None:
    """As preexec_fn, lets Ctrl-C reach the child in the background, too: shells ignore it there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def forget_modules(monkeypatch: pytest.MonkeyPatch, *prefixes: str) -> None:
    """Let these modules be imported anew; the test's end restores them.

    An import also binds the module in its package. Unless that is restored too, later tests
    patch the module of this one, and what they test does not see it.
    """
    for name in [name for name in sys.modules if name.startswith(prefixes)]:
        package, _, attribute = name.rpartition(".")
        bound = vars(sys.modules.get(package, pytest)).get(attribute)
        if bound is sys.modules[name]:
            monkeypatch.setattr(sys.modules[package], attribute, bound)
    for name in [name for name in sys.modules if name.startswith(prefixes)]:
        monkeypatch.delitem(sys.modules, name)
