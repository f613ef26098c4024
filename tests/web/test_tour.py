"""docs/tour.md says what the commands say, in both languages."""

from __future__ import annotations

import json
import re
import runpy

import numpy as np
import pytest
from page_cases import ROOT

from lenet.engine.numpy_engine import NumpyEngine
from lenet.network.plane import to_planes
from lenet.network.variants import lenet5
from lenet.network.weights import load_weights
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.sensitivity import relative_change, traces
from lenet.preprocessing.prepare import prepare_file
from lenet.web.networks import BASELINES, dense_tensors

TOURS = ("docs/tour.md", "docs/tour.ko.md")


def text_of(tour: str) -> str:
    return (ROOT / tour).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def facts() -> set[str]:
    """Everything with a number in it that the tour is to say."""
    network, dense = load_weights("1998"), dense_tensors(BASELINES / "28x28-75-10")[1]
    found = {f"{lenet5(shared=False).parameters:,}", f"{dense['parameters']:,}"}
    found |= {f"{100 * card['test_error_rate']:.2f} %" for card in (network.card, dense)}
    results = json.loads(text_of("docs/results/why-convolution.json"))["rows"]
    ours = {row["what"]: row for row in results}
    for name in ("LeNet-5", "LeNet-5, unshared", "LeNet-5, not sub-sampled", "max"):
        found.add(f"{ours[name]['ours']:.2f} %")
    for name in ("full table", "LeNet-5"):
        found.add(f"{ours[name]['ours']:.2f} ± {ours[name]['sd']:.2f} %")
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
