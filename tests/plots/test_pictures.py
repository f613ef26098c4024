"""The numbers behind every picture."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.image import AxesImage

from lenet.network.architecture import TABLE_I, Architecture
from lenet.network.confidence import probabilities
from lenet.plots.forward_trace import unit_breakdown
from lenet.plots.kernels import strengths, strokes
from lenet.plots.receptive_field import SHAPES, Unit, dependence
from lenet.plots.receptive_field_plot import draw_receptive_field, equation
from lenet.plots.rows import connection_table, scale_of
from lenet.plots.sheet import ACCENT, number
from lenet.plots.stages import bars

MIDDLE = {layer: Unit(layer, *(size // 2 for size in shape)) for layer, shape in SHAPES.items()}


def images(figure, shape: tuple[int, ...]) -> list[AxesImage]:
    """The images of this shape in the order drawn, which is that of reading the page."""
    (axes,) = figure.axes
    return [image for image in axes.images if image.get_array().shape == shape]


def arrays(figure, shape: tuple[int, ...]) -> np.ndarray:
    return np.stack([np.asarray(image.get_array()) for image in images(figure, shape)])


def words(figure) -> list[str]:
    (axes,) = figure.axes
    return [text.get_text() for text in axes.texts]


def test_the_stage_sheet_shows_every_value_of_every_stage(trace, drawn):
    figure = drawn(trace.weights.architecture, "stages")
    np.testing.assert_array_equal(arrays(figure, (32, 32)), trace.maps["input"])
    np.testing.assert_array_equal(arrays(figure, (28, 28)), trace.maps["C1"])
    np.testing.assert_array_equal(arrays(figure, (14, 14)), trace.maps["S2"])
    np.testing.assert_array_equal(arrays(figure, (10, 10)), trace.maps["C3"])
    np.testing.assert_array_equal(arrays(figure, (5, 5)), trace.maps["S4"])
    np.testing.assert_array_equal(arrays(figure, (1, 15)).ravel(), trace.stages.c5.ravel())
    f6, *targets = arrays(figure, (12, 7))
    np.testing.assert_array_equal(f6.ravel(), trace.stages.f6[0])
    head = "output.codes" if trace.weights.architecture.head == "rbf" else "output.weight"
    np.testing.assert_array_equal(np.reshape(targets, (10, 84)), trace.weights.tensors[head])


def test_maps_are_drawn_at_one_scale_so_that_they_shrink(trace, drawn):
    figure = drawn(trace.weights.architecture, "stages")
    for side in (32, 28, 14, 10, 5):
        for image in images(figure, (side, side)):
            left, right, bottom, top = image.get_extent()
            assert (right - left, bottom - top) == pytest.approx((side, side))


def test_a_row_shows_its_values_between_white_and_black(trace, drawn):
    figure = drawn(trace.weights.architecture, "stages")
    for side, layer in ((28, "C1"), (10, "C3")):
        low, high, _ = scale_of(trace, layer)
        assert low <= trace.maps[layer].min() < trace.maps[layer].max() <= high
        assert {image.get_clim() for image in images(figure, (side, side))} == {(low, high)}


def test_the_lowest_bar_is_marked_and_bars_measure_penalties(trace_of, drawn):
    trace = trace_of(Architecture())
    penalties = trace.stages.output[0]
    drawn = [patch for patch in drawn(Architecture(), "stages").axes[0].patches if patch.get_fill()]
    assert len(drawn) == 10
    heights = np.array([patch.get_height() for patch in drawn])
    np.testing.assert_allclose(heights / heights.max(), penalties / penalties.max(), rtol=1e-5)
    marked = [same_color(patch.get_facecolor(), ACCENT) for patch in drawn]
    assert np.flatnonzero(marked).tolist() == [penalties.argmin()]


def test_the_stage_sheet_says_answer_confidence_and_penalties(trace, drawn):
    figure = drawn(trace.weights.architecture, "stages")
    said = words(figure)
    penalties = trace.stages.output
    value = int(penalties.argmin())
    share = probabilities(penalties)[0, value]
    marked = [text for text in figure.axes[0].texts if same_color(text.get_color(), ACCENT)]
    # The answer; its penalty above its bar, and the digit below it.
    assert [text.get_text() for text in marked] == [
        str(value),
        number(penalties[0, value], ".1f"),
        str(value),
    ]
    assert f"confidence {share * 100:.1f} %" in said
    assert {number(penalty, ".1f") for penalty in penalties[0]} <= set(said)


@pytest.mark.parametrize(
    ("penalties", "heights"),
    [([2, 4, 8], [0.25, 0.5, 1]), ([-3, 1, 0], [0, 1, 0.75]), ([0, 0, 0], [0, 0, 0])],
)
def test_bars(penalties, heights):
    np.testing.assert_allclose(bars(np.array(penalties, np.float32)), heights)


def test_the_kernel_sheet_shows_c1_and_table_i(trace, drawn):
    figure = drawn(trace.weights.architecture, "kernels")
    drawn = images(figure, (5, 5))
    tensors, inputs = trace.weights.tensors, trace.weights.architecture.c3_inputs
    c1 = [image.get_array() for image in drawn[:6]]
    np.testing.assert_array_equal(c1, tensors["c1.weight"][:, 0])
    places = [image.get_extent() for image in drawn[6:]]  # (left, right, bottom, top)
    columns, lines = (np.unique([place[edge] for place in places]) for edge in (0, 3))
    assert (len(columns), len(lines)) == (16, 6)
    found = {}
    for image, (left, _, _, top) in zip(drawn[6:], places, strict=True):
        found[np.searchsorted(columns, left), np.searchsorted(lines, top)] = image.get_array()
    assert set(found) == {(to, source) for to, reads in enumerate(inputs) for source in reads}
    for (to, source), kernel in found.items():
        np.testing.assert_array_equal(kernel, tensors["c3.weight"][to, source])


def test_the_kernel_sheet_prints_biases_and_coefficients(trace_of, drawn):
    weights = trace_of(Architecture()).weights
    said = words(drawn(Architecture(), "kernels"))
    for name in ("c1.bias", "s2.bias", "c3.bias", "s4.bias"):
        assert {number(bias) for bias in weights.tensors[name]} <= set(said)
    assert said.count("0.50") == 6 + 16  # as the coefficients start


def test_the_kernel_sheet_summarises_c5_and_f6(trace, drawn):
    weights = trace.weights
    figure = drawn(weights.architecture, "kernels")
    c5, f6 = weights.tensors["c5.weight"], weights.tensors["f6.weight"]
    table = np.concatenate(arrays(figure, (16, 15)), axis=1)
    np.testing.assert_array_equal(table, strengths(weights))
    assert table[3, 77] == pytest.approx(np.sqrt(np.mean(c5[77, 3].astype(float) ** 2)))
    drawings = arrays(figure, (12, 7))
    np.testing.assert_array_equal(drawings[:120], strokes(weights))
    assert drawings[77, 4, 2] == f6[4 * 7 + 2, 77]
    if weights.architecture.head == "linear":
        heads = drawings[120:].reshape(10, 84)
        np.testing.assert_array_equal(heads, weights.tensors["output.weight"])


def test_the_connection_table_is_table_i():
    assert [tuple(np.flatnonzero(reads)) for reads in connection_table(Architecture())] == list(
        TABLE_I
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "architecture", [Architecture(), Architecture(c3="full")], ids=["1998", "full"]
)
@pytest.mark.parametrize("layer", SHAPES)
def test_the_field_sheet_pales_exactly_what_cannot_matter(drawn, architecture, layer):
    veils = [
        np.asarray(image.get_array())
        for image in drawn(architecture, layer).axes[0].images
        if image.get_array().ndim == 3
    ]
    masks = dependence(MIDDLE[layer], architecture)
    clear = np.concatenate([veil[..., 3].ravel() == 0 for veil in veils])
    np.testing.assert_array_equal(clear, np.concatenate([mask.ravel() for mask in masks.values()]))


def test_the_field_sheet_frames_the_field(trace_of):
    unit = Unit("C3", 6, 4, 5)
    patches = draw_receptive_field(trace_of(Architecture()), unit).axes[0].patches
    framed = [patch for patch in patches if same_color(patch.get_edgecolor(), ACCENT)]
    sides = [(round(patch.get_width(), 3), round(patch.get_height(), 3)) for patch in framed]
    assert sides == [(14, 14)] + 4 * [(10, 10)] + 4 * [(5, 5)] + [(1, 1)]
    plane = framed[0]
    assert (plane.get_x() - 6, plane.get_y() - 17) == (10, 8)  # the input begins at (6, 17)


def test_the_field_sheet_of_a_c1_unit_writes_out_its_sum(trace_of):
    trace, unit = trace_of(Architecture()), Unit("C1", 2, 10, 12)
    said = words(draw_receptive_field(trace, unit))
    inputs = trace.maps["input"][0, 10:15, 12:17]
    kernel = trace.weights.tensors["c1.weight"][2, 0]
    for numbers in (inputs, kernel, inputs * kernel):
        for value in numbers.flat:
            assert number(value) in said
    total = (inputs * kernel).sum()
    bias, squashed = trace.weights.tensors["c1.bias"][2], trace.maps["C1"][2, 10, 12]
    line = f"sum {total:.3f} + bias {bias:.3f} = {total + bias:.3f}, squashed to {squashed:.3f}"
    assert line.replace("-", "−") in said


def test_numbers_are_printed_without_minus_0():
    assert number(-0.001) == "0.00"
    assert number(-0.001, "+.2f") == "+0.00"
    assert number(-1.5) == "−1.50"


def test_the_sum_of_a_unit_without_bias_is_its_value(trace_of):
    trace = trace_of(Architecture(subsampling="average"))
    unit = Unit("S2", 1, 3, 4)
    mean = trace.maps["C1"][1, 6:8, 8:10].mean()
    assert equation(unit_breakdown(trace, unit)) == f"sum {mean:.3f}".replace("-", "−")
