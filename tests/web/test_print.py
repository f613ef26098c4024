"""The page on paper: what a teacher hands out."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import expect

pypdfium2 = pytest.importorskip("pypdfium2")

MILLIMETRE = 96 / 25.4  # CSS pixels
WIDTH, HEIGHT = (210 - 24) * MILLIMETRE, (297 - 24) * MILLIMETRE  # between margins of 12 mm
CONTROLS = ("#tools", "#more", "nav", "#gallery", "#training-tools", "#watch button", "#clear")


@pytest.fixture(params=["en", "ko"])
def printed(request, visit, served):
    """The page in dark colours, as its printer sees it."""
    page = visit(
        served, width=round(WIDTH), height=round(HEIGHT), locale=request.param, color_scheme="dark"
    )
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    return page


def test_drawing_answer_network_and_sum_are_on_the_first_sheet(printed):
    for selector in (
        "#pad",
        "#answer .digit",
        "#answer .bars",
        "#strip",
        "#layers",
        "#unit-breakdown .sum",
    ):
        expect(printed.locator(selector).first).to_be_visible()
        box = printed.locator(selector).first.bounding_box()
        assert box["x"] >= 0, selector
        assert box["x"] + box["width"] <= WIDTH + 1, selector
        assert box["y"] + box["height"] <= HEIGHT, selector


def test_controls_are_not_printed(printed):
    for selector in CONTROLS:
        for control in printed.locator(selector).all():
            expect(control).to_be_hidden()


def test_it_is_printed_black_on_white_from_dark_colours_too(printed):
    style = "(name) => getComputedStyle(document.body)[name]"
    assert printed.evaluate(style, "color") == "rgb(0, 0, 0)"
    assert printed.evaluate(style, "backgroundColor") == "rgb(255, 255, 255)"
    # The maps are repainted, too: paper around the digit is light. It is read once, because
    # Chromium warns of canvases that are read again and again.
    paper = printed.evaluate("""async () => {
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      const canvas = document.querySelector("canvas[data-layer='input']");
      return canvas.getContext("2d").getImageData(6, 6, 1, 1).data[0];
    }""")
    assert paper > 240
    printed.evaluate("dispatchEvent(new Event('afterprint'))")
    printed.emulate_media(media="screen")
    assert printed.evaluate("document.documentElement.classList.contains('dark')")


def test_the_sheets_are_a4_and_the_first_carries_the_answer(visit, served):
    page = visit(served)
    answer = page.locator("#answer").inner_text()
    document = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    wide, high = document[0].get_size()  # points
    assert (wide, high) == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=1)
    said = document[0].get_textpage().get_text_bounded()
    assert answer.split()[0] in said
    assert "C3" in said
    assert len(document) <= 3
