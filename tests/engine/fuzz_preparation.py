"""Calls at the kernels that turn a line into candidates: right ones, spoilt in places."""

from __future__ import annotations

import random

import numpy as np
from fuzz_values import garbage, mutated

from lenet.lines.oversegmentation import CUTTING, MOST_PIECES
from lenet.preprocessing.prepare import CENTRING

WRITING = (48, 1e-6, 128, 0.03, 4.0, 2.0, 0.25, 0.6)
SPOILT = 0.04  # of the settings


class PreparationCalls:
    """What each kernel takes, for a line of three strokes, two of which touch."""

    def __init__(self, chance: random.Random, module) -> None:
        self.chance, self.module = chance, module
        ink = np.zeros((24, 40), np.float32)
        ink[4:20, 5:9] = ink[5:19, 20:24] = ink[10:12, 22:32] = 0.9
        ink[6:18, 30:33] = 1
        self.room = (
            *(np.zeros((24, 40), np.int64), np.zeros((MOST_PIECES, 4), np.int64)),
            *(np.zeros(MOST_PIECES, np.int64), np.zeros(MOST_PIECES)),
        )
        count, height = module.pieces(ink, *self.room, **CUTTING)
        boxes, parts, mass = (array[:count].copy() for array in self.room[1:])
        most, into = 5 * count, np.zeros((24, 40), np.float32)
        self.kinds = {
            "is_dark_on_light": (ink, 48, 1e-6),
            "otsu": (ink.ravel(), 128),
            "find_line_ink": (1 - ink, 9, *WRITING, into),
            "resized": (ink, "bicubic", np.zeros((9, 70), np.float32)),
            "remove_ruled_lines": (ink, 0.4, 20, 19, 5, 3, into),
            "running_max": (ink, 5, 0, into),
            "label": (ink > 0, self.room[0]),
            "measured": (self.room[0].copy(), ink, np.zeros((count, 4), np.int64), mass.copy()),
            "centre": (ink, *CENTRING, np.zeros((28, 28), np.uint8)),
            "text_band": (boxes, 9.0),
            "strip": (ink, self.room[0], -3, 29, 5, 33, 16, np.zeros((32, 60), np.uint8)),
            "candidates": (
                *(ink, self.room[0], boxes, parts, mass, height, (4.0, 20.0), 5, 30.0, *CENTRING),
                *(np.zeros(most, np.int64), np.zeros(most, np.int64)),
                *(np.zeros((most, 28, 28), np.uint8), np.zeros((most, 4), np.int64)),
                np.zeros((most, 12), np.float32),
            ),
            "pieces": (ink, *self.room, *CUTTING.values()),
        }

    def call(self) -> None:
        """One call of a random kernel."""
        name = self.chance.choice(sorted(self.kinds))
        getattr(self.module, name)(*map(self.spoilt, self.kinds[name]))

    def spoilt(self, given):
        """The argument, or something else in its place."""
        if isinstance(given, np.ndarray):
            return mutated(self.chance, given) if self.chance.random() < 0.5 else given
        return garbage(self.chance) if self.chance.random() < SPOILT else given
