"""Windows over composed lines: what a place of the wide network sees, and whether it is a digit."""

from __future__ import annotations

import numpy as np

from lenet.data.digits import Digits
from lenet.data.segments import RUBBISH, Segments
from lenet.data.strings import compose
from lenet.network.plane import DIGIT_SIDE
from lenet.preparation.pieces import pieces_of
from lenet.preparation.rules import without_rules
from lenet.preparation.strip import SIDE, strip_of
from lenet.preparation.writing import find_writing

NEAR, FAR = 2.0, 3.0  # pixels of a digit's middle from the window's: up to here it is that digit


def windows(digits: Digits, lines: int, seed: int) -> Segments:
    """Labelled windows of this many composed lines, some at random places, some on digits."""
    images, labels, numbers = [], [], []
    for number in range(lines):
        rng = np.random.default_rng([seed, number])
        line = compose(digits, rng)
        strip = strip_of(pieces_of(without_rules(find_writing(line.grey))))
        width = strip.image.shape[1]
        columns = np.arange(line.grey.shape[1])
        solid = line.ink[:-1] > 0.5
        middles = [
            SIDE + strip.scale * (columns[s.any(0)].min() + columns[s.any(0)].max() + 1) / 2
            if s.any()
            else -99.0
            for s in solid
        ]
        starts = np.concatenate(
            [
                rng.integers(0, width - DIGIT_SIDE + 1, 2 * len(middles) + 2),
                np.rint(np.array(middles) - DIGIT_SIDE / 2 + rng.uniform(-2, 2, len(middles))),
            ]
        ).astype(int)
        for start in starts[(starts >= 0) & (starts <= width - DIGIT_SIDE)]:
            off = np.abs(np.array(middles) - start - DIGIT_SIDE / 2)
            nearest = int(off.argmin())
            if NEAR < off[nearest] <= FAR:
                continue
            images.append(strip.image[:, start : start + DIGIT_SIDE])
            labels.append(line.labels[nearest] if off[nearest] <= NEAR else RUBBISH)
            numbers.append(number)
    found = np.array(labels, np.int64)
    return Segments(
        np.stack(images), found, np.zeros((len(found), 0), np.float32), np.array(numbers)
    )
