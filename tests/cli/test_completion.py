"""What the shell offers after `lenet ` and Tab, as `lenet --install-completion` sets it up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.subprocess

PROGRAM = f"""#!{sys.executable}
import sys
from lenet.cli import main
sys.argv[0] = "lenet"
main()
"""


@pytest.fixture
def environment(tmp_path):
    """An environment in which `lenet` is a command."""
    program = tmp_path / "lenet"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    return os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("exp", {"export"}),
        ("export ", {"onnx", "header", "page", "hub"}),
        ("read --la", {"--layout"}),
        ("read --layout ", {"auto", "digit", "line", "page", "grid"}),
    ],
)
def test_bash_offers(typed, offered, environment):
    """The script that is installed, run by bash itself on a line that was begun."""
    words = ["lenet", *typed.split(" ")]
    script = (
        'eval "$(_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION=1 lenet --show-completion bash)"\n'
        f"COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}\n"
        "_lenet_completion lenet\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == offered
    assert done.stderr == ""
