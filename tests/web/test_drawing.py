"""Drawing, dropping, pasting and opening: the page answers with the right digit."""

from __future__ import annotations

import base64
import mimetypes
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from page_cases import DIGIT, ROOT, strokes_of
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
# Dispatches a drop or a paste that carries one image, as the browser does for a person.
BRING = """async ([kind, name, type, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const event = kind === "drop"
    ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true });
  document.getElementById("pad").dispatchEvent(event);
}"""

PAINTED = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""
MAPS = "document.querySelector('canvas[data-layer=C1]').toDataURL()"


def on_pad(page, point):
    """A point of the 1 × 1 square as pixels of the window, the digit in the middle of the pad."""
    box = page.locator("#pad").bounding_box()
    x, y = point
    return (
        box["x"] + box["width"] * (0.3 + 0.4 * x),
        box["y"] + box["height"] * (0.18 + 0.64 * y),
    )


def bring(page, kind, path):
    content = base64.b64encode(path.read_bytes()).decode()
    page.evaluate(BRING, [kind, path.name, mimetypes.guess_type(path.name)[0], content])


@pytest.mark.parametrize(
    ("where", "width", "height"),
    [("served", 1440, 900), ("exported", 1024, 768), ("exported", 390, 844)],
)
def test_ten_digits_drawn_with_the_mouse_are_read(where, width, height, visit, request):
    page = visit(request.getfixturevalue(where), width=width, height=height)
    left, top = on_pad(page, (0, 0))
    right, bottom = on_pad(page, (1, 1))
    for digit in range(10):
        page.click("#clear")
        expect(page.locator(DIGIT)).to_have_text("")
        for stroke in strokes_of(digit):
            points = [*stroke[:-1:3], stroke[-1]]  # a fast hand: events are what takes time here
            places = [(left + x * (right - left), top + y * (bottom - top)) for x, y in points]
            page.mouse.move(*places[0])
            page.mouse.down()
            for place in places[1:]:
                page.mouse.move(*place)
            page.mouse.up()
        expect(page.locator(DIGIT)).to_have_text(str(digit))


def test_on_a_phone_a_finger_draws_and_does_not_scroll(visit, served):
    page = visit(served, **PHONE)
    page.click("#clear")
    page.locator("#pad").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    finger = page.context.new_cdp_session(page)

    def touch(kind, *points):
        at = [dict(zip("xy", on_pad(page, point), strict=True)) for point in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    for stroke in strokes_of(1):  # downwards, as one scrolls
        touch("touchStart", stroke[0])
        for point in stroke[1:]:
            touch("touchMove", point)
        touch("touchEnd")
    expect(page.locator(DIGIT)).to_have_text("1")
    assert page.evaluate("scrollY") == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("kind", ["drop", "paste"])
@pytest.mark.parametrize(
    ("where", "name", "digit"),
    [
        ("served", "7-pencil-shadow.jpg", "7"),
        ("served", "2-chalk.jpg", "2"),
        ("exported", "5-thick-marker.png", "5"),
    ],
)
def test_an_image_that_is_brought_is_read(kind, where, name, digit, visit, request):
    page = visit(request.getfixturevalue(where))
    bring(page, kind, ROOT / "examples" / name)
    expect(page.locator(DIGIT)).to_have_text(digit)
    expect(page.locator("#photo-boxes button")).to_have_count(int(where == "served"))


def test_a_number_is_read_by_the_server(visit, served):
    page = visit(served)
    page.check("#several")
    expect(page.locator(DIGIT)).to_have_text("")
    page.click("#examples button:nth-child(4)")
    expect(page.locator("#photo-text b")).to_have_text(["3"])
    expect(page.locator("#answer-of")).to_have_text(re.compile(r"^3 \([\d.]+\s%\), digit 1:$"))
    expect(page.locator("#photo-title")).to_have_text("Several digits")
    expect(page.locator("#photo-close")).to_be_hidden()  # it would only be read again


def test_undo_takes_the_last_stroke_away(visit, served):
    page = visit(served)
    page.click("#examples button:nth-child(5)")  # a 4 is two strokes
    page.click("#undo")
    page.click("#undo")
    expect(page.locator(DIGIT)).to_have_text("")
    expect(page.locator("#answer-live")).to_have_text("Nothing drawn yet")


def test_sliders_move_what_the_network_sees(visit, exported):
    page = visit(exported)
    rng = np.random.default_rng(2)
    image = np.zeros((28, 28), np.uint8)
    image[6:20, 8:18] = rng.integers(0, 256, (14, 10))

    def changed(**sliders):
        given = page.evaluate(
            """async ([image, sliders]) => {
              const { perturbed, NEUTRAL } = await import("page/perturb.js");
              return [...perturbed(Uint8Array.from(image), { ...NEUTRAL, ...sliders })];
            }""",
            [image.ravel().tolist(), sliders],
        )
        return np.array(given).reshape(28, 28)

    np.testing.assert_array_equal(changed(), image)
    np.testing.assert_array_equal(changed(right=3, down=-2), np.roll(image, (-2, 3), (0, 1)))
    np.testing.assert_allclose(changed(turn=90), np.rot90(image, -1), atol=1)
    grown = np.max([np.roll(image, s, a) for a in (0, 1) for s in (-1, 0, 1)], axis=0)
    np.testing.assert_array_equal(changed(thick=1), grown)
    assert 20 < np.std(changed(noise=20)[18:26, 19:27].astype(float)) < 60


def test_a_slider_changes_the_answer_and_reset_brings_it_back(visit, served):
    page = visit(served)
    sure = page.locator("article[data-network='1998'] .sure")
    before = sure.inner_text()
    page.locator("#noise").fill("60")
    expect(sure).not_to_have_text(before)
    page.click("#reset")
    expect(sure).to_have_text(before)


def test_the_answer_comes_while_one_draws(visit, served):
    """From the pointer's last move to the answer and every map drawn: processor time.

    All of the page's thread takes less than 50 ms; its scripts, styles and layout so little that
    with one frame (17 ms) it is still less. A clock on the wall would measure what else this
    machine does.
    """
    page = visit(served)
    watch = page.context.new_cdp_session(page)
    watch.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> NDArray[np.float64]:
        metrics = watch.send("Performance.getMetrics")["metrics"]
        found = {metric["name"]: 1_000 * metric["value"] for metric in metrics}
        own = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
        return np.array([found["TaskDuration"], sum(map(found.get, own))])

    last_moves = []
    for digit in (7, 3, 8, 1, 0):
        page.click("#clear")
        *strokes, last = strokes_of(digit)
        for stroke in (*strokes, last):
            page.mouse.move(*on_pad(page, stroke[0]))
            page.mouse.down()
            for point in stroke[1 : -1 if stroke is last else None]:
                page.mouse.move(*on_pad(page, point))
            if stroke is not last:
                page.mouse.up()
        page.evaluate(PAINTED)
        maps, before = page.evaluate(MAPS), worked()
        page.mouse.move(*on_pad(page, last[-1]))
        page.evaluate(PAINTED)
        last_moves.append(worked() - before)
        page.mouse.up()
        expect(page.locator(DIGIT)).to_have_text(str(digit))
        assert page.evaluate(MAPS) != maps
    whole, own = np.median(last_moves, axis=0)
    assert 0 < own < 50 - 17
    assert own < whole < 50
