"""Without a connection: drawings are read, and every other part says in words what it lacks."""

from __future__ import annotations

import json

import pytest
from page_cases import ROOT
from playwright.sync_api import expect

from lenet.web.assemble import EMBEDDED

IN_VIEW = "document.getElementById('gallery').scrollIntoView()"
GALLERY = "**/networks/gallery.js"


@pytest.fixture
def page_without(browser, served):
    """A page without a connection; not by `visit`, because browsers log failed requests."""
    with browser.new_context(viewport={"width": 1280, "height": 600}) as context:
        page, errors = context.new_page(), []
        page.on("pageerror", lambda error: errors.append(error))

        def call(language: str):
            context.route(GALLERY, lambda route: route.abort())  # it comes before one can look
            page.goto(f"{served}?lang={language}")
            page.wait_for_selector("#about-network:not(.rounded)")
            context.set_offline(True)
            return page

        yield call
        assert errors == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_part_says_what_it_lacks(language, page_without):
    page = page_without(language)
    texts = json.loads((EMBEDDED / f"{language}.json").read_text(encoding="utf-8"))
    status = page.locator("#status")
    page.click("article[data-network='modern'] button")
    expect(status).to_have_text(texts["networkFailed"])
    page.click("#scenes-open")
    expect(status).to_have_text(texts["scenesFailed"])
    page.set_input_files("#file", ROOT / "examples/3-photo.jpg")
    expect(status).to_have_text(texts["serverAway"])
    page.click("#start")
    expect(page.locator("#training-status")).to_have_text(texts["serverAway"])
    page.evaluate(IN_VIEW)
    expect(page.locator("#gallery-source")).to_have_text(texts["galleryFailed"])
    page.click("#examples button:nth-child(4)")
    expect(page.locator("#answer .digit")).to_have_text("3")


def test_what_was_lacking_comes_with_the_connection(page_without):
    page = page_without("en")
    page.evaluate(IN_VIEW)
    expect(page.locator("#gallery-source")).to_contain_text("could not be loaded")
    page.context.unroute(GALLERY)
    page.context.set_offline(False)
    expect(page.locator("#gallery-kinds button").first).to_be_visible()
    page.click("article[data-network='modern'] button")
    expect(page.locator("article[data-network='modern']")).to_have_class("card shown")
    page.click("#scenes-open")
    expect(page.locator("#scene")).to_be_visible()
