"""The documentation site builds strictly, and opens from the disk without asking any other host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

import lenet

for name in ("material", "mkdocs_static_i18n", "mkdocstrings"):
    pytest.importorskip(name, reason="the extra docs is not here: make docs")
pytestmark = [pytest.mark.slow, pytest.mark.subprocess]

ROOT = Path(__file__).parents[2]
MISSING = "sitemap.xml"  # the theme looks for it; pages from the disk may not


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", folder]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_there_in_both_languages(site):
    pages = {path.stem for path in (ROOT / "docs").glob("*.md") if ".ko" not in path.name}
    pages |= {"index", "changelog"}
    for folder in (site, site / "ko"):
        assert pages <= {path.stem for path in folder.glob("*.html")}
    assert "모두 연결하면" in (site / "ko/tour.html").read_text(encoding="utf-8")


def test_the_api_has_every_public_name(site):
    text = (site / "api.html").read_text(encoding="utf-8")
    headings = re.findall(r'<h3 id="([\w.]+)"', text)
    homes = {name.rpartition(".")[2] for name in headings}
    assert homes == set(lenet.__all__)


def test_pages_ask_no_other_host(site, browser):
    complaints = []
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()

        def watch(request) -> None:
            if not request.url.startswith(("file://", "data:", "blob:")):
                complaints.append((page.url, request.url))

        page.on("request", watch)
        page.on("pageerror", lambda error: complaints.append((page.url, str(error))))
        for path in sorted(site.rglob("*.html")):
            page.goto(path.as_uri())
            too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            if too_wide and path.name != "404.html":
                complaints.append((page.url, "wider than the screen"))
    assert complaints == []


def test_search_and_the_live_page_work_from_the_disk(site, browser):
    with browser.new_context(viewport={"width": 1280, "height": 900}, locale="en") as context:
        page = context.new_page()
        page.goto((site / "index.html").as_uri())
        page.locator("[data-md-component=search-query]").click()
        page.keyboard.type("penalty")
        results = page.locator(".md-search-result__item")
        expect(results.first).to_contain_text("penalty")
        page.goto((site / "ko/tour.html").as_uri())
        live = page.frame_locator("iframe.live")
        expect(live.locator("html")).to_have_attribute("lang", "ko")
