"""A few seconds of random calls. In a process of its own: what it looks for may end the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from engine_cases import BUILT

pytestmark = [BUILT, pytest.mark.fuzz]


def test_random_calls_are_answered_or_refused():
    script = Path(__file__).with_name("fuzz_binding.py")
    done = subprocess.run(
        [sys.executable, script, "3"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "answered" in done.stdout
