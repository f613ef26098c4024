"""The figure of the architecture shows the numbers of `lenet info`, and those of the paper."""

from __future__ import annotations

import pytest
from matplotlib.patches import Rectangle

from lenet.network.architecture import Architecture
from lenet.network.summary import summarise
from lenet.plots.architecture import PIXEL, operation


def words_of(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_names_sizes_and_costs_are_those_of_the_summary(drawn, kinds):
    for architecture in kinds.values():
        words = words_of(drawn(architecture, "architecture"))
        layers = summarise(architecture)
        for layer in layers:
            maps, rows, columns = layer.shape
            assert layer.name.upper() in words
            assert (f"{maps}@{rows}×{columns}" if rows > 1 else str(maps)) in words
        for name in ("parameters", "connections"):
            counts = [getattr(layer, name) for layer in layers]
            assert f"{sum(counts):,} {name}" in words
            assert all(f"{count:,}" in words for count in counts)


def test_the_published_network_has_the_papers_numbers(drawn):
    words = words_of(drawn(Architecture(), "architecture"))
    for text in ("60,000 parameters", "340,908 connections", "6@28×28", "16@5×5", "122,304"):
        assert text in words
    assert "Gaussian" in words


def test_every_map_is_a_square_of_its_size(drawn):
    patches = drawn(Architecture(), "architecture").axes[0].patches
    sides = [round(p.get_width() / PIXEL) for p in patches if isinstance(p, Rectangle)]
    for side, maps in ((32, 1), (28, 6), (14, 6), (10, 16)):
        assert sides.count(side) == maps


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
