"""`lenet serve` as a person starts it."""

from __future__ import annotations

import socket
import subprocess
import sys


def test_a_port_that_is_taken_is_said(run_lenet):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        done = run_lenet("serve", "--port", port)
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr


def test_without_its_libraries_it_says_what_to_install():
    code = """
import sys
sys.modules["starlette"] = None
sys.argv = ["lenet", "serve"]
from lenet.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'lenet[serve]'" in done.stderr


def test_weights_that_are_not_there_are_said(run_lenet):
    done = run_lenet("serve", "--weights", "nowhere")
    assert done.returncode == 3
    assert "no such weights" in done.stderr
