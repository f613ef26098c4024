"""Languages, accessibility, weight: the page as a whole."""

from __future__ import annotations

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from page_cases import ROOT
from playwright.sync_api import expect

from lenet.web.assemble import EMBEDDED, SCENES, STATIC, page_files

MOST_BYTES = 500_000  # before a scene is asked for
MOST_BYTES_OF_SCENES = 80_000  # more, with the first scene


def texts(language: str) -> dict[str, str]:
    files = EMBEDDED / f"{language}.json", EMBEDDED / "scenes" / f"{language}.json"
    first, scenes = (json.loads(path.read_text(encoding="utf-8")) for path in files)
    assert not set(first) & set(scenes)
    return first | scenes


def test_both_languages_say_the_same_things():
    english, korean = texts("en"), texts("ko")
    assert list(english) == list(korean)
    for key, words in english.items():
        names = re.findall(r"\{(\w+)\}", words)
        assert set(re.findall(r"\{(\w+)\}", korean[key])) == set(names), key
        figures = [re.findall(r"(?<![\w×])\d[\d.,]*\d", text) for text in (words, korean[key])]
        assert not key.startswith("say_") or sorted(figures[0]) == sorted(figures[1]), key
    used = "".join(path.read_text(encoding="utf-8") for path in STATIC.iterdir())
    calls = r'(?:translate\("|data-i18n="|data-i18n-label="|setStatus\("|Refusal\(")(\w+)'
    known = set(re.findall(calls, used))
    assert known <= set(english)


def test_the_language_changes_all_of_the_page(visit, served):
    page = visit(served)
    page.click("#korean")
    assert page.evaluate("document.documentElement.lang") == "ko"
    assert page.evaluate("location.hash").endswith("lang=ko")  # at once, as it may be reloaded
    expect(page.locator("h1")).to_have_text("LeNet-5, 한 층씩 들여다보기")
    for element in page.locator("[data-i18n]").all():
        text = element.inner_text()
        assert not text or re.search("[가-힣]", text), text
    page.reload()
    expect(page.locator("h1")).to_have_text("LeNet-5, 한 층씩 들여다보기")  # remembered
    page.click("#english")
    expect(page.locator("h1")).to_have_text("LeNet-5, layer by layer")


def test_the_theme_changes_and_is_remembered(visit, served):
    page = visit(served, color_scheme="dark")
    dark = "document.documentElement.classList.contains('dark')"
    assert page.evaluate(dark)
    page.click("#theme")
    assert not page.evaluate(dark)
    page.reload()
    assert not page.evaluate(dark)


def test_a_network_that_cannot_be_loaded_is_reported(visit, served):
    page = visit(served)
    page.route("**/networks/modern.js", lambda route: route.fulfill(status=200, body="0"))
    page.click("article[data-network='modern'] button")
    expect(page.locator("#status")).to_contain_text("network could not be loaded")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(scheme, language, width, visit, served):
    page = visit(served, width=width, color_scheme=scheme, locale=language)
    page.locator("canvas[data-layer='C1']").focus()
    page.keyboard.press("ArrowUp")
    page.set_input_files("#file", ROOT / "examples/3-photo.jpg")
    page.wait_for_selector("#photo-boxes button")
    found = Axe().run(page).response["violations"]
    serious = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    assert serious == [], [(rule["id"], rule["nodes"][0]["html"]) for rule in serious]


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280, 1920])
def test_nothing_sticks_out_on_any_screen(width, visit, served):
    page = visit(served, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_with_its_weights_is_light():
    files = page_files(served=True)
    linked = re.findall(r'(?:href|src)="([\w.-]+\.(?:css|js))"', files["index.html"].decode())
    first = {"index.html", "networks/1998.js", *linked}
    assert sum(len(files[name]) for name in first) <= MOST_BYTES
    scenes = {name for name in files if "networks/" not in name} - first | {SCENES}
    assert {"scenes.js", "scenes.css", "scene-parts.js"} < scenes
    assert sum(len(files[name]) for name in scenes) <= MOST_BYTES_OF_SCENES
    exported = page_files(served=False)
    assert len(exported["index.html"]) + len(exported["networks/1998.js"]) <= MOST_BYTES
    assert len(exported[SCENES]) + len(exported["scenes.css"]) <= MOST_BYTES_OF_SCENES


def test_the_first_paint_is_within_a_second(visit, served):
    page = visit(served)
    paints = "performance.getEntriesByType('paint').map(({ startTime }) => startTime)"
    assert 0 < max(page.evaluate(paints)) < 1_000


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_files_of_the_page_stay_readable(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 250
    assert "http://" not in "".join(lines)
    assert "https://" not in "".join(lines)
