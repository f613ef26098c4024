"""A Korean page has the structure, code and figures of its English twin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(ROOT.glob("*.ko.md")) + sorted((ROOT / "docs").glob("*.ko.md"))
BLOCK = re.compile(r"^```.*?^```$|(?<=\n\n)(?: {4}[^\n]*\n)+", re.M | re.S)
COMMENT = re.compile(r"\s*(?:#|//)\s.*")
HEADING = re.compile(r"^(#+) .*$", re.M)
FIGURE = re.compile(r"\d+(?:,\d+)*\.\d+|\d+(?:,\d+)+|\d\d+|\d(?= %)")  # others may be words
MILLIONS = re.compile(r"[\d.,]+ (?:million|megapixels)\b")
PICTURE = re.compile(r"!\[[^]]*\]\(([^)]+)\)")


def prose(text: str) -> str:
    return BLOCK.sub("", text)


def sections(text: str) -> list[str]:
    """From the page's head to its end, without code blocks and tables."""
    paragraphs = re.sub(r"^\|.*\n", "", prose(text), flags=re.M)
    return HEADING.sub("\0", paragraphs).split("\0")


@pytest.fixture(params=PAGES, ids=[page.name for page in PAGES])
def pair(request) -> tuple[str, str]:
    """The texts in English and in Korean."""
    page = request.param
    english = page.with_name(page.name.replace(".ko.md", ".md"))
    return english.read_text(encoding="utf-8"), page.read_text(encoding="utf-8")


def test_the_headings_have_the_same_levels(pair):
    english, korean = (HEADING.findall(prose(text)) for text in pair)
    assert korean == english


def test_the_code_is_the_same_but_for_its_comments(pair):
    def code(text: str) -> list[list[str]]:
        blocks = [block.splitlines() for block in BLOCK.findall(text)]
        return [[COMMENT.sub("", line) for line in block] for block in blocks]

    english, korean = map(code, pair)
    assert korean == english


def test_the_tables_have_the_same_numbers_in_each_row(pair):
    def rows(text: str) -> list[list[str]]:
        lines = re.findall(r"^\|.*$", prose(text), re.M)
        return [[str(line.count(" |")), *sorted(FIGURE.findall(line))] for line in lines]

    english, korean = map(rows, pair)
    assert korean == english


def test_the_figures_of_each_section_are_in_its_twin(pair):
    english, korean = map(sections, pair)
    for ours, theirs in zip(english, korean, strict=True):
        figures = {*FIGURE.findall(MILLIONS.sub("", ours))}
        assert figures <= {*FIGURE.findall(theirs)}, theirs


def test_the_pictures_are_the_same(pair):
    english, korean = map(PICTURE.findall, pair)
    assert korean == english
