"""One screen: the pad, the whole network with its connections, and the answer, at three sizes."""

from __future__ import annotations

import itertools

import pytest
from page_cases import DIGIT, ROOT
from playwright.sync_api import expect

from lenet.network.architecture import Architecture

C3_TABLE = Architecture().c3_inputs
SIZES = {"projector": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
FINGER = {"has_touch": True, "is_mobile": True}
LAYERS = ("input", "C1", "S2", "C3", "S4", "C5", "F6", "output")

# Collects what is over the pointer in place of what it moved on: at once, and in the next frame.
WATCH_POINTER = """() => {
  window.covering = [];
  let last = null;
  const check = (event) => {
    const { target, clientX, clientY } = event, found = document.elementFromPoint(clientX, clientY);
    if (event === last && target.isConnected && !target.contains(found))
      covering.push(found.outerHTML.slice(0, 200));
  };
  addEventListener("pointermove", (event) => {
    check(last = event);
    requestAnimationFrame(() => check(event));
  });
}"""


def opened(visit, address, size, **options):
    width, height = SIZES[size]
    more = FINGER if size == "phone" else {}
    return visit(address, width=width, height=height, **more, **options)


def in_view(page, selector) -> bool:
    return page.evaluate(
        """(selector) => {
          const box = document.querySelector(selector).getBoundingClientRect();
          const inside = box.right <= innerWidth && box.bottom <= innerHeight;
          return inside && box.left >= 0 && box.top >= 0;
        }""",
        selector,
    )


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", SIZES)
def test_all_of_it_is_on_the_first_screen(size, language, visit, served):
    page = opened(visit, served, size, locale=language)
    for selector in ("#pad", "#answer .digit", "#answer .bars", "#clear"):
        assert in_view(page, selector), selector
    seen = [layer for layer in LAYERS if in_view(page, f"canvas[data-layer='{layer}']")]
    assert seen[:3] == ["input", "C1", "S2"]
    assert size == "phone" or seen == [*LAYERS]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_photo_and_a_number_leave_the_network_in_view(language, visit, served):
    page = opened(visit, served, "projector", locale=language)
    page.click("#several")
    pad = page.locator("#pad").bounding_box()
    for left in (60, 150):
        page.mouse.move(pad["x"] + left, pad["y"] + 20)
        page.mouse.down()
        page.mouse.move(pad["x"] + left + 10, pad["y"] + 140, steps=5)
        page.mouse.up()
    expect(page.locator("#photo-boxes button").first).to_be_visible()
    assert page.locator("#pad").bounding_box() == pad  # still under the pen
    for selector in ("#pad", "#answer .digit", "#photo", "#photo-close", "#strip"):
        assert in_view(page, selector), selector
    page.click("#several")
    page.set_input_files("#file", ROOT / "examples/3-photo.jpg")
    expect(page.locator("#photo-boxes button")).to_have_count(1)
    for layer in LAYERS:
        assert in_view(page, f"canvas[data-layer='{layer}']"), layer


@pytest.mark.parametrize(
    ("size", "scene"), [*((size, "") for size in SIZES), ("projector", "#scene=table")]
)
def test_nothing_that_opens_covers_the_pointer(size, scene, visit, served):
    page = opened(visit, served + scene, size)
    if scene:
        page.wait_for_selector("#scene[aria-busy=false]")
    place = page.locator("canvas[data-layer='C3']").bounding_box()
    page.evaluate(WATCH_POINTER)
    width, height = SIZES[size]
    for row, column in itertools.product(range(16), range(20)):
        page.mouse.move(width * (column + 0.5) / 20, height * (row + 0.5) / 16)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.evaluate("covering") == []
    assert page.locator("canvas[data-layer='C3']").bounding_box() == place


def test_the_links_of_c3_are_those_of_table_one(visit, served):
    page = opened(visit, served, "tablet")
    links = page.locator("#links .link[data-to='C3']")
    assert links.first.get_attribute("data-links") == str(sum(map(len, C3_TABLE)))
    page.locator("canvas[data-layer='C3']").focus()
    page.keyboard.press("ArrowUp")
    for reads in C3_TABLE:
        assert links.last.get_attribute("data-links") == str(len(reads))
        page.keyboard.press("PageDown")


def test_the_strip_follows_a_window_that_gets_narrower(visit, served):
    page = opened(visit, served, "projector")
    page.set_viewport_size({"width": 1024, "height": 768})
    fits = "(strip) => strip.scrollWidth <= strip.clientWidth"
    page.wait_for_function(f"() => ({fits})(document.querySelector('#strip'))")
    assert in_view(page, "#links")


def test_a_finger_pins_a_unit_and_releases_it(visit, served):
    page = opened(visit, served, "phone")
    for release in ("canvas[data-layer='C1']", "#release"):
        page.tap("canvas[data-layer='C1']", position={"x": 40, "y": 32})
        expect(page.locator("#unit.chosen")).to_have_count(1)
        options = {} if release == "#release" else {"position": {"x": 40, "y": 32}}
        page.tap(release, **options)
        expect(page.locator("#unit.chosen")).to_have_count(0)
    for button in page.locator("button:visible, label.file").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44, button.inner_text()


def test_drawing_stays_in_view_while_the_strip_scrolls(visit, served):
    page = opened(visit, served, "phone")
    page.evaluate("document.getElementById('strip').scrollLeft = 2000")
    assert in_view(page, "canvas[data-layer='output']")
    page.evaluate("scrollTo(0, 300)")
    assert in_view(page, "#pad")
    assert in_view(page, "#answer .digit")
    expect(page.locator(DIGIT)).to_have_text("4")
