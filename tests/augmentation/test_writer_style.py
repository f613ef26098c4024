"""How a writer writes: strokes that are added to digits, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from lenet.augmentation.glyph_edits import (
    cross,
    curl,
    flag,
    hang,
    hook,
    lower,
    part,
    tail,
    warp_glyph,
)
from lenet.augmentation.writer_style import WriterStyle, random_style, render_digit
from lenet.data.datasets import load_sklearn_digits

SIDE = 112


def drawn(rows: slice, columns: slice) -> Image.Image:
    """A thick upright or level bar."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[rows, columns] = 255
    return Image.fromarray(ink)


def flagged(fine: Image.Image, rng: np.random.Generator) -> None:
    flag(fine, 0.5, rng)


UPRIGHT = (slice(10, 100), slice(60, 70))
STROKES: list[tuple[Callable[[Image.Image, np.random.Generator], None], slice, slice]] = [
    (flagged, slice(0, SIDE), slice(0, 60)),  # to the left of a 1, and its foot
    (cross, slice(35, 80), slice(0, SIDE)),  # through the middle
    (curl, slice(0, 60), slice(0, SIDE)),  # in the upper half
    (hook, slice(50, SIDE), slice(0, 72)),  # below, to the left
    (tail, slice(0, 80), slice(40, SIDE)),  # above, to the right
]


@pytest.mark.parametrize(("draw", "rows", "columns"), STROKES)
@pytest.mark.parametrize("seed", range(8))
def test_a_stroke_is_added_where_it_belongs(draw, rows, columns, seed):
    fine = drawn(*UPRIGHT)
    before = np.asarray(fine).copy()
    draw(fine, np.random.default_rng(seed))
    new = np.asarray(fine) > before
    assert (np.asarray(fine) >= before).all()
    assert new.sum() > 20
    allowed = np.zeros_like(new)
    allowed[rows, columns] = True
    share = (new & allowed).sum() / new.sum()
    assert share >= (0.6 if draw is flagged else 1)  # half of a foot is on the right


@pytest.mark.parametrize("draw", [flagged, cross, curl, hook, hang, tail, lower, part])
def test_without_ink_nothing_is_added(draw):
    blank = Image.new("L", (SIDE, SIDE))
    draw(blank, np.random.default_rng(0))
    assert blank.getbbox() is None


@pytest.mark.parametrize("seed", range(8))
def test_a_seven_begins_with_a_downstroke(seed):
    seven = np.zeros((SIDE, SIDE), np.uint8)
    seven[20:30, 40:90] = seven[20:100, 80:90] = 255
    drawn = Image.fromarray(seven)
    hang(drawn, np.random.default_rng(seed))
    new = np.asarray(drawn) > seven
    assert new.sum() > 20
    assert new[20:60, 20:60].sum() == new.sum()


def test_an_open_four_stands_on_its_left_stroke():
    """The right stroke's upper end is gone, the left one rises, and all below stays."""
    fine = np.zeros((SIDE, SIDE), np.uint8)
    fine[20:65, 30:38] = fine[57:65, 30:90] = fine[20:100, 70:78] = 255
    tops = []
    for seed in range(8):
        drawn = Image.fromarray(fine)
        lower(drawn, np.random.default_rng(seed))
        found = np.asarray(drawn)
        assert not found[:27, 60:].any()
        assert np.array_equal(found[57:], fine[57:])
        tops.append(int(np.flatnonzero(found[:, :60].any(1))[0]))
    assert min(tops) < 20


def test_without_a_gap_nothing_changes():
    fine = drawn(slice(20, 60), slice(30, 80))
    before = fine.tobytes()
    lower(fine, np.random.default_rng(0))
    assert fine.tobytes() == before


def test_the_bar_of_a_five_comes_off(rng):
    five = drawn(*UPRIGHT)
    part(five, rng)
    found = (np.asarray(five) > 0).any(1).astype(int)
    assert found[10] == found[99] == 1
    assert (np.diff(found) == 1).sum() == 2  # two parts, one below the other


def test_warping_moves_ink_and_keeps_it(rng):
    fine = drawn(slice(20, 90), slice(40, 60))
    assert warp_glyph(fine, 0.0, rng).tobytes() == fine.tobytes()
    once = np.asarray(warp_glyph(fine, 3.0, rng))
    assert not np.array_equal(once, np.asarray(fine))
    assert 0.7 < once.sum() / np.asarray(fine).sum(dtype=float) < 1.4


TRAITS = [
    (1, "flagged"),
    (7, "crossed"),
    (7, "hung"),
    (2, "curled"),
    (9, "turned"),
    (9, "hooked"),
    (4, "lowered"),
    (5, "parted"),
    (0, "tailed"),
]


def plain_hand(rng: np.random.Generator, **traits: bool) -> WriterStyle:
    none = dict.fromkeys((trait for _, trait in TRAITS), False)
    even = {"height": 56.0, "slant": 0.0, "wide": 1.0, "pen": 0.5, "warp": 0.0, "falls": 0.0}
    return replace(random_style(rng), **even | none | traits)


@pytest.mark.parametrize(("label", "trait"), TRAITS)
def test_a_trait_is_of_one_digit(label, trait, rng):
    """With it this digit is written otherwise, and no other one."""
    digits = load_sklearn_digits().train
    for value in range(10):
        image = digits.images[np.flatnonzero(digits.labels == value)[3]]
        pair = [
            render_digit(image, value, plain_hand(rng, **{trait: has}), np.random.default_rng(1))
            for has in (False, True)
        ]
        assert (pair[0].tobytes() != pair[1].tobytes()) == (value == label)


def test_a_turned_nine_is_mirrored(rng):
    """A loop on the left comes to lie on the right."""
    ink = np.zeros((28, 28), np.uint8)
    ink[4:24, 18:21] = 255
    ink[4:14, 8:20] = 255
    style = plain_hand(rng, turned=True)
    found = render_digit(ink, 9, style, np.random.default_rng(2))
    upright = np.asarray(ImageOps.mirror(found)) > 128
    assert upright[: len(upright) // 2].sum() > 2 * upright[len(upright) // 2 :].sum()
    below = np.flatnonzero((np.asarray(found) > 128)[-6:].any(0))
    assert below.mean() < found.width / 2  # the stem
