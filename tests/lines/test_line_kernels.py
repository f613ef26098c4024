"""The kernels that prepare digits and lines: bit for bit what numpy does, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lenet.data.datasets import load_sklearn_digits
from lenet.engine import native_engine
from lenet.engine.native_engine import kernels
from lenet.lines.candidates import candidates_of, line_image_of
from lenet.lines.line_ink import find_line_ink, remove_ruled_lines
from lenet.lines.native_lines import PREPARATION, NativeLinePreparation, cut_line
from lenet.lines.numpy_lines import CutLine, NumpyLinePreparation, size_of
from lenet.lines.oversegmentation import MAX_SEGMENTS, oversegment
from lenet.lines.synthetic import compose
from lenet.preprocessing.prepare import (
    NativeDigitPreparation,
    NumpyDigitPreparation,
)

pytestmark = pytest.mark.skipif(
    not native_engine.available(), reason="the kernels are not built here"
)

SHADES = st.floats(0, 1, width=32)
NOISE = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=24), elements=SHADES)
FEW = st.sampled_from(np.float32([0, 1e-45, 0.25, 1 / 3, 0.4, 0.5, 1]).tolist())
COARSE = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=16), elements=FEW)


def blown_up(plane: np.ndarray) -> np.ndarray:
    """Squares of five pixels: strokes, holes and notches instead of grain."""
    return np.kron(plane, np.ones((5, 5), np.float32))


PLANES = NOISE | COARSE | COARSE.map(blown_up)


def spiral() -> np.ndarray:
    """One component whose ends meet last of all."""
    turns = np.zeros((13, 13), np.float32)
    for ring in range(0, 7, 2):
        turns[ring, ring : 13 - ring] = turns[12 - ring, ring : 13 - ring] = 1
        turns[ring : 13 - ring, ring] = turns[ring : 13 - ring, 12 - ring] = 1
    turns[1, 0] = turns[3, 2] = 0
    turns[2, 1] = turns[4, 3] = 1
    return turns


EXTREMES = {
    "a spiral": spiral(),
    "a spiral on its side": spiral().T,
    "a pixel": np.ones((1, 1), np.float32),
    "a bare pixel": np.zeros((1, 1), np.float32),
    "a column": np.linspace(0, 1, 64, dtype=np.float32)[:, None],
    "a row": np.linspace(1, 0, 90, dtype=np.float32)[None],
    "nothing": np.zeros((64, 100), np.float32),
    "all": np.ones((64, 100), np.float32),
    "even grey": np.full((30, 40), 0.7, np.float32),
    "one inked pixel": np.eye(1, 900, 450, dtype=np.float32).reshape(30, 30),
    "strokes on paper, and more that is dark": np.pad(
        np.tile(np.float32([0.9] * 9 + [0.2, 0.1, 0.3]), (60, 12)), ((0, 9), (0, 150))
    ),
    "hardly above nothing": np.tile(np.float32([0, 1e-45, 1e-38]), (9, 9)),
    "very wide": np.tile(np.float32([0] * 9 + [0.2, 0.9, 1, 0.6, 0.4]), (12, 571)),
    "very high": np.tile(np.float32([[0], [1], [1], [0], [0.5]]), (700, 3)),
}


def the_same(one, other) -> None:
    assert one.dtype == other.dtype
    assert np.array_equal(one, other)


def the_same_cuts(found: CutLine, wanted: CutLine) -> None:
    for name in ("ink", "labels", "boxes", "parts", "mass"):
        the_same(getattr(found.segments, name), getattr(wanted.segments, name))
    assert found.segments.height == wanted.segments.height
    for name in ("first", "last", "images", "boxes", "context"):
        the_same(getattr(found.candidates, name), getattr(wanted.candidates, name))
    the_same(found.image.ink, wanted.image.ink)
    for name in ("scale", "left", "top"):
        assert getattr(found.image, name) == getattr(wanted.image, name)
    assert (found.scale, found.top, found.left) == (wanted.scale, wanted.top, wanted.left)


def check_from_grey_values(grey: np.ndarray) -> None:
    """Every step on the plane itself, taken once for grey values and once for ink."""
    native = NativeLinePreparation()._preparation
    given = np.ascontiguousarray(grey)
    for field in (1, int(0.4 * len(grey)) | 1):
        for page in (False, True):
            wanted = remove_ruled_lines(find_line_ink(grey, field), page=page)
            the_same(native.ink(given, field, page), wanted)
    for one, other in zip(
        NativeLinePreparation().page_parts(grey, 5),
        NumpyLinePreparation().page_parts(grey, 5),
        strict=True,
    ):
        the_same(one, other)
    check_from_ink(grey)


def check_from_ink(ink: np.ndarray) -> None:
    found = cut_line(NativeLinePreparation()._preparation.cut_ink(np.ascontiguousarray(ink)))
    segments = oversegment(ink)
    the_same_cuts(
        found, CutLine(segments, candidates_of(segments), line_image_of(segments), scale=1.0)
    )


@settings(deadline=None, max_examples=200)
@given(PLANES)
def test_any_plane(plane):
    check_from_grey_values(plane)


def a_faint_pixel_of_a_tenth() -> np.ndarray:
    """Ink of just a tenth of the strongest, as float32 rounds it: in double it lies above."""
    column = np.full((14, 4), 1 / 3, np.float32)
    column[[1, 7, 9, 13], 0] = 0.5, 0, 1, 0.5
    return blown_up(column)


def test_numpy_1_and_2_find_the_same_strokes():
    check_from_ink(a_faint_pixel_of_a_tenth())


@pytest.mark.parametrize("plane", EXTREMES.values(), ids=EXTREMES)
def test_extreme_planes(plane):
    check_from_grey_values(plane)
    check_from_grey_values(plane[::-1, ::-1])  # and numbers that do not lie in order


def composed(seed: int) -> np.ndarray:
    pytest.importorskip("sklearn")
    return compose(load_sklearn_digits().train, np.random.default_rng(seed)).grey


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("scale", [1, 0.3])
def test_composed_lines(seed, scale):
    grey = composed(seed)
    sheet = np.pad(grey, 40 if scale < 1 else 0, constant_values=0.9)  # low text, to be enlarged
    for closer in (False, True):
        wanted = NumpyLinePreparation().cut(sheet, closer=closer)
        the_same_cuts(NativeLinePreparation().cut(sheet, closer=closer), wanted)
    small = np.pad(grey[::4, ::4], 60, constant_values=float(grey.max()))
    wanted = NumpyLinePreparation().cut(small, closer=True)
    assert (wanted.top, wanted.left) > (0, 0)
    the_same_cuts(NativeLinePreparation().cut(small, closer=True), wanted)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("factor", [0.3, 0.49999, 0.5, 0.73, 1.0, 2.1])
def test_windows_of_composed_lines(seed, factor, rng):
    segments = NumpyLinePreparation().cut(composed(seed)).segments
    size = np.array(size_of(segments, factor))
    places = np.concatenate([rng.integers(-28, size + 1, (9, 2)), [(-28, -28), size]])
    shares = rng.random(len(segments) + 1).astype(np.float32)
    found, wanted = (
        each.windows(segments, shares, factor, places)
        for each in (NativeLinePreparation(), NumpyLinePreparation())
    )
    the_same(found, wanted)
    assert found.any(), "nothing was compared"
    assert not found[-2:].any(), "they only touch the line"


def test_more_segments_than_are_kept(rng):
    dots = np.zeros((64, 64 * 12), np.float32)
    dots[::8, ::8] = dots[1::8, ::8] = dots[::8, 1::8] = rng.random((8, 96)).astype(np.float32)
    dots[20:50, 100:120] = 1
    ink = np.kron(dots, np.ones((2, 2), np.float32))
    assert len(oversegment(ink)) == MAX_SEGMENTS
    check_from_ink(ink)


def check_digit(grey: np.ndarray) -> None:
    found, wanted = NativeDigitPreparation().digit(grey), NumpyDigitPreparation().digit(grey)
    assert (found is None) == (wanted is None)
    if wanted is not None:
        assert found.box == wanted.box
        the_same(found.image, wanted.image)


@settings(deadline=None, max_examples=200)
@given(PLANES)
def test_a_digit_of_any_plane(plane):
    check_digit(plane)
    check_digit(1 - plane)


@pytest.mark.parametrize("seed", range(30))
def test_digits_of_composed_lines(seed):
    grey = composed(seed)
    check_digit(grey)
    check_digit(np.kron(grey, np.ones((3, 2), np.float32)))


@settings(deadline=None, max_examples=200)
@given(PLANES)
def test_centring(plane):
    found, slow = (
        each.centred(plane) for each in (NativeDigitPreparation(), NumpyDigitPreparation())
    )
    assert (found is None) == (slow is None)
    if slow is not None:
        the_same(found, slow)


PLAIN = np.full((9, 9), 0.5, np.float32)
DIGIT = {step: PREPARATION[step] for step in ("digit_ink", "prepare")}


def prepared_with(step: str, **other):
    return kernels().LinePreparation(PREPARATION | {step: PREPARATION[step] | other})


def windows_at(places, labels=np.zeros((9, 9), np.int64), size=(28, 28)):  # noqa: B008
    shares, ink = np.ones(1, np.float32), np.zeros((9, 9), np.float32)
    preparation = kernels().LinePreparation(PREPARATION)
    return preparation.windows(ink, labels, shares, *size, False, np.array(places))


REFUSED = {
    "a plane without pixels": lambda: NativeLinePreparation().cut(PLAIN[:0]),
    "NaN": lambda: NativeLinePreparation().cut(PLAIN * np.nan),
    "more than white": lambda: NativeLinePreparation().cut(PLAIN * 3),
    "less than black": lambda: NativeLinePreparation().cut(-PLAIN),
    "infinite values": lambda: NativeDigitPreparation().digit(PLAIN * np.inf),
    "an even field": lambda: NativeLinePreparation().page_parts(PLAIN, 8),
    "windows beside the line": lambda: windows_at([(0, 29)]),
    "labels without shares": lambda: windows_at([(0, 0)], np.ones((9, 9), np.int64)),
    "windows of a vast line": lambda: windows_at([(0, 0)], size=(1 << 20, 1 << 20)),
    "a vast field": lambda: NativeLinePreparation().page_parts(PLAIN, 10**9 + 1),
    "no thumbnail": lambda: prepared_with("digit_ink", THUMBNAIL=0),
    "no bins": lambda: prepared_with("digit_ink", BINS=0),
    "endless paper": lambda: prepared_with("line_ink", BACKGROUND=np.inf),
    "fainter than full": lambda: prepared_with("line_ink", FAINT=1.0),
    "text of no height": lambda: prepared_with("oversegmentation", MIN_HEIGHT=0),
    "everything as ink": lambda: prepared_with("oversegmentation", INKED=-1.0),
    "a large square": lambda: prepared_with("prepare", BOX_SIDE=29),
    "a quantile of 2": lambda: prepared_with("prepare", FULL_QUANTILE=2.0),
    "strokes of nothing": lambda: prepared_with("prepare", STROKE=-0.1),
    "a setting of NaN": lambda: prepared_with("oversegmentation", TALL=np.nan),
    "a setting in words": lambda: prepared_with("oversegmentation", TALL="high"),
    "a step that is missing": lambda: kernels().LinePreparation({"cuts": PREPARATION["cuts"]}),
    "a step that is none": lambda: kernels().LinePreparation(PREPARATION | {"cuts": 3}),
    "no settings": lambda: kernels().DigitPreparation({}),
    "a square of nothing": lambda: kernels().DigitPreparation(
        DIGIT | {"prepare": DIGIT["prepare"] | {"BOX_SIDE": 0}}
    ),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()


@pytest.mark.parametrize("other", [np.float64, np.uint8, np.int64])
def test_other_types_are_refused(other):
    preparation = NativeLinePreparation()._preparation
    for call in (
        lambda: preparation.cut(PLAIN.astype(other), False),
        lambda: preparation.page_parts(PLAIN.astype(other), 3),
        lambda: kernels().DigitPreparation(DIGIT).digit(PLAIN.astype(other)),
    ):
        with pytest.raises(TypeError):
            call()
