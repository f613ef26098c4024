"""Three hundred hostile bodies; `python benchmarks/service_fuzz.py` sends ten thousand and more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.fuzz

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
def test_random_bodies_are_answered_or_refused():
    command = [sys.executable, BENCHMARKS / "service_fuzz.py", "--bodies", "300", "--examples", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "300 random bodies" in done.stdout
    assert "200:" in done.stdout
    assert "422:" in done.stdout


@pytest.mark.slow
def test_attacks_leave_a_service_that_reads():
    """Not all of them, and without the bar on seconds: it depends on the machine's load."""
    command = [sys.executable, BENCHMARKS / "service_attack.py", "texts", "upgrades", "tokens"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.count(", ready") == 3, done.stdout + done.stderr
