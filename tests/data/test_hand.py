"""How a writer writes: strokes that are added to digits, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from lenet.data.hand import Hand, any_hand, written
from lenet.data.small import load_digits
from lenet.data.strokes import cross, curl, flag, hook

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


@pytest.mark.parametrize("draw", [flagged, cross, curl, hook])
def test_without_ink_nothing_is_added(draw):
    blank = Image.new("L", (SIDE, SIDE))
    draw(blank, np.random.default_rng(0))
    assert blank.getbbox() is None


def plain_hand(rng: np.random.Generator, **traits: bool) -> Hand:
    none = dict.fromkeys(("flagged", "crossed", "curled", "turned", "hooked"), False)
    return replace(any_hand(rng), height=56.0, slant=0.0, wide=1.0, pen=0.5, **none | traits)


@pytest.mark.parametrize(
    ("label", "trait"),
    [(1, "flagged"), (7, "crossed"), (2, "curled"), (9, "turned"), (9, "hooked")],
)
def test_a_trait_is_of_one_digit(label, trait, rng):
    """With it this digit is written otherwise, and no other one."""
    digits = load_digits().train
    for value in range(10):
        image = digits.images[np.flatnonzero(digits.labels == value)[3]]
        pair = [
            written(image, value, plain_hand(rng, **{trait: has}), np.random.default_rng(1))
            for has in (False, True)
        ]
        assert (pair[0].tobytes() != pair[1].tobytes()) == (value == label)


def test_a_turned_nine_is_mirrored(rng):
    """A loop on the left comes to lie on the right."""
    ink = np.zeros((28, 28), np.uint8)
    ink[4:24, 18:21] = 255
    ink[4:14, 8:20] = 255
    hand = plain_hand(rng, turned=True)
    found = written(ink, 9, hand, np.random.default_rng(2))
    upright = np.asarray(ImageOps.mirror(found)) > 128
    assert upright[: len(upright) // 2].sum() > 2 * upright[len(upright) // 2 :].sum()
    below = np.flatnonzero((np.asarray(found) > 128)[-6:].any(0))
    assert below.mean() < found.width / 2  # the stem
