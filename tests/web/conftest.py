"""A browser, the served page and the exported one. Nothing here reaches beyond this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from page_cases import CARD, DIGIT
from playwright.sync_api import expect, sync_playwright

from lenet.web.assemble import export_page

NAMES = ("chromium", "chromium-browser", "google-chrome")
expect.set_options(timeout=30_000)  # milliseconds; the machine may be busy with something else
# No sandbox, because tests run as root in containers; nothing that would talk to its maker.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium; a test that needs it is skipped by name where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of a running `lenet serve`, without MNIST, so that it trains on `digits`."""
    command = [sys.executable, "-m", "lenet", "serve", "--port", "0", "--data-dir", "/nonexistent"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        line = server.stderr.readline()
        assert line.startswith("serving on http://127.0.0.1:"), line
        yield line.split()[2].rstrip(";")
        server.terminate()
        assert server.wait(20) is not None


@pytest.fixture(scope="session")
def exported(tmp_path_factory) -> str:
    """The address of the exported page on the disk."""
    folder = tmp_path_factory.mktemp("exported")
    export_page(folder / "page")
    return (folder / "page" / "index.html").as_uri()


@pytest.fixture
def visit(browser):
    """Open a page that shows this digit; fails on errors and outside requests.

    prepare : called with the page before it is opened; then nothing is waited for
    """
    complaints: list[str] = []
    contexts = []

    def watch(request) -> None:
        local = ("http://127.0.0.1:", "file://", "data:", "blob:")
        if not request.url.startswith(local):
            complaints.append(f"outside request {request.url}")

    def call(address, *, width=1280, height=900, digit="4", prepare=None, **options):
        options = {"locale": "en", "viewport": {"width": width, "height": height}} | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", watch)
        page.on("pageerror", lambda error: complaints.append(f"error {error}"))
        page.on(
            "console",
            lambda said: said.type in ("error", "warning") and complaints.append(said.text),
        )
        if prepare:
            prepare(page)
            page.goto(address, wait_until="commit")
            return page
        page.goto(address)
        page.wait_for_selector(f"{CARD}.shown")
        page.wait_for_selector("#about-network:not(.rounded)")  # the exact weights are there
        expect(page.locator(DIGIT)).to_have_text(digit)
        return page

    yield call
    for context in contexts:
        context.close()
    assert complaints == []
