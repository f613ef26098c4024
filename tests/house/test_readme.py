"""What README shows is what happens."""

from __future__ import annotations

import csv
import json
import re
import runpy
from pathlib import Path

import pytest

from lenet.experiments.corruptions import SEEN
from lenet.experiments.page import ours
from lenet.network.architecture import TABLE_I

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
def test_a_photo_of_a_sheet_becomes_the_table_shown(page, tmp_path, monkeypatch, run_lenet):
    """Which is what the script that drew the photo wrote into it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    example = r"^\$ lenet (read \S+ --out (\S+))\n\$ cat \2\n((?:\".*\n)+)"
    ((command, table, shown),) = re.findall(example, text, re.M)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    done = run_lenet(*command.split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / table).read_text(encoding="utf-8") == shown
    monkeypatch.syspath_prepend(ROOT / "examples")
    written = runpy.run_path(str(ROOT / "examples" / "draw_score_sheet.py"))["SCORES"]
    assert list(csv.reader(shown.splitlines())) == [list(row) for row in written]


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_are_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"(?:\]\(|src=\")(?!http)([^)#\"]+)[)\"]", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize(("weights", "bar"), [("1998", 0.0095), ("modern", 0.0045)])
@pytest.mark.parametrize("page", PAGES)
def test_the_shipped_figures(page, weights, bar, run_lenet, lenet_data):
    """The bar of 1998 is what the paper states; that of modern, what its card does."""
    document = json.loads(run_lenet("evaluate", "--weights", weights, "--json").stdout)
    low, high = document["interval_95"]
    text = (ROOT / page).read_text(encoding="utf-8")
    assert document["n"] == 10_000
    assert re.search(rf"(?<!\d){document['errors']}(?!\d)", text)
    assert f"{document['error_rate']:.2%}".replace("%", " %") in text
    assert f"{100 * low:.2f}–{100 * high:.2f}" in text
    assert document["error_rate"] <= bar
    assert document["calibration_error"] <= 0.01


def test_make_help_lists_every_command():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split())
    assert targets == set(re.findall(r"^([a-z]+):.*## ", text, re.M))


def results(experiment: str) -> dict:
    return json.loads((ROOT / f"docs/results/{experiment}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("experiment", "row"),
    [
        ("lenet-5", "test, after the last pass"),
        ("training-size", "test, 15,000 digits learnt"),
        ("training-size", "test, 30,000 digits learnt"),
        ("distortions", "test, after the last pass"),
        ("why-convolution", "LeNet-5"),
        ("why-convolution", "28×28-75-10"),
        ("why-convolution", "LeNet-5, not sub-sampled"),
    ],
)
def test_the_rerun_figures_are_those_of_the_results(page, experiment, row):
    text = (ROOT / page).read_text(encoding="utf-8")
    (found,) = [line for line in results(experiment)["rows"] if line["what"] == row]
    assert f"| {ours(found)} |" in text


@pytest.mark.parametrize("page", PAGES)
def test_two_seeds_are_two_values(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    unshared = results("why-convolution")["details"]["test"]["LeNet-5, unshared"]
    assert f"| {', '.join(f'{value:.2f}' for value in unshared)} (2 seeds) |" in text


@pytest.mark.parametrize("page", PAGES)
def test_todays_training(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for row in ("modern", "plain-distilled"):
        (found,) = [
            line
            for line in results("ablation")["rows"]
            if line["what"] == f"{row}, all 60,000 digits learnt: test"
        ]
        assert ours(found).removesuffix(" (5 seeds)") in text


@pytest.mark.parametrize("page", PAGES)
def test_corruptions_with_and_without_those_seen_in_training(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    (table,) = results("corruptions")["tables"]
    lines = [line for line in table["lines"] if line[0] != "none" and "mean" not in line[0]]
    unseen = [line for line in lines if line[0] not in SEEN]
    assert (len(lines), len(unseen)) == (15, 12)
    for kinds in (lines, unseen):
        published, modern = (sum(line[k] for line in kinds) / len(kinds) for k in (1, 2))
        assert re.search(rf"\| {modern:.2f} % \(`1998`: {published:.2f} %\) \|", text)


@pytest.mark.parametrize("page", PAGES)
def test_table_i_is_the_networks(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    rows = re.findall(r"^S2 \S+ (\d)((?: +[X·]){16})$", text, re.M)
    shown = [
        (int(s2), c3) for s2, marks in rows for c3, mark in enumerate(marks.split()) if mark == "X"
    ]
    assert len(rows) == 6
    assert sorted(shown) == sorted((s2, c3) for c3, inputs in enumerate(TABLE_I) for s2 in inputs)


def test_the_arithmetic_of_the_layers():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    sums = re.findall(r"([\d(][\d,×+() ]*[×+][\d,×+() ]*) = ([\d,]+)", text)
    assert len(sums) >= 8
    for formula, total in sums:
        plain = formula.replace(",", "").replace("×", "*").strip()
        assert eval(plain) == int(total.replace(",", "")), formula
