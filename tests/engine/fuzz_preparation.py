"""Calls at the kernels that prepare and read digits and lines: right ones, and mutated ones."""

from __future__ import annotations

import random

import numpy as np
from fuzz_values import garbage, mutated

from lenet.lines.line_weights import load_line_weights
from lenet.lines.native_lines import PREPARATION, NativeLineReader

MUTATED = 0.04  # of the settings
DIGIT = {step: PREPARATION[step] for step in ("digit_ink", "prepare")}


class PreparationCalls:
    """What each kernel takes, for a line of three strokes, two of which touch."""

    def __init__(self, chance: random.Random, module) -> None:
        self.chance, self.module = chance, module
        ink = np.zeros((24, 40), np.float32)
        ink[4:20, 5:9] = ink[5:19, 20:24] = ink[10:12, 22:32] = 0.9
        ink[6:18, 30:33] = 1
        reader = NativeLineReader(load_line_weights())
        candidates = reader.cut(1 - ink).candidates
        digits, lines = module.DigitPreparation(DIGIT), reader._preparation
        self.calls = [
            (digits.digit, (1 - ink,)),
            (digits.centred, (ink,)),
            (lines.cut, (1 - ink, True)),
            (lines.cut_ink, (ink,)),
            (lines.ink, (1 - ink, 9, False)),
            (lines.page_parts, (1 - ink, 31)),
            (reader._reader.read, (1 - ink, True)),
            (
                reader._reader.penalties,
                (candidates.images, candidates.context, candidates.first, candidates.last),
            ),
            (self.construct, (ink,)),
        ]

    def call(self) -> None:
        """One call of a random kernel."""
        kernel, arguments = self.chance.choice(self.calls)
        kernel(*map(self.mutated, arguments))

    def construct(self, plane) -> None:
        """An object of mutated settings, asked once."""
        kind, settings = self.chance.choice(
            [(self.module.DigitPreparation, DIGIT), (self.module.LinePreparation, PREPARATION)]
        )
        given = {
            step: {name: self.mutated(number) for name, number in numbers.items()}
            for step, numbers in settings.items()
        }
        made = kind(given if self.chance.random() < 0.9 else self.mutated(garbage(self.chance)))
        if kind is self.module.LinePreparation:
            made.cut(plane, True)
        else:
            made.digit(plane)

    def mutated(self, given):
        """The argument, or something else in its place."""
        if isinstance(given, np.ndarray):
            return mutated(self.chance, given) if self.chance.random() < 0.5 else given
        return garbage(self.chance) if self.chance.random() < MUTATED else given
