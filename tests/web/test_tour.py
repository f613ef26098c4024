"""docs/tour.md says what the commands say, in both languages."""

from __future__ import annotations

import json
import math
import re
import runpy

import numpy as np
import pytest
from page_cases import ROOT

from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.architecture import ARCHITECTURES
from lenet.network.plane import PLANE_SIDE, to_planes
from lenet.network.summary import summarise
from lenet.network.variants import lenet5
from lenet.network.weights import load_weights
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.sensitivity import relative_change, traces
from lenet.preprocessing.prepare import prepare_file
from lenet.web.assemble import EMBEDDED, STATIC
from lenet.web.networks import BASELINES, dense_tensors

TOURS = ("docs/tour.md", "docs/tour.ko.md")


def text_of(tour: str) -> str:
    return (ROOT / tour).read_text(encoding="utf-8")


def rows_of(experiment: str) -> dict[str, dict]:
    document = json.loads(text_of(f"docs/results/{experiment}.json"))
    return {row["what"]: row for row in document["rows"]}


def measured() -> set[str]:
    """What was measured on MNIST, from docs/results."""
    why, sizes = rows_of("why-convolution"), rows_of("training-size")
    rates = [why[name]["ours"] for name in ("LeNet-5", "LeNet-5, unshared", "max")]
    rates.append(why["LeNet-5, not sub-sampled"]["ours"])
    for line in json.loads(text_of("docs/results/why-convolution.json"))["tables"][0]["lines"]:
        if line[0] in ("LeNet-5", "LeNet-5, unshared"):
            rates.append(line[4])
    gaps = set()
    for count in ("15,000", "60,000"):
        test, own = (
            sizes[name]["ours"]
            for name in (f"test, {count} digits learnt", f"those {count} digits")
        )
        rates += [test, own]
        gaps.add(f"{test - own:.2f}")
    rates.append(rows_of("lenet-5")["test, after pass 1"]["ours"])
    noise = [row["ours"] for name, row in rows_of("invariance").items() if "trained with" in name]
    found = {f"{rate:.2f} %" for rate in rates + noise} | gaps
    for name in ("full table", "LeNet-5"):
        found.add(f"{why[name]['ours']:.2f} ± {why[name]['sd']:.2f} %")
    return found


@pytest.fixture(scope="module")
def facts() -> set[str]:
    """Everything with a number in it that the tour is to say."""
    network, dense = load_weights("1998"), dense_tensors(BASELINES / "28x28-75-10")[1]
    found = {f"{lenet5(shared=False).parameters:,}", f"{dense['parameters']:,}"}
    found |= {f"{100 * card['test_error_rate']:.2f} %" for card in (network.card, dense)}
    found |= measured()
    c1, *_ = layers = summarise(ARCHITECTURES["1998"])
    found.add(f"{PLANE_SIDE**2 * math.prod(c1.shape):,}")
    found.add(f"{(28 * 28 + 1) * 75:,}")  # the fully connected network's first layer
    large = sum(layer.parameters for layer in layers if layer.name in ("C5", "F6"))
    found.add(f"{100 * large / sum(layer.parameters for layer in layers):.0f} %")
    engine = NumpyEngine(network)

    def trace(image):
        return ForwardTrace(image, engine.stages(to_planes(image)), network)

    image = prepare_file(ROOT / "examples" / "4-as-mnist.png").image
    still, shifted, *_ = traces(image, trace)
    changes = relative_change(still, shifted, trace(np.zeros_like(image)))
    found |= {f"{100 * changes[layer]:.0f} %" for layer in ("input", "C1", "S2", "C3", "S4", "F6")}
    turned = traces(image, trace)[4]
    assert turned.value == 2
    best, second = np.sort(still.stages.output[0])[:2]
    return found | {f"{100 * turned.probabilities[2]:.1f} %", f"{best:.1f}", f"{second:.1f}"}


@pytest.mark.parametrize("tour", TOURS)
def test_the_numbers_are_those_of_the_network(tour, facts):
    text = text_of(tour)
    missing = {fact for fact in facts if fact not in text}
    # "27.7 to 53.4 %" and the like say the unit once
    assert {fact for fact in missing if fact.removesuffix(" %") not in text} == set()


@pytest.mark.parametrize("tour", TOURS)
def test_the_stops_are_the_scenes(tour):
    language = "ko" if ".ko." in tour else "en"
    texts = json.loads((EMBEDDED / "scenes" / f"{language}.json").read_text(encoding="utf-8"))
    titles = [text for key, text in texts.items() if key.startswith("scene_")]
    headings = re.findall(r"^## (\d+)\. (.*)$", text_of(tour), re.M)
    assert headings == [(str(number), title) for number, title in enumerate(titles, 1)]


@pytest.mark.parametrize("tour", TOURS)
def test_the_table_of_layers_is_that_of_the_command(tour):
    rows = re.findall(r"^\| (?:\w+) \| .*× ?.*\|$", text_of(tour), re.M)
    for row, layer in zip(rows, summarise(ARCHITECTURES["1998"]), strict=True):
        maps, height, width = layer.shape
        _, sizes, field, parameters, connections = map(str.strip, row.strip("|").split("|"))
        assert f"{height}×{width}" in sizes
        assert str(maps) in re.findall(r"\d+", sizes.replace(f"{height}×{width}", ""))
        assert field == f"{layer.receptive_field}×{layer.receptive_field}"
        assert (parameters, connections) == (f"{layer.parameters:,}", f"{layer.connections:,}")


@pytest.mark.parametrize("tour", TOURS)
def test_the_table_of_changes_is_that_of_its_scene(tour):
    scene = (STATIC / "scene-since.js").read_text(encoding="utf-8")  # its own test: test_scenes.py
    changes = re.findall(r'\["\w+", ([\d.]+)\]', scene)
    assert len(changes) == 7
    assert re.findall(r"^\|[^|]+\| ([\d.]+) % \|$", text_of(tour), re.M) == changes


@pytest.mark.parametrize("tour", TOURS)
def test_shifted_digits_are_as_the_script_finds_them(tour):
    rates = runpy.run_path(str(ROOT / "examples/draw_fully_connected.py"))["error_rates"]()
    for name in ("LeNet-5", "28×28-75-10"):
        for shift in (0, 2):
            assert f"{100 * rates[name][shift]:.1f}" in text_of(tour)


@pytest.mark.parametrize("tour", TOURS)
def test_the_mistakes_on_the_embedded_digits(tour, run_lenet):
    done = run_lenet("evaluate", "--data", "digits", "--json")
    document = json.loads(done.stdout)
    text = text_of(tour)
    for figure in (document["n"], document["errors"], f"{100 * document['error_rate']:.2f} %"):
        assert str(figure) in text


def test_both_languages_show_and_say_the_same():
    english, korean = map(text_of, TOURS)
    for pattern in (r"\((images/[^)]+)\)", r"^(#+ \d?)", r"(\d[\d.,]* %)", r"```console\n(.*?)```"):
        both = [sorted(re.findall(pattern, text, re.M | re.S)) for text in (english, korean)]
        if pattern.endswith("%)"):
            both = [sorted(set(found)) for found in both]
            assert set(both[0]) <= set(both[1])
        else:
            assert both[0] == both[1]


@pytest.mark.parametrize("tour", TOURS)
def test_pictures_and_links_are_there(tour):
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text_of(tour)):
        assert (ROOT / "docs" / target).is_file(), target


def test_the_fully_connected_picture_can_be_drawn_again(tmp_path):
    draw = runpy.run_path(str(ROOT / "examples/draw_fully_connected.py"))["main"]
    draw(tmp_path / "again.png")
    assert (tmp_path / "again.png").stat().st_size > 10_000
