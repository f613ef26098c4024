"""The pictures of why: F6 beside the codes, occlusion, perturbations, Table I, mistakes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from lenet.augmentation.transforms import translate
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import UsageError
from lenet.network.architecture import TABLE_I, Architecture
from lenet.network.lenet5 import from_weights
from lenet.network.plane import PAPER, to_planes
from lenet.network.weights import load_weights
from lenet.plots.architecture import draw_c3_table
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.mistakes import draw_confusion, draw_mistakes
from lenet.plots.sensitivity import (
    PERTURBATIONS,
    draw_occlusion,
    draw_perturbations,
    margin,
    occlusion_map,
    relative_change,
    saliency_map,
    traces,
)
from lenet.plots.sheet import number
from lenet.plots.stages import draw_rbf_output, squared_differences


@pytest.fixture(scope="module")
def trained(seven):
    """The drawn 7 through the shipped network."""
    weights = load_weights("1998")
    return ForwardTrace(seven, NumpyEngine(weights).stages(to_planes(seven)), weights)


@pytest.fixture(scope="module")
def penalties():
    network = NumpyEngine(load_weights("1998"))
    return lambda planes: network.stages(planes).output


def words(figure: Figure) -> list[str]:
    axes = figure.axes[0]
    return [text.get_text() for text in (*axes.texts,)]


def arrays(figure: Figure, shape: tuple[int, int]) -> list[np.ndarray]:
    images = (np.asarray(image.get_array()) for image in figure.axes[0].images)
    return [values for values in images if values.shape == shape]


def test_squared_differences_add_up_to_the_penalties(trained):
    sums = squared_differences(trained).sum((1, 2))
    np.testing.assert_allclose(sums, trained.stages.output[0], rtol=1e-5)


def test_the_answer_sheet_shows_the_codes_the_differences_and_their_sums(trained):
    figure = draw_rbf_output(trained)
    drawn = arrays(figure, (12, 7))
    assert len(drawn) == 1 + 2 * 10
    np.testing.assert_array_equal(drawn[0].ravel(), trained.stages.f6[0])
    np.testing.assert_array_equal(drawn[2::2], squared_differences(trained))
    said = words(figure)
    for penalty in trained.stages.output[0]:
        assert number(float(penalty), ".1f") in said


def test_a_linear_head_has_no_answer_sheet(trace_of):
    with pytest.raises(UsageError, match="RBF"):
        draw_rbf_output(trace_of(Architecture(head="linear")))


def test_the_margin_is_the_distance_to_the_next_best():
    given = np.array([[3, 1, 2.5], [0, 4, 2]], np.float32)
    np.testing.assert_array_equal(margin(given, 1), [1.5, -4])


def test_occlusion_is_the_margin_lost(trained, penalties):
    found, value = occlusion_map(trained, penalties), trained.value
    whole = margin(penalties(to_planes(trained.image)), value)
    for row, column in ((8, 12), (0, 0), (31, 30), (16, 17)):
        plane = to_planes(trained.image)
        for r in range(max(0, row - 2), min(32, row + 3)):
            for c in range(max(0, column - 2), min(32, column + 3)):
                plane[0, 0, r, c] = PAPER
        lost = whole - margin(penalties(plane), value)
        assert found[row, column] == pytest.approx(float(lost[0]), abs=1e-4)
    assert found[0, 0] == pytest.approx(0, abs=1e-4)  # paper over paper
    assert found.max() > 1


def test_saliency_is_the_gradient(trained, penalties):
    """Beside PyTorch's, of the same difference of two penalties."""
    plane = torch.from_numpy(to_planes(trained.image)).requires_grad_()
    output = from_weights(trained.weights)(plane)[0]
    best, second = np.argsort(output.detach().numpy())[:2]
    (output[second] - output[best]).backward()
    gradient = plane.grad[0, 0].numpy()
    np.testing.assert_allclose(
        saliency_map(trained, penalties), gradient, atol=0.03 * np.abs(gradient).max()
    )


def test_the_occlusion_sheet_shows_both_maps(trained, penalties):
    drawn = arrays(draw_occlusion(trained, penalties), (32, 32))
    np.testing.assert_array_equal(drawn[1], occlusion_map(trained, penalties))
    np.testing.assert_array_equal(drawn[2], saliency_map(trained, penalties))


def test_relative_change_lies_between_0_and_bare_paper(trained, seven, penalties):
    network = NumpyEngine(trained.weights)

    def trace(image):
        return ForwardTrace(image, network.stages(to_planes(image)), trained.weights)

    blank = trace(np.zeros_like(seven))
    assert set(relative_change(trained, trained, blank).values()) == {0}
    assert set(relative_change(trained, blank, blank).values()) == {1}
    moved = trace(translate(seven[None], 1)[0])
    found = relative_change(trained, moved, blank)
    gap = np.linalg.norm(moved.maps["C3"] - trained.maps["C3"])
    whole = np.linalg.norm(blank.maps["C3"] - trained.maps["C3"])
    assert found["C3"] == pytest.approx(gap / whole, rel=1e-5)
    assert found["F6"] < found["S4"] < found["C1"]  # the network forgets where the digit lies
    taken = traces(seven, trace)
    np.testing.assert_array_equal(taken[0].image, seven)
    figure = draw_perturbations(seven, trace)
    assert len(arrays(figure, (28, 28))) == len(PERTURBATIONS)
    assert f"{100 * found['F6']:.0f} %" in words(figure)


def test_the_c3_table_has_a_line_for_every_pair_of_table_i():
    figure = draw_c3_table(Architecture())
    curves = [patch for patch in figure.axes[0].patches if patch.get_path().codes is not None]
    lines = [patch for patch in curves if 4 in patch.get_path().codes]  # CURVE4
    assert len(lines) == 60
    assert words(figure).count("×") == sum(map(len, TABLE_I)) == 60
    marks = [text for text in figure.axes[0].texts if text.get_text() == "×"]
    columns = sorted({mark.get_position()[0] for mark in marks})
    reads = [sum(mark.get_position()[0] == column for mark in marks) for column in columns]
    assert reads == list(map(len, TABLE_I))
    assert len(draw_c3_table(Architecture(c3="full")).axes[0].patches) == 96 + 22


def test_confusion_prints_every_count():
    confusion = np.diag(np.arange(10)).astype(np.int64)
    confusion[3, 5] = 17
    axes = draw_confusion(confusion, Figure().subplots())
    said = {text.get_text(): text.get_position() for text in axes.texts}
    assert said["17"] == (5, 3)
    assert "0" not in said
    assert "17 of 62 digits wrong" in axes.get_title()
    assert axes.images[0].get_array()[3, 3] == 0  # right answers carry no colour


def test_mistakes_are_sorted_by_confidence_and_counted():
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (90, 28, 28)).astype(np.uint8)
    labels, answers = np.arange(90) % 10, (np.arange(90) + 1) % 10
    sure = rng.random(90)
    figure = draw_mistakes(images, labels, answers, sure)
    drawn = arrays(figure, (28, 28))
    assert len(drawn) == 80
    np.testing.assert_array_equal(drawn[0], images[sure.argmax()])
    best = int(sure.argmax())
    assert f"{labels[best]} → {answers[best]}" in words(figure)
    titles = [child.get_text() for child in figure.axes[0].texts]
    assert any("90 digits, the 80 most confident" in title for title in titles)


def test_no_mistakes_gives_an_empty_sheet():
    none = np.zeros(0, np.int64)
    figure = draw_mistakes(np.zeros((0, 28, 28), np.uint8), none, none, np.zeros(0))
    assert any("0 digits" in text.get_text() for text in figure.axes[0].texts)
