"""What is drawn as no digit: it has ink, looks like no digit, and leaves HELD_OUT out."""

import numpy as np
import pytest

from lenet.augmentation.outliers import DIGITS, HELD_OUT, LETTERS, SYMBOLS, draw_glyph, draw_outlier
from lenet.augmentation.writer_style import random_style

pytest.importorskip("HersheyFonts")


def test_every_glyph_leaves_ink_of_the_writers_size() -> None:
    keys = [*LETTERS.items(), *SYMBOLS.items(), *((font, "0123456789") for font in DIGITS)]
    for font, characters in keys:
        for number, key in enumerate(characters):
            rng = np.random.default_rng(number)
            style = random_style(rng)
            ink = np.asarray(draw_glyph(font, key, style, rng))
            assert ink.max() > 128, (font, key)
            assert max(ink.shape) > 0.4 * style.height, (font, key)


def test_outliers_differ_and_follow_from_the_seed() -> None:
    def drawn(seed: int) -> list[bytes]:
        rng = np.random.default_rng(seed)
        return [draw_outlier(random_style(rng), rng).tobytes() for _ in range(20)]

    assert drawn(0) == drawn(0) != drawn(1)
    assert len(set(drawn(0))) == 20


def test_no_letter_looks_like_a_digit_or_is_measured() -> None:
    latin = "".join(LETTERS[font] for font in ("futural", "rowmans", "timesr", "timesi", "scripts"))
    assert not {*latin} & {*"IlOoSsZzBbgq", *HELD_OUT, *HELD_OUT.lower()}
