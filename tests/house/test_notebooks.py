"""Notebooks are what their sources say, in both languages, and their code runs; the glossary."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"
LARGEST = 400_000  # bytes of one notebook with its pictures

sys.path.insert(0, str(NOTEBOOKS))
from write_notebooks import LANGUAGES, SOURCES, notebook_of, path_of, run  # noqa: E402

each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)


@each_source
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notebook_is_its_source(source, language):
    """Written by docs/notebooks/write_notebooks.py from the source as it is now."""
    path = path_of(source, language)
    stored, expected = nbformat.read(path, 4), notebook_of(source, language)
    cells = [cell.source for cell in expected.cells]
    assert [cell.source for cell in stored.cells] == cells, "run docs/notebooks/write_notebooks.py"
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    printed = [shown for cell in code for shown in cell.outputs]
    assert (
        any("image/png" in shown.get("data", {}) for shown in printed) or "exercises" in path.name
    )
    assert not [shown for shown in printed if shown.get("name") == "stderr"]
    assert "/home/" not in str(printed)
    assert path.stat().st_size < LARGEST


@each_source
def test_both_languages_give_the_same_numbers(source):
    english, korean = (
        [cell.source for cell in notebook_of(source, language).cells] for language in LANGUAGES
    )
    for ours, theirs in zip(english, korean, strict=True):
        assert theirs == ours or re.search("[가-힣]", theirs), ours
        assert set(re.findall(r"\d[\d.,]*\d|\d\d", theirs)) == set(
            re.findall(r"\d[\d.,]*\d|\d\d", ours)
        )


@each_source
@pytest.mark.parametrize("language", LANGUAGES)
def test_links_lead_somewhere(source, language):
    text = "\n".join(
        cell.source for cell in notebook_of(source, language).cells if cell.cell_type == "markdown"
    )
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (NOTEBOOKS / target).exists(), target


def test_the_glossary_has_the_same_terms_in_both_languages():
    def terms(name: str) -> list[list[str]]:
        text = (NOTEBOOKS.parent / name).read_text(encoding="utf-8")
        rows = re.findall(r"^\| (.+?) \| (.+?) \| .+ \|$", text, re.M)
        return [list(row) for row in rows if row[0] not in ("term", "용어")]

    english, korean = terms("glossary.md"), terms("glossary.ko.md")
    assert len(english) > 50
    assert english == [row[::-1] for row in korean]


@pytest.mark.slow
@pytest.mark.subprocess
@each_source
def test_its_code_runs(source):
    """Offline, in a kernel of its own; an error in a cell fails."""
    pytest.importorskip("ipykernel")
    for needed in ("torch", "sklearn", "matplotlib", "pandas"):
        pytest.importorskip(needed)
    run(notebook_of(source, "en"))
