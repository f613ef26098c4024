"""Languages, the tour, accessibility, weight: the page as a whole."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from page_cases import DIGIT
from playwright.sync_api import expect

from lenet.web.assemble import STATIC, page_files

MOST_BYTES = 500_000
WORDS = """async () => {
  const { about } = await import("page/about.js");
  return [about.texts.en, about.texts.ko];
}"""


def test_both_languages_say_the_same_things(visit, exported):
    english, korean = visit(exported).evaluate(WORDS)
    assert list(english) == list(korean)
    for key, words in english.items():
        names = re.findall(r"\{(\w+)\}", words)
        assert set(re.findall(r"\{(\w+)\}", korean[key])) == set(names), key
    used = "".join(path.read_text(encoding="utf-8") for path in STATIC.iterdir())
    calls = r'(?:translate\("|data-i18n="|data-i18n-label="|setStatus\("|Refusal\(")(\w+)'
    known = set(re.findall(calls, used))
    assert known <= set(english)


def test_the_language_changes_all_of_the_page(visit, served):
    page = visit(served)
    page.click("#korean")
    assert page.evaluate("document.documentElement.lang") == "ko"
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


@pytest.mark.parametrize("where", ["served", "exported"])
def test_the_tour_goes_to_its_end(where, visit, request):
    page = visit(request.getfixturevalue(where))
    page.click("#tour-open")
    told = set()
    for step in range(1, 9):
        expect(page.locator("#tour-step")).to_have_text(f"{step} of 8")
        told.add(page.locator("#tour-text").inner_text())
        if step < 8:
            page.click("#tour-next")
    assert len(told) == 8
    # What the last step says: LeNet-5 bears what the fully connected network does not.
    expect(page.locator(DIGIT)).to_have_text("4")
    expect(page.locator("article[data-network='28x28-75-10'] .digit")).not_to_have_text("4")
    page.click("#tour-close")
    expect(page.locator("#tour")).to_be_hidden()


def test_the_tour_keeps_the_drawing_and_the_sliders(visit, served):
    page = visit(served)
    page.click("#examples button:nth-child(8)")
    page.locator("#right").fill("3")
    page.click("#tour-open")
    page.click("#tour-next")
    expect(page.locator(DIGIT)).to_have_text("7")
    page.click("#tour-close")
    expect(page.locator(DIGIT)).to_have_text("7")
    assert page.locator("#right").input_value() == "3"


def test_a_network_that_cannot_be_loaded_is_reported(visit, served):
    page = visit(served)
    page.route("**/networks/modern.js", lambda route: route.fulfill(status=200, body="0"))
    page.click("article[data-network='modern'] button")
    expect(page.locator("#status")).to_contain_text("modern could not be loaded")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (390, "ko")])
def test_axe_finds_nothing_serious(scheme, width, language, visit, served):
    page = visit(served, width=width, color_scheme=scheme, locale=language)
    page.click("#tour-open")
    page.click("#tour-next")
    page.locator("canvas[data-layer='C1']").focus()
    page.keyboard.press("ArrowUp")
    found = Axe().run(page).response["violations"]
    serious = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    assert serious == [], [(rule["id"], rule["nodes"][0]["html"]) for rule in serious]


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280, 1920])
def test_nothing_sticks_out_on_any_screen(width, visit, served):
    page = visit(served, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_with_its_weights_is_light():
    files = page_files(served=True)
    first = {name for name in files if not name.startswith("networks/")} | {"networks/1998.js"}
    assert sum(len(files[name]) for name in first) <= MOST_BYTES
    exported = page_files(served=False)
    assert len(exported["index.html"]) + len(exported["networks/1998.js"]) <= MOST_BYTES


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
