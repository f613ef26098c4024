"""The gallery of test digits: how they are chosen, and how they come to the pad."""

from __future__ import annotations

import gzip
import importlib.util
import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from page_cases import DIGIT, ROOT
from playwright.sync_api import expect
from starlette.requests import Request

from isolation import run_apart
from lenet.serve.app import Service
from lenet.serve.config import ServiceConfig
from lenet.web.assemble import EMBEDDED, GALLERY
from lenet.web.gallery import gallery_of


def test_the_gallery_of_the_page_is_what_its_script_writes():
    path = ROOT / "benchmarks" / "page_gallery.py"
    spec = importlib.util.spec_from_file_location("page_gallery", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    stored = json.loads((EMBEDDED / "gallery.json").read_text(encoding="utf-8"))
    assert script.gallery() == stored
    assert (stored["count"], stored["errors"]) == (397, 50)


def test_pairs_share_most_probability_and_mistakes_are_the_surest():
    labels = np.arange(40) % 10
    penalties = np.full((40, 10), 100.0, np.float32)
    penalties[np.arange(40), labels] = 0
    penalties[13, 5] = 1  # a 3 that is nearly a 5
    penalties[5, 3] = 2  # a 5 that is nearly a 3
    penalties[27, [7, 1]] = 50, 0  # a 7 read as 1
    penalties[38, [8, 0]] = 9, 0  # an 8 read as 0, less surely
    images = np.arange(40, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    found = gallery_of("some", images, labels, penalties, 4.0)
    assert [(one["label"], one["value"]) for one in found["mistakes"]] == [(7, 1), (8, 0)]
    assert [one["label"] for one in found["ordinary"]] == list(range(10))
    assert [one["label"] for one in found["pairs"][:6]] == [1, 7, 0, 8, 3, 5]
    assert found["pairs"][4]["image"] != found["ordinary"][3]["image"]


def test_a_server_with_mnist_shows_its_test_digits(lenet_data):
    def body(folder):
        service = Service(ServiceConfig(data_dir=folder))
        scope = {"type": "http", "path": f"/{GALLERY}", "headers": [(b"accept-encoding", b"gzip")]}
        answer = run_apart(service.gallery(Request(scope)))
        script = gzip.decompress(answer.body).decode()
        return json.loads(script.removeprefix("lenetGallery(").removesuffix(");\n"))

    found = body(lenet_data)
    assert (found["source"], found["count"]) == ("mnist", 10_000)
    assert 0 < found["errors"] < 120
    assert body(lenet_data / "nowhere")["source"] == "digits"


def tiles(page, kind):
    """The buttons of one kind, once the gallery has come."""
    page.locator("#gallery").scroll_into_view_if_needed()
    buttons = page.locator(f"#gallery-{kind} + div button")
    expect(buttons.first).to_be_visible()
    return buttons


@pytest.mark.parametrize("where", ["served", "exported"])
def test_a_digit_of_the_gallery_comes_to_the_pad_and_nothing_is_sent(where, visit, request):
    page = visit(request.getfixturevalue(where))
    ordinary, mistakes = tiles(page, "ordinary"), tiles(page, "mistakes")
    expect(page.locator("#gallery-source")).to_contain_text("misreads 50 of 397")
    sent = []
    page.on("request", lambda asked: sent.append(asked.url))
    for digit in (3, 7):
        ordinary.nth(digit).focus()
        page.keyboard.press("Enter")
        expect(page.locator(DIGIT)).to_have_text(str(digit))
        expect(ordinary.nth(digit)).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#gallery-words")).to_contain_text(f"a {digit}, read as {digit}")
    label, value = mistakes.first.inner_text().split(" → ")
    mistakes.first.click()
    expect(page.locator("#gallery-words")).to_contain_text(f"a {label}, read as {value} with")
    expect(page.locator("#gallery button[aria-pressed='true']")).to_have_count(1)
    page.click("#gallery-layers")
    expect(page.locator("#answer .digit")).to_be_in_viewport()
    assert sent == []


def test_the_pen_goes_on_with_a_digit_of_the_gallery(visit, served):
    page = visit(served)
    page.check("#several")
    tiles(page, "ordinary").nth(7).click()
    expect(page.locator("#several")).not_to_be_checked()
    expect(page.locator(DIGIT)).to_have_text("7")
    network = "document.getElementById('network-input').toDataURL()"
    loaded = page.evaluate(network)
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 0.9 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.9 * box["height"], steps=4)
    page.mouse.up()
    expect(page.locator("#gallery-answer")).to_be_hidden()
    page.wait_for_function(f"before => {network} !== before", arg=loaded)
    page.click("#undo")
    page.wait_for_function(f"before => {network} === before", arg=loaded)
    page.click("#undo")
    expect(page.locator("#answer .sure")).to_have_text("Nothing drawn yet")


@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("ko", "light")])
def test_noisy_digits_move_the_slider(language, scheme, visit, served):
    page = visit(served, locale=language, color_scheme=scheme, width=390)
    noisy = tiles(page, "noisy")
    noisy.nth(1).click()
    assert page.locator("#noise").input_value() == "30"
    tiles(page, "ordinary").nth(0).click()
    assert page.locator("#noise").input_value() == "0"
    found = Axe().run(page, {"include": [["#gallery"]]}).response["violations"]
    assert [rule for rule in found if rule["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
