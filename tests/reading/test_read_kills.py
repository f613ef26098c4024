"""Six SIGKILLs; `python benchmarks/read_kills.py` sends a hundred."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "read_kills.py"


@pytest.mark.slow
@pytest.mark.subprocess
def test_each_image_is_answered_once_whenever_a_run_is_killed():
    pytest.importorskip("pyarrow")
    command = [sys.executable, SCRIPT, "--random", "3", "--aimed", "3"]
    command += ["--images", "60", "--kept", "2000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 kills" in done.stdout
