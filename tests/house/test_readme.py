"""What README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.ko.md")


def blocks(page: str, kind: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.S)


@pytest.mark.parametrize("page", PAGES)
def test_python_gives_what_its_comments_say(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    names: dict = {}
    checked = 0
    for block in blocks(page, "python"):
        for line in block.splitlines():
            code, _, comment = line.partition("  #")
            try:
                value = eval(code, names)
            except SyntaxError:
                exec(code, names)
                continue
            assert repr(value) == comment.strip(), line
            checked += 1
    assert checked >= 4


@pytest.mark.parametrize("page", PAGES)
def test_commands_print_what_is_shown(page, run_lenet):
    """Confidences may differ in the last digit between machines, so digits before % are masked."""

    def masked(text: str) -> str:
        text = re.sub(r"^engine: .*$", "engine: this machine's", text.strip(), flags=re.M)
        return re.sub(r"[\d.]+ %", "# %", text)

    checked = 0
    for block in blocks(page, "console"):
        for command, shown in re.findall(r"^\$ lenet (.*)\n((?:(?!\$).*\n)*)", block, re.M):
            if shown.strip():
                assert masked(run_lenet(*command.split(), cwd=ROOT).stdout) == masked(shown)
                checked += 1
    assert checked == 2


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_are_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize(("weights", "bar"), [("1998", 0.0095), ("modern", 0.0045)])
@pytest.mark.parametrize("page", PAGES)
def test_the_shipped_figures(page, weights, bar, run_lenet, lenet_data):
    """The bar of 1998 is what the paper states; that of modern, what its card does."""
    import json

    document = json.loads(run_lenet("evaluate", "--weights", weights, "--json").stdout)
    low, high = document["interval_95"]
    text = (ROOT / page).read_text(encoding="utf-8")
    assert document["n"] == 10_000
    assert f"{document['errors']} " in text
    assert f"{document['error_rate']:.2%}".replace("%", " %") in text
    assert f"{100 * low:.2f}–{100 * high:.2f}" in text
    assert document["error_rate"] <= bar
    assert document["calibration_error"] <= 0.01


def test_make_help_lists_every_command():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split())
    assert targets == set(re.findall(r"^([a-z]+):.*## ", text, re.M))


@pytest.mark.parametrize("page", PAGES)
def test_the_claims_rerun_are_those_of_the_results(page):
    import json

    from lenet.experiments.page import ours

    text = (ROOT / page).read_text(encoding="utf-8")
    for claim, row in (
        ("lenet-5", "test, after the last pass"),
        ("training-size", "test, 15,000 digits learnt"),
        ("training-size", "test, 30,000 digits learnt"),
        ("distortions", "test, after the last pass"),
        ("why-convolution", "28×28-75-10"),
        ("why-convolution", "LeNet-5, unshared"),
        ("why-convolution", "LeNet-5, not sub-sampled"),
    ):
        document = json.loads((ROOT / f"docs/results/{claim}.json").read_text(encoding="utf-8"))
        (found,) = [line for line in document["rows"] if line["what"] == row]
        assert f"| {ours(found)} |" in text, row
    for claim, row in (
        ("ladder", "modern, all 60,000 digits learnt: test"),
        ("corruptions", "mean of fifteen corruptions, LeNet-5, modern recipe"),
        ("corruptions", "mean of fifteen corruptions, LeNet-5 as published"),
    ):
        document = json.loads((ROOT / f"docs/results/{claim}.json").read_text(encoding="utf-8"))
        (found,) = [line for line in document["rows"] if line["what"] == row]
        assert ours(found).removesuffix(" (5 seeds)") in text, row
