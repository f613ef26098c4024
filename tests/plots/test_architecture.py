"""The figure of the architecture shows the numbers of `lenet info`, and those of the paper."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lenet.network.architecture import Architecture
from lenet.network.summary import summarise
from lenet.plots.architecture import ANSWER_CELL, PIXEL, operation, weights_and_biases


def words_of(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_names_sizes_and_costs_are_those_of_the_summary(drawn, kinds):
    for architecture in kinds.values():
        words = words_of(drawn(architecture, "architecture"))
        layers = summarise(architecture)
        for layer in layers:
            maps, rows, columns = layer.shape
            assert layer.name.capitalize() in words
            assert (f"{maps}@{rows}×{columns}" if rows > 1 else str(maps)) in words
        names = ("parameters", "connections")
        for name in names:
            assert all(f"{getattr(layer, name):,}" in words for layer in layers)
        totals = [sum(getattr(layer, name) for layer in layers) for name in names]
        assert "{:,} parameters, {:,} connections".format(*totals) in words
        split = [weights_and_biases(layer) for layer in layers]
        assert all(f"{count:,}" in words for count in np.ravel(split))


def test_the_published_network_has_the_papers_numbers(drawn):
    words = words_of(drawn(Architecture(), "architecture"))
    for text in ("60,000 parameters, 340,908 connections", "6@28×28", "16@5×5", "122,304"):
        assert text in words
    assert "Gaussian" in words


def test_every_map_is_a_square_of_its_size(drawn):
    patches = drawn(Architecture(), "architecture").axes[0].patches
    filled = [patch for patch in patches if isinstance(patch, Rectangle) and patch.get_fill()]
    outputs = [patch for patch in filled if patch.get_x() > 190]  # right of F6
    assert {round(patch.get_width(), 6) for patch in outputs} == {ANSWER_CELL}
    sides = [round(patch.get_width() / PIXEL) for patch in filled if patch not in outputs]
    assert len(outputs) == 10
    for side, maps in ((32, 1), (28, 6), (14, 6), (10, 16), (5, 16)):
        assert sides.count(side) == maps


def test_every_map_has_its_number_and_every_pair_of_table_i_its_line(drawn, kinds):
    for architecture in kinds.values():
        figure = drawn(architecture, "architecture")
        said = words_of(figure)
        for count, times in ((6, 2), (16, 2)):  # C1 and S2, C3 and S4
            assert all(said.count(str(number)) >= times for number in range(count))
        lines = [tuple(line.get_xdata()) for line in figure.axes[0].lines]
        pairs = sum(map(len, architecture.c3_inputs))
        assert pairs in Counter(lines).values()


@pytest.mark.parametrize(
    ("architecture", "layer", "words"),
    [
        (Architecture(), "S2", ("2×2", "sub-sampling")),
        (Architecture(subsampling="max"), "S4", ("2×2", "max pooling")),
        (Architecture(), "F6", ("full", "connection")),
        (Architecture(), "output", ("Gaussian", "connection")),
        (Architecture(head="linear"), "output", ("full", "connection")),
    ],
)
def test_operations_are_named(architecture, layer, words):
    row = next(row for row in summarise(architecture) if row.name == layer)
    assert operation(row, architecture) == words
