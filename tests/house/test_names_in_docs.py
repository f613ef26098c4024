"""Files, commands, options, recipes and experiments that the docs name are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from test_arrows import FLOW

from lenet.cli.app import app
from lenet.experiments.runner import EXPERIMENTS
from lenet.training.recipes import RECIPES

ROOT = Path(__file__).parents[2]
GENERATED = {"results.md"}
HISTORY = {"log.md"}  # names of its day
PAGES = [ROOT / name for name in ("README.md", "README.ko.md", "CONTRIBUTING.md")]
PAGES += sorted(set((ROOT / "docs").glob("*.md")) - {ROOT / "docs" / name for name in GENERATED})
CURRENT = [page for page in PAGES if page.name not in HISTORY]
SUFFIXES = "py|hpp|cpp|sh|md|png|toml"
MADE_BY_USERS = {"learning-curve.png", "a.png"}
LENET = typer.main.get_command(app)


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code_of(page: Path) -> list[str]:
    """Code spans, and lines of code blocks up to a comment."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    return spans + [line.split("  #")[0] for block in blocks for line in block.splitlines()]


def command_lines(page: Path) -> list[list[str]]:
    """The words after each `lenet` of the page's code."""
    found = []
    for code in code_of(page):
        for call in re.findall(r"(?:^|\$ |-m )lenet ((?:[a-z]+|-[\w-]+)(?: [^|&]*)?)", code):
            found.append(call.split())
    return found


@pytest.mark.parametrize("page", CURRENT, ids=named)
def test_named_files_are_there(page):
    files = {path.name for room in ("src", "tests", "benchmarks", "examples", "docs")
             for path in (ROOT / room).rglob("*")}  # fmt: skip
    for code in code_of(page):
        for name in re.findall(rf"(?<![\w/.*:…])[\w/.-]+\.(?:{SUFFIXES})\b", code):
            if "/" not in name or name.startswith("figures/"):
                there = Path(name).name in files | MADE_BY_USERS or (ROOT / name).exists()
            else:
                homes = (ROOT, ROOT / "src", ROOT / "src/lenet", ROOT / "docs", ROOT / "tests")
                there = any((home / name).exists() for home in homes)
            assert there, f"{page.name} names {name}"


@pytest.mark.parametrize("page", CURRENT, ids=named)
def test_named_commands_and_options_are_there(page):
    for words in command_lines(page):
        command = LENET
        while words and hasattr(command, "get_command") and command.get_command(None, words[0]):
            command = command.get_command(None, words.pop(0))
        assert command is not LENET or words[0].startswith("-"), (page.name, words)
        known = {option for parameter in command.params for option in parameter.opts}
        known |= {"--help", "--install-completion"}
        options = [word.rstrip(",.;)") for word in words if word.startswith("--")]
        assert set(options) <= known, (page.name, command.name, options)


@pytest.mark.parametrize("page", CURRENT, ids=named)
def test_named_recipes_and_experiments_are_there(page):
    known = {experiment.name for experiment in EXPERIMENTS} | {"all", "EXPERIMENT...|all"}
    for words in command_lines(page):
        if words[0] == "train" and "--recipe" in words:
            recipe = words[words.index("--recipe") + 1]
            assert recipe in {*RECIPES, "lines", "signs"} or "." in recipe, (page.name, recipe)
        if words[0] == "reproduce":
            assert words[1:2] == [] or words[1].startswith("-") or words[1] in known, page.name


def test_the_plan_is_the_house():
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = re.search(r"^src/lenet/\n(.*?)^```", plan, re.M | re.S)[1]
    line = r"^[├└]── (\w+)/ +[A-Z][^a-z]*(?: \(Ray\))? {2,}(.*)$"
    for room, parts in re.findall(line, tree, re.M):
        for part in parts.split(" · "):
            home = ROOT / "src/lenet" / room / part
            assert " " in part or home.exists() or home.with_suffix(".py").exists(), home
    rows = dict(re.findall(r"^\| (\w+) \| ([\w, –]+) \|$", plan, re.M))
    rooms = {room: {*names.split(", ")} - {"–"} for room, names in rows.items() if room in FLOW}
    assert rooms == FLOW | {"cli": {"every room"}}


def test_a_photo_becomes_text_in_few_files():
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = re.findall(r"^\| \d+ \| `([\w/]+\.py)` \|", plan, re.M)
    assert 0 < len(files) <= 14
    assert all((ROOT / "src/lenet" / name).exists() for name in files)
