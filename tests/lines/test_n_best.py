"""The compiled decoder: Python's to the last bit, and the same as everything written out."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from decoding_cases import every_path, every_row, random_graph, random_row, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

import lenet
from lenet.engine import native_engine
from lenet.lines import ctc
from lenet.lines.combine import BEAM, NBest, n_best
from lenet.lines.segmentation_graph import SPREAD, Graph, Step, logadd

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.skipif(
    not native_engine.available(), reason="the kernels are not built here"
)


@st.composite
def graphs(draw) -> Graph:
    """Any arcs, so that the end may be out of reach; penalties of few values, so that many tie."""
    nodes = draw(st.integers(0, 6))
    pairs = [(i, j) for i in range(nodes) for j in range(i + 1, nodes + 1)]
    arcs = [pair for pair in pairs if draw(st.integers(0, 9))]
    arcs = [pair for pair in arcs for _ in range(draw(st.sampled_from([1, 1, 1, 2])))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = draw(st.sampled_from([[0.5, 1.0], [0.0, 1.0, 9.0, np.inf], [np.inf], None]))
    shape = (len(arcs), 11)
    prices = rng.normal(3, 4, shape) if values is None else rng.choice(values, shape)
    if draw(st.booleans()):
        prices[:, 10] = np.inf
    first, last = np.array(arcs, int).reshape(-1, 2).T.tolist()
    return Graph(first, last, prices[:, :10], prices[:, 10], nodes)


@st.composite
def rows(draw) -> np.ndarray:
    """Log-probabilities of few values or of any, here and there one that cannot be."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = (draw(st.integers(1, 9)), 11)
    values = draw(st.sampled_from([[-0.5], [-0.5, -1.0, -6.0, -7.0], [-1.0, -np.inf], None]))
    return (rng.normal(-4, 3, shape) if values is None else rng.choice(values, shape)).astype("f4")


def arrays_of(graph: Graph) -> tuple:
    """The graph as the kernels take it."""
    first, last = (np.asarray(nodes, np.int64) for nodes in (graph.first, graph.last))
    digits, nothing = (np.ascontiguousarray(prices) for prices in (graph.digits, graph.nothing))
    return first, last, digits, nothing, graph.nodes


def native_n_best(graph: Graph, outputs: np.ndarray, beam: int = BEAM) -> NBest:
    found = native_engine.kernels().n_best(
        *arrays_of(graph), outputs, beam, SPREAD, ctc.MIN_LOG_PROB
    )
    texts, *scores = found
    return NBest([tuple(text) for text in texts], *map(np.array, scores))


def native_path(graph: Graph, text) -> list[Step]:
    return [Step(*step) for step in native_engine.kernels().path(*arrays_of(graph), list(text))]


@settings(deadline=None, max_examples=300)
@given(graphs(), rows())
def test_the_same_texts_in_the_same_order_to_the_last_bit(graph, outputs):
    found = native_n_best(graph, outputs)
    with np.errstate(invalid="ignore"):  # inf − inf where no path reaches the end
        wanted = n_best(graph, outputs)
    assert found.texts == wanted.texts
    assert np.array_equal(found.graph, wanted.graph, equal_nan=True)
    assert np.array_equal(found.sdnn, wanted.sdnn)
    for text in [*wanted.texts, (1, 2, 3)]:
        assert native_path(graph, text) == graph.path(text)


@settings(deadline=None, max_examples=300)
@given(rows(), st.lists(st.integers(0, 9), max_size=4))
def test_digits_are_aligned_alike(outputs, text):
    if len(text) > len(outputs) or not np.isfinite(outputs).all():
        return
    assert native_engine.kernels().align(outputs, text) == ctc.align(outputs, tuple(text))


@pytest.mark.parametrize("seed", range(4))
def test_against_all_paths_and_rows(seed):
    graph, outputs = random_graph(seed, nodes=3), random_row(seed)
    graph_scores: dict[tuple[int, ...], float] = {}
    for penalty, values, _ in every_path(graph):
        graph_scores[values] = logadd(graph_scores.get(values, math.inf), penalty)
    sdnn_scores: dict[tuple[int, ...], float] = {}
    for row, price in every_row(outputs):
        sdnn_scores[text_of(row)] = np.logaddexp(sdnn_scores.get(text_of(row), -math.inf), price)
    whole = -math.log(sum(math.exp(-penalty) for penalty in graph_scores.values()))
    found = native_n_best(graph, outputs, beam=40)
    texts, scores = found.texts, (found.graph, found.sdnn)
    best, *others = sorted(graph_scores, key=graph_scores.get)[:6]
    assert texts[0] == min(every_path(graph))[1]
    assert [text for text in texts if text in {best, *others} - {texts[0]}] == [
        text for text in (best, *others) if text != texts[0]
    ]
    assert set(sorted(sdnn_scores, key=sdnn_scores.get, reverse=True)[:6]) <= set(texts)
    for text, of_graph, of_row in zip(texts, *scores, strict=True):
        assert of_graph == pytest.approx(whole - graph_scores.get(text, math.inf))
        if text in sdnn_scores:
            assert of_row == pytest.approx(sdnn_scores[text], abs=1e-4)
        else:
            assert of_row < -30


def arguments() -> dict:
    """Of a call that is answered."""
    names = ("first", "last", "digits", "nothing", "nodes")
    search = {"outputs": random_row(0), "beam": 6, "spread": 6.0, "least": -6.0}
    return dict(zip(names, arrays_of(random_graph(0)), strict=True)) | search


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        ({"first": np.array([0, 1])}, ValueError),
        ({"first": np.zeros(18, np.int64)[::2]}, TypeError),  # not in one piece
        ({"first": np.arange(9, dtype=np.int32)}, TypeError),
        ({"first": np.array([0, 0, 0, 2, 1, 1, 2, 2, 3])}, ValueError),
        ({"first": np.array([-1, 0, 0, 1, 1, 1, 2, 2, 3])}, ValueError),
        ({"last": np.array([1, 2, 3, 2, 3, 4, 3, 4, 3])}, ValueError),
        ({"last": np.array([1, 2, 3, 2, 3, 5, 3, 4, 4])}, ValueError),
        ({"nodes": 3}, ValueError),
        ({"nodes": -1}, ValueError),
        ({"nodes": 2**40}, ValueError),
        ({"digits": np.zeros((9, 11))}, TypeError),
        ({"digits": np.zeros((9, 10), np.float32)}, TypeError),
        ({"digits": np.zeros((8, 10))}, ValueError),
        ({"nothing": np.zeros(8)}, ValueError),
        ({"outputs": np.zeros((0, 11), np.float32)}, ValueError),
        ({"outputs": np.zeros((3, 10), np.float32)}, TypeError),
        ({"outputs": np.zeros((3, 11))}, TypeError),
        ({"beam": 0}, ValueError),
        ({"beam": 2**40}, ValueError),
    ],
)
def test_what_does_not_fit_is_refused(harm, error):
    assert native_engine.kernels().n_best(**arguments())[0]
    with pytest.raises(error, match=r"expected|incompatible"):
        native_engine.kernels().n_best(**(arguments() | harm))


def test_a_line_is_read_alike_where_nothing_was_built(monkeypatch):
    digits = [lenet.read(path).digits[0].image for path in sorted(EXAMPLES.glob("[2-5]-*"))]
    line = 255 - np.pad(np.hstack(digits), 8)
    found = lenet.read(line, layout="line")
    monkeypatch.setattr(native_engine, "_kernels", None)
    wanted = lenet.read(line, layout="line")
    assert found.text == wanted.text
    assert len(found.text) == len(digits)
    assert found.digits == tuple(
        replace(digit, confidence=pytest.approx(digit.confidence, abs=1e-4))
        for digit in wanted.digits
    )


@pytest.mark.parametrize("text", [[10], [-1], [0, 99]])
def test_a_path_of_no_digits_is_refused(text):
    with pytest.raises(ValueError, match="0 … 9"):
        native_path(random_graph(0), text)
    assert native_path(random_graph(0), [3] * 10_000) == random_graph(0).path([3] * 10) == []
