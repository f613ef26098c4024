"""Each kernel from grey values to candidates: bit for bit what its numpy version does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from lenet.data.datasets import load_sklearn_digits
from lenet.engine import native_engine
from lenet.engine.native_engine import kernels
from lenet.errors import InputError
from lenet.lines import candidates, line_image, line_ink, oversegmentation, ruled_lines
from lenet.lines.synthetic import compose
from lenet.preprocessing import centre, digit_ink

pytestmark = pytest.mark.skipif(
    not native_engine.available(), reason="the kernels are not built here"
)

SHADES = st.floats(0, 1, width=32)
NOISE = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=24), elements=SHADES)
FEW = st.sampled_from([0.0, 1e-45, 0.25, np.float32(1 / 3), 0.4, 0.5, 1.0])
COARSE = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=16), elements=FEW)


def blown_up(plane: np.ndarray) -> np.ndarray:
    """Squares of five pixels: strokes, holes and notches instead of grain."""
    return np.kron(plane, np.ones((5, 5), np.float32))


PLANES = NOISE | COARSE | COARSE.map(blown_up)
EXTREMES = {
    "a pixel": np.ones((1, 1), np.float32),
    "a bare pixel": np.zeros((1, 1), np.float32),
    "a column": np.linspace(0, 1, 64, dtype=np.float32)[:, None],
    "a row": np.linspace(1, 0, 90, dtype=np.float32)[None],
    "nothing": np.zeros((64, 100), np.float32),
    "all": np.ones((64, 100), np.float32),
    "even grey": np.full((30, 40), 0.7, np.float32),
    "one inked pixel": np.eye(1, 900, 450, dtype=np.float32).reshape(30, 30),
    "hardly above nothing": np.tile(np.float32([0, 1e-45, 1e-38]), (9, 9)),
    "very wide": np.tile(np.float32([0] * 9 + [0.2, 0.9, 1, 0.6, 0.4]), (12, 571)),
    "very high": np.tile(np.float32([[0], [1], [1], [0], [0.5]]), (700, 3)),
}


def the_same(one, other) -> None:
    assert one.dtype == other.dtype
    assert np.array_equal(one, other)


def check_from_grey_values(grey: np.ndarray) -> None:
    """Every step on the plane itself, taken once for grey values and once for ink."""
    assert digit_ink.otsu(grey) == digit_ink.otsu_in_numpy(grey)
    assert digit_ink.is_dark_on_light(grey) == digit_ink.is_dark_on_light_in_numpy(grey)
    for field in (1, int(0.4 * len(grey)) | 1):
        the_same(line_ink.find_line_ink(grey, field), line_ink.find_line_ink_in_numpy(grey, field))
    check_from_ink(grey)


def check_from_ink(given: np.ndarray) -> None:
    for page in (False, True):
        fast = ruled_lines.remove_ruled_lines(given, page=page)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ruled_lines, "available", lambda: False)
            the_same(fast, ruled_lines.remove_ruled_lines(given, page=page))
    cut, slow = oversegmentation.oversegment(given), oversegmentation.pieces_in_numpy(given)
    for name in ("ink", "labels", "boxes", "parts", "mass"):
        the_same(getattr(cut, name), getattr(slow, name))
    assert cut.height == slow.height
    check_from_pieces(cut)


def check_from_pieces(cut: oversegmentation.Segments) -> None:
    found, slow = candidates.candidates_of(cut), candidates.candidates_in_numpy(cut)
    for name in ("first", "last", "images", "boxes", "context"):
        the_same(getattr(found, name), getattr(slow, name))
    if not len(cut):
        return
    assert cut.band == oversegmentation.text_band_in_numpy(
        cut.boxes, oversegmentation.TALL * cut.height
    )
    fast = line_image.line_image_of(cut)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_image, "available", lambda: False)
        the_same(fast.ink, line_image.line_image_of(cut).ink)


@settings(deadline=None, max_examples=200)
@given(PLANES)
def test_any_plane(plane):
    check_from_grey_values(plane)


@pytest.mark.parametrize("plane", EXTREMES.values(), ids=EXTREMES)
def test_extreme_planes(plane):
    check_from_grey_values(plane)
    check_from_grey_values(plane[::-1, ::-1])  # and numbers that do not lie in order


@pytest.mark.parametrize("seed", range(12))
def test_composed_lines(seed):
    grey = compose(load_sklearn_digits().train, np.random.default_rng(seed)).grey
    the_same(line_ink.find_line_ink(grey), line_ink.find_line_ink_in_numpy(grey, 25))
    check_from_ink(ruled_lines.remove_ruled_lines(line_ink.find_line_ink(grey)))


def test_more_pieces_than_are_kept(rng):
    dots = np.zeros((64, 64 * 12), np.float32)
    dots[::8, ::8] = dots[1::8, ::8] = dots[::8, 1::8] = rng.random((8, 96)).astype(np.float32)
    dots[20:50, 100:120] = 1
    cut = oversegmentation.oversegment(np.kron(dots, np.ones((2, 2), np.float32)))
    assert len(cut) == oversegmentation.MOST_PIECES
    check_from_ink(cut.ink)


@pytest.mark.parametrize("way", ["box", "bilinear", "bicubic"])
def test_planes_of_another_size_are_pillows(way, rng):
    """To a rounding: before version 13 Pillow goes through the axes in another order."""
    for _ in range(100):
        high, wide, tall, broad = map(int, rng.integers(1, 90, 4))
        plane = rng.random((high, wide)).astype(np.float32)
        found = np.empty((tall, broad), np.float32)
        kernels().resized(plane, way, found)
        asked = Image.fromarray(plane).resize((broad, tall), Image.Resampling[way.upper()])
        assert np.abs(found - np.asarray(asked)).max() < 5e-7


@settings(deadline=None, max_examples=200)
@given(PLANES)
def test_centring(plane):
    try:
        slow = centre.centre_in_numpy(plane)
    except InputError:
        with pytest.raises(InputError, match="no ink to centre"):
            centre.centre(plane)
    else:
        the_same(centre.centre(plane), slow)


def writing_of(grey, field=9, thumb=48, bins=128, into=None, paper=4.0, faint=0.25):
    into = np.empty_like(grey) if into is None else into
    settings = (thumb, 1e-6, bins, 0.03, paper, 2.0, faint, 0.6)
    return kernels().find_line_ink(grey, field, *settings, into)


def candidates_of(boxes, room=10, height=9.0, band=(0.0, 9.0), side=28, **other):
    given = {"ink": PLAIN, "labels": np.ones((9, 9), np.int64), "mass": np.ones(2)} | other
    return kernels().candidates(
        *(given["ink"], given["labels"], np.array(boxes), np.zeros(2, np.int64), given["mass"]),
        *(height, band, 5, 9.0, *centre.CENTRING),
        *(np.empty(room, np.int64), np.empty(room, np.int64)),
        *(np.empty((room, side, side), np.uint8), np.empty((room, 4), np.int64)),
        np.empty((room, candidates.FEATURES), np.float32),
    )


def pieces_with(ink, boxes=8, **other):
    room = np.empty(8, np.int64), np.empty(8)
    labels = np.empty(ink.shape, np.int64)
    settings = oversegmentation.CUTTING | other
    return kernels().pieces(ink, labels, np.empty((boxes, 4), np.int64), *room, **settings)


PLAIN, BYTES = np.full((9, 9), 0.5, np.float32), np.empty((28, 28), np.uint8)
TWO = [[0, 0, 9, 4], [0, 5, 9, 9]]


def line_image_of(top, bottom, left, right, aside=2):
    return kernels().strip(
        PLAIN, np.ones((9, 9), np.int64), top, bottom, left, right, aside, np.empty((9, 9), "u1")
    )


def test_what_is_right_is_taken():
    writing_of(PLAIN)
    assert candidates_of(TWO) == 3
    assert pieces_with(PLAIN) == (2, 9.0)
    line_image_of(-3, 12, 0, 9)


REFUSED = {
    "a plane without pixels": lambda: writing_of(PLAIN[:0]),
    "NaN": lambda: writing_of(PLAIN * np.nan),
    "more than white": lambda: writing_of(PLAIN * 3),
    "less than black": lambda: pieces_with(-PLAIN),
    "another size": lambda: writing_of(PLAIN, into=np.empty((9, 8), np.float32)),
    "an even field": lambda: writing_of(PLAIN, field=8),
    "a vast field": lambda: writing_of(PLAIN, field=10**9 + 1),
    "no thumbnail": lambda: writing_of(PLAIN, thumb=0),
    "no bins": lambda: writing_of(PLAIN, bins=0),
    "endless paper": lambda: writing_of(PLAIN, paper=np.inf),
    "fainter than full": lambda: writing_of(PLAIN, faint=1.0),
    "no values": lambda: kernels().otsu(PLAIN[:0].ravel(), 128),
    "infinite values": lambda: kernels().otsu(PLAIN.ravel() * np.inf, 128),
    "another way": lambda: kernels().resized(PLAIN, "nearest", PLAIN.copy()),
    "nowhere to go": lambda: kernels().resized(PLAIN, "box", PLAIN[:0].copy()),
    "a large square": lambda: kernels().centre(PLAIN, 29, 0.5, 0.1, 14.0, 0.75, BYTES),
    "a long image": lambda: kernels().centre(PLAIN, 20, 0.5, 0.1, 14.0, 0.75, BYTES[:27]),
    "a quantile of 2": lambda: kernels().centre(PLAIN, 20, 0.5, 0.1, 14.0, 2.0, BYTES),
    "strokes of nothing": lambda: kernels().centre(PLAIN, 20, 0.5, -0.1, 14.0, 0.75, BYTES),
    "a box outside": lambda: candidates_of([[0, 0, 9, 4], [0, 5, 9, 10]]),
    "a box inside out": lambda: candidates_of([[0, 4, 9, 4], [0, 5, 9, 9]]),
    "little room": lambda: candidates_of(TWO, room=9),
    "flat text": lambda: candidates_of(TWO, height=0.0),
    "a band of NaN": lambda: candidates_of(TWO, band=(0.0, np.nan)),
    "small images": lambda: candidates_of(TWO, side=19),
    "other masses": lambda: candidates_of(TWO, mass=np.ones(3)),
    "other labels": lambda: candidates_of(TWO, labels=np.ones((9, 8), np.int64)),
    "less room for parts": lambda: pieces_with(PLAIN, boxes=9),
    "text of no height": lambda: pieces_with(PLAIN, least=0),
    "everything as ink": lambda: pieces_with(PLAIN, inked=-1.0),
    "no rows": lambda: line_image_of(5, 5, 0, 9),
    "columns outside": lambda: line_image_of(0, 9, 0, 10),
    "rows without end": lambda: line_image_of(-(2**27), 2**27, 0, 9),
    "nothing but margins": lambda: line_image_of(0, 9, 0, 9, aside=5),
    "no box": lambda: kernels().text_band(np.empty((0, 4), np.int64), 3.0),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()


@pytest.mark.parametrize("other", [np.float64, np.uint8, np.int64])
def test_other_types_are_refused(other):
    for call in (
        lambda: writing_of(PLAIN.astype(other), into=PLAIN.copy()),
        lambda: pieces_with(PLAIN.astype(other)),
        lambda: candidates_of(TWO, ink=PLAIN.astype(other)),
    ):
        with pytest.raises(TypeError):
            call()
