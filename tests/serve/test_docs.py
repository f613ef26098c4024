"""What docs/service.md shows is what happens."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lenet.serve.errors import CODES, STATUS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
EXAMPLES = [
    found
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.S)
    for found in re.findall(r"^\$ (.*)\n((?:(?!\$).*\n)*)", block, re.M)
]


def masked(text: str) -> str:
    """Confidences may differ in the last digits between machines."""
    return re.sub(r"\d\.\d+(e-\d+)?", "#", text.strip())


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[line for line, _ in EXAMPLES])
def test_examples(server, command, shown):
    command = command.replace("localhost:8000", f"localhost:{server.port}")
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert masked(done.stdout) == masked(shown)


def test_there_are_examples_and_every_refusal_is_told():
    assert len(EXAMPLES) >= 7
    for status, code in (*CODES.items(), *STATUS.values()):
        assert re.search(rf"^\| [\d, ]*{status}.*`{code}`", PAGE, re.M), (status, code)
