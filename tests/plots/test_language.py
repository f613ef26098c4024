"""Every figure in both languages: its size on A4, its letters, and the font that Korean needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import fontManager
from matplotlib.text import Text

import lenet
from lenet.engine.numpy_engine import NumpyEngine
from lenet.errors import LenetError, UsageError
from lenet.network.plane import to_planes
from lenet.plots.architecture import draw_architecture, draw_c3_table
from lenet.plots.forward_trace import ForwardTrace
from lenet.plots.kernels import draw_kernels
from lenet.plots.language import KOREAN, hangul_font
from lenet.plots.mistakes import confusion_figure, draw_mistakes
from lenet.plots.receptive_field import SHAPES, Unit
from lenet.plots.receptive_field_plot import draw_receptive_field
from lenet.plots.sensitivity import draw_occlusion, draw_perturbations
from lenet.plots.show import draw_reading
from lenet.plots.stages import draw_rbf_output, draw_stages

EXAMPLES = Path(__file__).parents[2] / "examples"
WIDE, HIGH = 6.3, 9.7  # inches between the margins of A4


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest) -> str:
    """English, and Korean where a font has Hangul."""
    if request.param == "ko":
        try:
            hangul_font()
        except LenetError as missing:
            pytest.skip(str(missing))
    return request.param


def mistakes(count: int, language: str):
    digits = np.arange(count) % 10
    images = np.zeros((count, 28, 28), np.uint8)
    return draw_mistakes(images, digits, 9 - digits, np.linspace(0, 1, count), language)


def figures_of(trace: ForwardTrace, language: str):
    """Every figure of one digit in one network, by name."""
    weights, network = trace.weights, NumpyEngine(trace.weights)

    def run(image):
        return ForwardTrace(image, network.stages(to_planes(image)), weights)

    yield "architecture", draw_architecture(weights.architecture, language)
    yield "stages", draw_stages(trace, language)
    yield "kernels", draw_kernels(weights, language)
    yield "c3-table", draw_c3_table(weights.architecture, language)
    yield "perturbations", draw_perturbations(trace.image, run, language)
    yield "occlusion", draw_occlusion(trace, lambda each: network.stages(each).output, language)
    if weights.architecture.head == "rbf":
        yield "rbf-output", draw_rbf_output(trace, language)
    for layer, shape in SHAPES.items():
        unit = Unit(layer, *(size // 2 for size in shape))
        yield str(unit), draw_receptive_field(trace, unit, language)
    for count in (0, 90):
        yield f"{count} mistakes", mistakes(count, language)
    confusion = np.full((10, 10), 1234)
    yield "confusion", confusion_figure(confusion, language)


def texts_of(figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


def check(name: str, figure, language: str) -> None:
    wide, high = figure.get_size_inches()
    assert wide <= WIDE + 1e-6, name
    assert high <= HIGH + 1e-6, name
    texts = texts_of(figure)
    assert min(text.get_fontsize() for text in texts) >= 8, name
    if language == "ko":
        said = " ".join(text.get_text() for text in texts)
        assert re.findall(r"[A-Za-z]{2,}", said) == [], name
        assert re.search("[가-힣]", said), name


def test_every_figure_fits_a4_in_8_points_without_a_word_of_another_language(trace, language):
    for name, figure in figures_of(trace, language):
        check(name, figure, language)


def test_a_reading_fits_a4_in_8_points(language):
    check("reading", draw_reading(lenet.read(EXAMPLES / "score-sheet.jpg"), language), language)


def test_korean_keeps_every_value_of_the_english_words():
    for english, korean in KOREAN.items():
        fields = [sorted(re.findall(r"{[^}]*}", words)) for words in (english, korean)]
        assert fields[0] == fields[1], english


@pytest.fixture
def without_hangul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose only fonts are those that come with matplotlib."""
    own = [font for font in fontManager.ttflist if "matplotlib" in font.fname]
    assert own
    monkeypatch.setattr(fontManager, "ttflist", own)
    monkeypatch.setattr("lenet.plots.language.findSystemFonts", list)
    hangul_font.cache_clear()
    yield
    hangul_font.cache_clear()


@pytest.mark.usefixtures("without_hangul")
def test_without_a_font_with_hangul_korean_says_what_to_install():
    digit = EXAMPLES / "4-as-mnist.png"
    with pytest.raises(LenetError, match=r"need a font with Hangul.*apt install fonts-noto-cjk"):
        lenet.show(digit, language="ko")
    assert lenet.show(digit, language="en")


def test_another_language_is_refused():
    with pytest.raises(UsageError, match="'de': figures are drawn in en or ko"):
        lenet.show(EXAMPLES / "4-as-mnist.png", language="de")
