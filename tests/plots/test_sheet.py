"""The layout of every sheet: nothing overlaps, nothing is too small; and how files are written."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from lenet.errors import LenetError, UsageError
from lenet.network.architecture import Architecture
from lenet.plots.receptive_field import SHAPES
from lenet.plots.sheet import Scale, Sheet, save
from lenet.plots.stages import draw_stages

# The published network in the fast suite, the other kinds of conftest.py in the slow one.
SHEETS = [
    pytest.param(kind, sheet, marks=() if kind == "1998" else pytest.mark.slow)
    for kind, sheet in product(
        ("1998", "simplified", "max", "silu"), ("stages", "architecture", "kernels", *SHAPES)
    )
]


def boxes(figure, artists) -> list:
    """Where artists lie on the page, in dots, less 2 on each side: line spacing and frames."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    return [artist.get_window_extent(renderer).padded(-2) for artist in artists]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "sheet"), SHEETS)
def test_words_do_not_overlap_leave_the_page_or_shrink_below_8_points(drawn, kinds, kind, sheet):
    figure = drawn(kinds[kind], sheet)
    texts = figure.axes[0].texts
    assert len(texts) > 10
    assert min(text.get_fontsize() for text in texts) >= 8
    places = boxes(figure, texts)
    for text, box in zip(texts, places, strict=True):
        assert figure.bbox.containsx(box.x0), text
        assert figure.bbox.containsx(box.x1), text
        assert figure.bbox.containsy(box.y0), text
        assert figure.bbox.containsy(box.y1), text
    named = zip(texts, places, strict=True)
    for (one, its_box), (other, other_box) in combinations(named, 2):
        assert not its_box.overlaps(other_box), (one, other)


@pytest.mark.parametrize(("kind", "sheet"), SHEETS)
def test_images_are_not_covered(drawn, kinds, kind, sheet):
    figure = drawn(kinds[kind], sheet)
    axes = figure.axes[0]
    maps = boxes(
        figure, [image for image in axes.images if image.get_array().ndim == 2]
    )  # no veils
    assert not any(one.overlaps(other) for one, other in combinations(maps, 2))
    words = [text for text in axes.texts if text.get_va() == "baseline"]  # not those in cells
    covered = [(w, m) for w, m in product(boxes(figure, words), maps) if w.overlaps(m)]
    assert not covered


@pytest.fixture
def figure() -> Figure:
    """A small page."""
    sheet = Sheet()
    sheet.image(np.eye(5), 9, 9, 4, Scale(0, 1))
    sheet.title(9, 35, "S2", "a map")
    return sheet.cut(36)


def test_pictures_of_all_kinds_are_readable(figure, tmp_path):
    for kind in ("png", "svg", "pdf"):
        save(figure, tmp_path / f"page.{kind}")
    with Image.open(tmp_path / "page.png") as picture:
        picture.load()
        assert picture.size == (210 * 9, (36 + 6) * 9)  # dots: 9 a unit
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert (tmp_path / "page.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_other_kinds_are_refused_and_nothing_is_written(figure, tmp_path):
    with pytest.raises(UsageError, match=r"page\.gif: pictures are drawn as png, svg, pdf"):
        save(figure, tmp_path / "page.gif")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_keeps_what_was_there(figure, tmp_path):
    (tmp_path / "page.png").mkdir()
    with pytest.raises(LenetError, match=r"page\.png"):
        save(figure, tmp_path / "page.png")
    assert [path.name for path in tmp_path.iterdir()] == ["page.png"]


def test_a_style_of_the_users_own_changes_nothing(trace_of, tmp_path):

    trace = trace_of(Architecture())
    save(draw_stages(trace), tmp_path / "plain.png")
    own = {"font.size": 20, "savefig.bbox": "tight", "axes.facecolor": "red", "image.cmap": "jet"}
    with rc_context(own):
        save(draw_stages(trace), tmp_path / "own.png")
    plain, own_style = (
        np.asarray(Image.open(tmp_path / f"{name}.png")) for name in ("plain", "own")
    )
    np.testing.assert_array_equal(plain, own_style)
