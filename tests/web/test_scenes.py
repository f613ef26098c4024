"""The lesson: twelve scenes, each in view, with the person's own drawing and its own address."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from page_cases import DIGIT, ROOT
from playwright.sync_api import expect

SCENES = (
    *("connect", "field", "shared", "subsampling", "pyramid", "table"),
    *("codes", "noise", "seven", "learning", "several", "since"),
)
SIZES = {"projector": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
FINGER = {"has_touch": True, "is_mobile": True}
STILL = {"reduced_motion": "reduce"}  # nothing moves by itself
# What sticks out of the window, and what out of the panel, by its class or name.
OUTSIDE = """() => {
  const panel = document.getElementById("scene"), box = panel.getBoundingClientRect();
  const bar = document.getElementById("top"), phone = getComputedStyle(bar).position === "sticky";
  const head = phone ? bar.getBoundingClientRect().bottom : 0;
  const found = [...panel.querySelectorAll("*")].filter((part) => {
    const own = part.getBoundingClientRect();
    return own.width && (own.left < box.left || own.right > box.right || own.bottom > box.bottom);
  }).map((part) => `${part.tagName} ${part.className}`);
  const across = box.left >= 0 && box.right <= innerWidth;
  const inside = across && box.top >= head && box.bottom <= innerHeight;
  return inside ? found : [...found, `panel from ${box.top} to ${box.bottom}`];
}"""
LOADED = "performance.getEntriesByType('resource').map(({ name }) => name)"
TITLE_FITS = """() => {
  const title = document.getElementById("scene-title");
  return title.scrollWidth <= title.clientWidth && title.scrollHeight <= title.clientHeight;
}"""
FIGURES = "#scene-figures canvas, #scene-figures table"


def await_scene(page, scene):
    expect(page.locator("#scene-list")).to_have_value(scene)
    expect(page.locator("#scene")).to_have_attribute("aria-busy", "false")
    expect(page.locator(FIGURES).first).to_be_visible()


def opened(visit, address, scene, **options):
    page = visit(f"{address}#scene={scene}", **(STILL | options))
    await_scene(page, scene)
    return page


def address_of(page, part):
    return page.evaluate(f"new URLSearchParams(location.hash.slice(1)).get('{part}')")


def found(page) -> str:
    return " ".join(page.locator("#scene .found").all_inner_texts()).replace("−", "-")


@pytest.mark.parametrize("size", SIZES)
def test_every_scene_shows_its_subject_and_keeps_the_drawing(size, visit, exported):
    (width, height), more = SIZES[size], FINGER if size == "phone" else {}
    page = visit(f"{exported}#digit=7", width=width, height=height, digit="7", **STILL | more)
    page.locator("#right").fill("2")
    drawing = page.evaluate("document.getElementById('pad').toDataURL()")
    page.click("#scenes-open")
    texts = set()
    for scenes, key in ((SCENES, "ArrowRight"), (SCENES[::-1], "ArrowLeft")):
        for scene in scenes:  # there in English, back in Korean
            await_scene(page, scene)
            assert page.evaluate(OUTSIDE) == [], scene
            assert page.evaluate(TITLE_FITS), scene
            assert page.evaluate("document.getElementById('pad').toDataURL()") == drawing
            texts.add(page.locator("#scene-text").inner_text())
            page.keyboard.press(key)
        page.evaluate("document.getElementById('korean').click()")
    assert len(texts) == 2 * len(SCENES)
    page.keyboard.press("Escape")
    expect(page.locator("#scene")).to_be_hidden()
    expect(page.locator(DIGIT)).to_have_text("7")
    assert page.locator("#right").input_value() == "2"
    expect(page).to_have_url(re.compile("^[^#]*#digit=7&lang=ko$"))


def test_the_scenes_come_when_one_is_asked_for(visit, served):
    page, asked = visit(served), []
    page.on("request", lambda request: asked.append(request.url.removeprefix(served)))
    names = {entry.split("/")[-1] for entry in page.evaluate(LOADED)}
    assert {"main.js", "lesson.js"} <= names
    assert not {"scenes.js", "scenes.css", "backward.js"} & names
    page.route("**/networks/scenes.js", lambda route: route.fulfill(status=200, body="0"))
    page.click("#scenes-open")
    expect(page.locator("#status")).to_contain_text("scenes could not be loaded")
    page.unroute("**/networks/scenes.js")
    page.click("#scenes-open")
    await_scene(page, "connect")
    assert {"networks/scenes.js", "scenes.css", "scenes.js", "backward.js"} <= set(asked)


def test_the_address_carries_scene_digit_and_language(visit, served):
    page = visit(f"{served}#scene=codes&digit=2&lang=ko", digit="2", **STILL)
    expect(page.locator("#scene-list")).to_have_value("codes")
    expect(page.locator("h1")).to_have_text("LeNet-5, 한 층씩 들여다보기")
    assert page.evaluate("localStorage.getItem('lenet-language')") is None
    page.click("#scene-next")
    page.click("#examples button:nth-child(6)")
    page.click("#english")
    expect(page).to_have_url(f"{served}#scene=noise&digit=5&lang=en")
    assert page.evaluate("localStorage.getItem('lenet-language')") == "en"


@pytest.mark.parametrize("link", ["?lang=ko", "#lang=ko"])
def test_a_links_language_is_not_the_readers_choice(link, visit, served):
    page = visit(served)
    page.click("#english")
    page.goto("about:blank")
    page.goto(f"{served}{link}")
    expect(page.locator("h1")).to_have_text("LeNet-5, 한 층씩 들여다보기")
    assert page.evaluate("localStorage.getItem('lenet-language')") == "en"


def test_an_own_drawing_travels_in_the_address(visit, exported):
    page = visit(exported)
    page.click("#clear")
    box = page.locator("#pad").bounding_box()
    for at in ((0.3, 0.2), (0.7, 0.2), (0.55, 0.5), (0.45, 0.85)):
        page.mouse.move(box["x"] + at[0] * box["width"], box["y"] + at[1] * box["height"], steps=9)
        page.mouse.down()
    page.mouse.up()
    expect(page.locator(DIGIT)).to_have_text("7")
    expect(page).to_have_url(re.compile("digit=[0-9a-z]{12}"))
    pen = "document.getElementById('network-input').getContext('2d')"
    ink = f"[...{pen}.getImageData(0, 0, 170, 170).data]"
    other = visit(page.url, digit="7")
    assert np.abs(np.subtract(page.evaluate(ink), other.evaluate(ink))).max() < 40


def test_a_spoilt_address_is_no_error(visit, exported):
    page = visit(f"{exported}#scene=nothing&digit=zz-", digit="")
    for digit, part in (
        ("", "digit="),
        ("", "digit=%E0%A4%A"),
        ("", "scene"),
        ("4", "digit=4"),
        ("4", "scene=nothing"),
    ):
        page.evaluate(f"location.hash = '{part}'")
        expect(page.locator(DIGIT)).to_have_text(digit)
        expect(page.locator("#scene")).to_be_hidden()


def test_a_shuffled_digit_is_the_same_to_the_fully_connected_network_only(visit, exported):
    page = opened(visit, exported, "connect")
    rows = page.locator("#scene .answers b")
    expect(rows.first).to_have_text("4")
    expect(rows.last).not_to_have_text("4")
    assert "0.000000" in found(page)
    page.locator("#scene input").fill("0")
    expect(rows.last).to_have_text("4")


def test_nothing_outside_its_field_matters_to_a_unit(visit, exported):
    page = opened(visit, exported, "field")
    for layer in ("C1", "S2", "C3", "S4"):
        page.locator("#scene-controls button", has_text=layer).click()
        page.locator("#scene-controls > button").last.click()
        before, now = re.findall(r"(-?\d\.\d\d) with", found(page))
        assert before == now
        page.locator("#scene-controls > button").last.click()


def test_the_map_moves_with_the_digit(visit, exported):
    page = opened(visit, exported, "shared")
    page.locator("#scene input").fill("3")
    expect(page.locator("#scene .found")).to_contain_text("moved by 3 pixels")
    assert "differs by 0.00" in found(page)
    assert page.locator("#right").input_value() == "3"


def test_sub_sampling_damps_a_shift(visit, exported):
    page = opened(visit, exported, "subsampling")

    def changes():
        cells = page.locator("#scene .changes td:last-child").all_inner_texts()
        return [int(text.removesuffix("\N{NO-BREAK SPACE}%")) for text in cells]

    on = changes()
    page.locator("#scene-controls button", has_text="Off").click()
    off = changes()
    assert on[:2] == off[:2]
    assert all(np.subtract(off, on)[2:] > 0)


def test_table_one_is_cut_and_mended(visit, exported):
    page = opened(visit, exported, "table")
    assert "60 of 96 pairs: 1,516 parameters, 151,600 connections" in found(page)
    whole = found(page)
    page.locator("#scene th button").nth(3).click()  # a column of three
    assert found(page).split("error")[-1] != whole.split("error")[-1]
    assert "Connections cut: 3." in found(page)
    page.locator("#scene th button").nth(3).click()
    assert found(page) == whole
    for kind, pairs in (("Full", 96), ("Random", 60)):
        page.locator("#scene-controls button", has_text=kind).click()
        assert f"{pairs} of 96 pairs" in found(page)
        expect(page.locator("#scene td button", has_text="×")).to_have_count(pairs)


def test_the_squares_of_a_code_are_its_penalty(visit, exported):
    page = opened(visit, exported, "codes")
    page.locator("#scene .codes button").nth(8).click()
    penalty = float(page.locator("#scene .codes small").nth(8).inner_text())
    assert abs(float(re.search(r"of 8 add up to ([\d.]+\d)", found(page))[1]) - penalty) < 0.06


def test_a_point_of_the_seven_is_dragged(visit, exported):
    page = opened(visit, exported, "seven")
    assert "Read as 7" in found(page)
    corner = page.locator("#scene .handle").nth(1)
    for _ in range(18):
        corner.press("ArrowLeft")
    assert "Read as 7" not in found(page)
    assert address_of(page, "scene") == "seven"  # the keys moved the point, not the scene


def test_an_update_lowers_the_loss(visit, exported):
    page = opened(visit, exported, "learning")
    losses = []
    for _ in range(4):
        losses.append(float(re.search(r"is ([\d.]+);", found(page))[1]))
        page.locator("#scene-controls button", has_text="Update").click()
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.9 * losses[0]


def test_the_slopes_are_those_of_the_penalty(visit, served):
    """Against differences of the penalty itself, a few weights and biases of every layer."""
    worst = visit(served).evaluate(
        """async () => {
          const { slopes } = await import("./backward.js");
          const { inputStage, stagesOf } = await import("./network.js");
          const { load } = await import("./weights.js");
          const { layers } = await load("1998"), digit = 3, step = 1e-3;
          const input = inputStage(Uint8Array.from({ length: 784 }, (_, k) => (k * 37) % 256));
          const loss = (changed) => stagesOf(changed, input).at(-1).values[digit];
          const { weights, biases } = slopes(layers, stagesOf(layers, input), digit);
          let worst = 0;
          layers.slice(0, -1).forEach((layer, at) => {
            for (const [key, found] of [["weights", weights[at]], ["bias", biases[at]]])
              for (const k of [0, 5, layer[key].length - 1]) {
                const group = key === "weights" && layer.step === 2 ? 2 : 0; // four copies of one
                const raised = (by) => Float64Array.from(layer[key], (value, place) =>
                  value + by * (place >> group === k >> group));
                const moved = (by) => layers.with(at, { ...layer, [key]: raised(by) });
                const slope = (loss(moved(step)) - loss(moved(-step))) / (2 * step);
                worst = Math.max(worst, Math.abs(slope - found[k]) / (Math.abs(slope) + 1));
              }
          });
          return worst;
        }"""
    )
    assert worst < 1e-3


def test_wide_outputs_are_those_of_single_windows(visit, served):
    page = opened(visit, served, "several")
    assert found(page).endswith("3 4 7")
    worst = page.evaluate(
        """async () => {
          const { inputStage, stagesOf, widened } = await import("./network.js");
          const { load } = await import("./weights.js");
          const { layers } = await load("1998");
          const wide = inputStage(Uint8Array.from({ length: 28 * 44 }, (_, k) => (k * k) % 256));
          const { values } = stagesOf(widened(layers, 48), wide).at(-1), count = values.length / 10;
          let worst = Number(count !== 5);
          for (let at = 0; at < count; at++) {
            const part = wide.values.filter((_, k) => k % 48 >= 4 * at && k % 48 < 4 * at + 32);
            const single = { name: "input", shape: [1, 32, 32], values: part };
            stagesOf(layers, single).at(-1).values.forEach((penalty, digit) => {
              worst = Math.max(worst, Math.abs(penalty - values[digit * count + at]));
            });
          }
          return worst;
        }"""
    )
    assert worst < 1e-9


def test_measured_rates_are_those_of_the_experiments(visit, served):
    tables, changes = visit(served).evaluate(
        """async () => [(await import("./scene-table.js")).MEASURED,
                         (await import("./scene-since.js")).CHANGES]"""
    )
    rerun = json.loads((ROOT / "docs/results/why-convolution.json").read_text())["rows"]
    ours = {row["what"]: [round(row["ours"], 2), round(row["sd"], 2)] for row in rerun}
    kinds = {
        "table": "LeNet-5",
        "unsampled": "LeNet-5, not sub-sampled",
        "full": "full table",
        "random": "random table",
    }
    assert tables == {kind: ours[name] for kind, name in kinds.items()}
    ablation = json.loads((ROOT / "docs/results/ablation.json").read_text())
    rates = {line[0]: line[3] for line in ablation["tables"][0]["lines"]}
    rates |= {row["what"]: row["ours"] for row in ablation["rows"]}
    steps = (
        "1998: single patterns",
        "mini-batches",
        "penalties divided",
        "affine",
        "(maxima",
        "(the plain network",
        "modern, all 60,000",
    )
    wanted = [next(rate for name, rate in rates.items() if name.startswith(step)) for step in steps]
    assert [rate for _, rate in changes] == [round(rate, 2) for rate in wanted]


def test_the_mean_of_modern_is_not_taken_for_its_own_rate(visit, served):
    page = opened(visit, served, "since")
    page.click("#scene .since tr:last-of-type button")
    card = page.locator("article[data-network='modern']").inner_text()
    own = re.search(r"[\d.]+\s%", card)[0]
    assert "mean of five" in found(page)
    assert own in found(page)
    assert own not in page.inner_text("#scene .since")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_scenes_move_where_motion_is_welcome(motion, visit, exported):
    page = opened(visit, exported, "pyramid", reduced_motion=motion)
    expect(page.locator("#scene .play")).to_have_text("Play" if motion == "reduce" else "Pause")
    page.click("#scene .play")
    expect(page.locator("#scene .play")).to_have_text("Pause" if motion == "reduce" else "Play")


@pytest.mark.parametrize(
    ("width", "language", "scheme"), [(1440, "en", "light"), (390, "ko", "dark")]
)
def test_axe_finds_nothing_serious_in_any_scene(width, language, scheme, visit, served):
    page = opened(visit, served, SCENES[0], width=width, locale=language, color_scheme=scheme)
    for scene in SCENES:
        await_scene(page, scene)
        violations = Axe().run(page, context="#scene").response["violations"]
        serious = [rule for rule in violations if rule["impact"] in ("serious", "critical")]
        assert serious == [], (scene, [(rule["id"], rule["nodes"][0]["html"]) for rule in serious])
        page.keyboard.press("ArrowRight")
