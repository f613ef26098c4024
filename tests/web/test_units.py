"""Pointing at a unit: what it depends on lights up, and its sum is worked out."""

from __future__ import annotations

import re

import numpy as np
import pytest
from page_cases import CARD, DIGIT
from playwright.sync_api import expect

from lenet.network.architecture import Architecture
from lenet.plots.receptive_field import LAYERS, SHAPES, maps_read, receptive_field

PLACES = ((0.07, 0.21), (0.33, 0.9), (0.52, 0.4), (0.71, 0.66), (0.95, 0.12))
NAME = re.compile(r"^(\w+), (?:map (\d+), row (\d+), column (\d+)|unit (\d+)): (\S+)$")


def canvas(page, layer):
    return page.locator(f"canvas[data-layer='{layer}']")


def pointed_at(page):
    """The unit that the page says it explains: (layer, map, row, column), and its value."""
    layer, number, row, column, alone, value = NAME.match(
        page.locator("#unit-breakdown h3").inner_text()
    ).groups()
    place = (int(alone), 0, 0) if alone else (int(number), int(row), int(column))
    return (layer.replace("Output", "output"), *place), float(value.replace("−", "-"))


def hover(page, layer, across, down):
    target = canvas(page, layer)
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    numbers = 16 * (layer in ("C1", "S2", "C3", "S4"))  # pixels that the maps' numbers take
    left = box["x"] + numbers + across * (box["width"] - numbers)
    page.mouse.move(left, box["y"] + down * box["height"])


@pytest.mark.parametrize("layer", SHAPES)
def test_what_lights_up_is_the_receptive_field(layer, visit, served):
    page, seen = visit(served), set()
    for across, down in PLACES:
        hover(page, layer, across, down)
        if not page.locator("#unit.chosen").count():
            continue  # between two maps
        (found, number, row, column), _ = pointed_at(page)
        assert found == layer
        seen.add((number, row, column))
        fields, maps = receptive_field(layer, row, column), maps_read(layer, number, Architecture())
        for below, box in fields.items():
            assert canvas(page, below).get_attribute("data-field") == ",".join(map(str, box))
            assert canvas(page, below).get_attribute("data-maps") == ",".join(map(str, maps[below]))
        for later in LAYERS[LAYERS.index(layer) + 1 :]:
            assert canvas(page, later).get_attribute("data-maps") == ""
    assert len(seen) >= 3


def test_the_pointer_meets_the_unit_that_is_drawn_there(visit, served):
    """The corners of S2's first and last maps, which stand one above the other."""
    page = visit(served)
    target = canvas(page, "S2")
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    step, side = box["height"] / 6, box["width"] - 17  # the maps, their numbers to the left
    left, top = box["x"] + 16, box["y"] + (step - side) / 2
    page.mouse.move(left + 2, top + 2)
    assert pointed_at(page)[0] == ("S2", 0, 0, 0)
    page.mouse.move(left + side - 2, top + 5 * step + side - 2)
    assert pointed_at(page)[0] == ("S2", 5, 13, 13)
    page.mouse.move(2, 2)
    expect(page.locator("#unit.chosen")).to_have_count(0)
    assert pointed_at(page)[0] == ("S2", 5, 13, 13)  # its sum stays to be read


def test_the_frame_is_painted_where_the_field_is(visit, served):
    """The accent's colour lies around the 5×5 pixels of the input, and nowhere else."""
    page = visit(served)
    hover(page, "C1", 0.1, 0.2)
    (_, _, row, column), _ = pointed_at(page)
    found = page.evaluate(
        """() => {
          const canvas = document.querySelector("canvas[data-layer='input']");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const at = [];
          for (let k = 0; k < data.length / 4; k++)
            if (data[4 * k] > 150 && data[4 * k + 1] < 90 && data[4 * k + 2] < 60)
              at.push([k % canvas.width, Math.floor(k / canvas.width)]);
          return at;
        }"""
    )
    left, top = np.min(found, axis=0)
    right, bottom = np.max(found, axis=0)
    cell = (page.locator("canvas[data-layer='input']").bounding_box()["width"] - 2) / 32
    assert abs(left - column * cell) <= 2
    assert abs(top - row * cell) <= 2
    assert abs((right - left) - 5 * cell) <= 3
    assert abs((bottom - top) - 5 * cell) <= 3


def numbers(page, caption):
    """The numbers of the table under this caption."""
    cells = page.locator(f"#unit-breakdown figure:has(figcaption:text-is('{caption}')) td")
    return np.array([float(text.replace("−", "-")) for text in cells.all_inner_texts()])


def test_a_c1_units_sum_is_worked_out(visit, served):
    page = visit(served)
    canvas(page, "C1").focus()
    page.keyboard.press("ArrowRight")
    (_, number, row, column), value = pointed_at(page)
    assert (number, row, column) == (0, 14, 14)
    inputs, weights, products = (numbers(page, name) for name in ("inputs", "weights", "products"))
    assert inputs.shape == weights.shape == products.shape == (25,)
    np.testing.assert_allclose(inputs * weights, products, atol=0.02)
    said = page.locator("#unit-breakdown .total").inner_text().replace("−", "-")
    total, bias, whole, squashed = map(float, re.findall(r"-?\d+\.\d+", said))
    assert abs(products.sum() - total) < 0.13
    assert abs(total + bias - whole) < 0.011
    assert abs(1.7159 * np.tanh(2 / 3 * whole) - squashed) < 0.011
    assert squashed == value


@pytest.mark.parametrize("layer", ["C3", "C5", "F6", "output"])
def test_no_sum_is_clipped(layer, visit, served):
    page = visit(served)
    canvas(page, layer).focus()
    page.keyboard.press("ArrowRight")
    panel = "document.getElementById('unit')"
    assert page.evaluate(f"{panel}.scrollWidth - {panel}.clientWidth") == 0


@pytest.mark.parametrize(("layer", "columns"), [("C1", 28), ("S4", 5)])
def test_the_window_slides_and_the_map_fills(layer, columns, visit, served):
    page = visit(served)
    filled = "Number(document.getElementById('watch-map').dataset.filled)"
    canvas(page, layer).focus()
    page.keyboard.press("ArrowUp")
    assert page.evaluate(filled) == columns**2  # until it plays
    page.click("#step-on")
    page.click("#step-on")
    (found, _, row, column), _ = pointed_at(page)
    assert (found, row, column, page.evaluate(filled)) == (layer, 0, 1, 2)
    assert canvas(page, layer).get_attribute("data-field") == "0,1,1,2"
    page.locator("#speed").fill("60")
    page.click("#play")
    expect(page.locator("#unit-breakdown h3")).to_contain_text(re.compile(r"row [1-9]"))
    page.click("#play")
    (_, _, row, column), _ = pointed_at(page)
    assert page.evaluate(filled) == row * columns + column + 1
    page.click("#release")
    expect(page.locator("#unit.chosen")).to_have_count(0)


def test_keys_move_the_unit_and_say_where_it_is(visit, served):
    page = visit(served)
    canvas(page, "C3").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "PageDown"):
        page.keyboard.press(key)
    assert pointed_at(page)[0] == ("C3", 1, 6, 4)
    expect(page.locator("#unit-live")).to_contain_text("C3 map 1, row 6, column 4")
    page.mouse.move(5, 5)
    assert pointed_at(page)[0] == ("C3", 1, 6, 4)  # kept
    page.keyboard.press("Escape")
    expect(page.locator("#unit.chosen")).to_have_count(0)


def test_networks_side_by_side(visit, served):
    page = visit(served)
    other = page.locator("article[data-network='28x28-75-10']")
    other.locator("button").click()
    expect(other.locator(".digit")).to_have_text("4")
    expect(page.locator("#layers h3")).to_have_text(
        ["Input1@28×28", "Hidden75", "Classes10", "Output10"]
    )
    hover(page, "hidden", 0.5, 0.5)
    assert canvas(page, "input").get_attribute("data-field") == "0,0,28,28"
    page.locator(f"{CARD} button").click()
    expect(page.locator("#layers .layer:not(.kernels)")).to_have_count(8)


def test_an_unsure_answer_is_rejected(visit, served):
    page = visit(served)
    page.locator("#reject").fill("100")
    expect(page.locator(DIGIT)).to_have_text("?")
    expect(page.locator(f"{CARD} .sure")).to_contain_text("rejected: 4")
