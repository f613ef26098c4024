"""Live training on the page: begun, paused, stepped, compared and reset."""

from __future__ import annotations

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

KERNELS = "document.getElementById('kernels-c1').toDataURL()"


def started(page, button="#start"):
    """The page, training."""
    page.click(button)
    expect(page.locator("#training-data")).to_contain_text("Pass 1 of 20")
    return page


def test_it_learns_while_one_watches_and_goes_on_after_a_pause(visit, served):
    page = started(visit(served))
    assert "scikit-learn’s 1,797 digits, 1,400 to learn and 397 held out" in page.inner_text(
        "#training-data"
    )
    early = page.evaluate(KERNELS)
    expect(page.locator("#training-status")).to_contain_text("after pass 3", timeout=60_000)
    assert page.evaluate(KERNELS) != early
    page.click("#start")
    expect(page.locator("#training-status")).to_have_text("Paused.")
    row = page.locator("#curve-legend tr")
    expect(row).to_contain_text("60,000")
    rates = [float(rate) for rate in re.findall(r"([\d.]+)\s%", row.inner_text())]
    assert len(rates) == 2
    assert max(rates) < 60  # chance is 90
    card = page.locator("article[data-network='learning']")
    card.locator("button").click()
    expect(card.locator(".digit")).to_have_text(re.compile(r"^[\d?]$"))
    expect(card).to_contain_text("errors on scikit-learn’s test digits")
    place = re.search(r"Pass (\d+) of 20: ([\d,]+)", page.inner_text("#training-data"))
    page.click("#start")
    expect(page.locator("#training-data")).not_to_contain_text(place[0])
    later = re.search(r"Pass (\d+) of 20: ([\d,]+)", page.inner_text("#training-data"))
    assert int(later[1]) >= int(place[1])  # not from the start again
    page.click("#restart")
    expect(page.locator("#training-pictures")).to_be_hidden()
    expect(page.locator("#start")).to_have_text("Start")


def test_a_step_learns_one_digit_and_shows_it(visit, served):
    page = started(visit(served), button="#one-digit")
    expect(page.locator("#training-data")).to_contain_text("Pass 1 of 20: 1 digits")
    update = page.locator("#update")
    words = r"a (\d), read as \d\. The penalty of \1 was [\d.]+ before it and is [\d.]+ after"
    expect(update).to_contain_text(re.compile(words))
    page.click("#one-digit")
    expect(page.locator("#training-data")).to_contain_text("Pass 1 of 20: 2 digits")
    expect(update.locator("figcaption")).to_contain_text(re.compile(r"by 0\.\d+ at most"))
    expect(page.locator("#training-status")).to_have_text("Paused.")
    page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")  # nothing learnt yet
    page.click("#start")
    expect(page.locator("#start")).to_have_text("Pause")
    expect(page.locator("#training-status")).to_have_text("")
    page.click("#restart")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ko", "dark")])
def test_networks_without_one_idea_learn_beside_it(language, scheme, visit, served):
    page = visit(served, locale=language, color_scheme=scheme, width=390)
    page.check("#beside input[value='max']")
    page.check("#beside input[value='28x28-75-10']")
    page.click("#one-digit")
    rows = page.locator("#curve-legend tr")
    expect(rows).to_have_count(3)
    for row, count in zip(rows.all(), ("60,000", "59,956", "59,635"), strict=True):
        expect(row).to_contain_text(count)
    expect(page.locator("#beside input").first).to_be_disabled()
    found = Axe().run(page, {"include": [["#training"]]}).response["violations"]
    assert [rule for rule in found if rule["impact"] in ("serious", "critical")] == []
    page.click("#restart")
    expect(page.locator("#beside input").first).to_be_enabled()


def test_the_learning_rate_goes_with_the_request(visit, served):
    page = visit(served)
    page.select_option("#rate", "0.25")
    with page.expect_request("**/v1/train") as asked:
        page.click("#one-digit")
    assert asked.value.post_data_json == {"networks": ["1998"], "rate": 0.25, "digits": 1}
    expect(page.locator("#one-digit")).to_be_enabled()
    with page.expect_request("**/v1/train") as again:
        page.click("#one-digit")
    assert set(again.value.post_data_json) == {"resume", "rate", "digits"}
    page.click("#restart")


@pytest.mark.parametrize(
    ("code", "words"),
    [("invalid_input", "no longer has this training"), ("no_token", "asks for a token")],
)
def test_a_refused_training_is_reported(code, words, visit, served):
    page = visit(served)
    body = json.dumps({"error": {"code": code, "message": "none"}})
    page.evaluate(f"window.fetch = async () => new Response({body!r}, {{ status: 422 }})")
    page.click("#start")
    expect(page.locator("#training-status")).to_contain_text(words)
    expect(page.locator("#start")).to_be_enabled()


def test_the_exported_page_says_that_it_cannot_train(visit, exported):
    page = visit(exported)
    expect(page.locator("#training-hint")).to_contain_text("lenet serve")
    expect(page.locator("#start")).to_be_hidden()
