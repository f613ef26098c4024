"""Candidates that the reader cuts from composed lines, labelled: whole digits, and rubbish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.data.digits import Digits
from lenet.lines.candidates import Candidates
from lenet.lines.line_engine import line_preparation
from lenet.lines.numpy_lines import CutLine
from lenet.lines.oversegmentation import Segments
from lenet.lines.synthetic import Line, compose
from lenet.network.plane import ByteArray, FloatArray

RUBBISH = 10  # the label of parts of digits, and of several together
NOISE = 11  # of what belongs to no digit: separators, lines, specks
UNSURE = -1  # neither clearly a digit nor clearly none: left out
REPORT_EVERY = 8_000  # lines
WHOLE, PART = 0.88, 0.75  # of a digit's ink: from here on all of it; below, a part
PURE, MIXED = 0.15, 0.3  # of a candidate's ink that is not the digit's: up to here; above


@dataclass(frozen=True)
class LabelledCandidates:
    """Labelled candidates.

    images : uint8 (n, 28, 28);  labels : int64 (n,) 0 … 9, RUBBISH or NOISE
    context : (n, FEATURES), see `candidates.context_features`
    line_images, texts : of each line, what the SDNN sees, and its digits
    """

    images: ByteArray
    labels: NDArray[np.int64]
    context: FloatArray
    line_images: tuple[ByteArray, ...] = ()
    texts: tuple[NDArray[np.int64], ...] = ()


def labelled_candidates(
    digits: Digits, lines: int, seed: int, tell: Callable[[str], None] = lambda text: None
) -> LabelledCandidates:
    """The labelled candidates of this many composed lines."""
    parts, line_images, texts = [], [], []
    for number in range(lines):
        if number and number % REPORT_EVERY == 0:
            tell(f"{number:,} of {lines:,} lines composed")
        line, cut = cut_line(digits, seed, number)
        found = cut.candidates
        labels = labels_of(found, cut.segments, line)
        kept = labels != UNSURE
        parts.append((found.images[kept], labels[kept], found.context[kept]))
        line_images.append(cut.image.ink)
        texts.append(line.labels)
    images, kinds, context = map(np.concatenate, zip(*parts, strict=True))
    return LabelledCandidates(images, kinds, context, tuple(line_images), tuple(texts))


def cut_line(digits: Digits, seed: int, number: int) -> tuple[Line, CutLine]:
    """A composed line, and its candidates as the reader cuts it."""
    line = compose(digits, np.random.default_rng([seed, number]))
    return line, line_preparation().cut(line.grey)


def labels_of(found: Candidates, segments: Segments, line: Line) -> NDArray[np.int64]:
    """For each candidate the digit it is, RUBBISH, NOISE or UNSURE; (n,)."""
    layers = line.ink * (line.ink >= line.ink.max(0))  # the strongest layer owns a pixel
    owned = np.stack(
        [
            np.bincount(segments.labels.ravel(), layer.ravel(), len(segments) + 1)
            for layer in layers
        ],
        1,
    )  # (segments + 1, digits + 1)
    whole = np.maximum(owned[:, :-1].sum(0), 1e-6)
    full = np.maximum(line.ink[:-1].sum((1, 2)), 1e-6)
    sums = np.concatenate([np.zeros((1, owned.shape[1])), np.cumsum(owned[1:], 0)])
    ink = sums[found.last] - sums[found.first]  # (n, digits + 1)
    total = np.maximum(ink.sum(1), 1e-6)
    share = ink[:, :-1] / whole  # of the ink that any segment has
    best = share.argmax(1)
    rows = np.arange(len(found))
    got, others = share[rows, best], 1 - ink[rows, best] / total
    visible = (whole / full)[best] > 0.6  # not mostly outside, or taken for a rule
    labels = np.full(len(found), UNSURE, np.int64)
    good = (got >= WHOLE) & (others <= PURE)
    labels[good & visible] = line.labels[best[good & visible]]
    labels[(got < PART) | (others > MIXED)] = RUBBISH
    foreign = ink[:, -1] / total
    labels[(foreign > 0.4) & (foreign < 0.8)] = UNSURE
    labels[foreign >= 0.8] = NOISE
    return labels
