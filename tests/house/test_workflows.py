"""The workflows are sound, and speak of the same systems and Pythons as the package."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
CHECKS = [("actionlint", "-color=false"), ("zizmor", "--offline", "--quiet", ".github")]


def program(name: str) -> str:
    """Its path, beside this Python or anywhere; the test is skipped where it is not installed."""
    found = shutil.which(name, path=Path(sys.executable).parent) or shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} here: make workflows")
    return found


@pytest.mark.subprocess
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check[0])
def test_workflows_are_sound(check):
    name, *options = check
    files = WORKFLOWS if name == "actionlint" else []
    command = [program(name), *options, *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_rights_are_few(path):
    text = path.read_text(encoding="utf-8")
    for action in re.findall(r"uses: (.*)", text):
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action
    assert "\npermissions:\n  contents: read\n" in text
    assert text.count("timeout-minutes") == text.count("runs-on")


def test_every_python_of_the_package_is_tested_and_built():
    about = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pythons = re.findall(r"Python :: (3\.\d+)\"", about)
    built = [f"3.{minor}" for minor in re.findall(r"cp3(\d+)-\*", about)]
    text = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    tested = re.findall(r"3\.\d+", re.search(r"python: \[(.*)\]", text)[1])
    assert pythons == built == tested


def test_versions_of_tools_are_named_once_each():
    texts = [path.read_text(encoding="utf-8") for path in WORKFLOWS]
    for tool in ("uv", "cibuildwheel"):
        found = {pin for text in texts for pin in re.findall(rf"{tool}==([\d.]+)", text)}
        assert len(found) == 1, tool


@pytest.mark.parametrize("path", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*-*.yml")))
def test_issue_forms_ask_for_the_version(path):
    yaml = pytest.importorskip("yaml")
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    fields = {field.get("id") for field in form["body"]}
    assert "version" in fields
