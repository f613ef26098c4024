"""Strokes that are no digits: crosses, slashes between numbers, strokes that lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from lenet.lines.combine import CombinedText
from lenet.lines.numpy_lines import LineText
from lenet.lines.oversegmentation import INKED
from lenet.preprocessing.morphology import Mask, inside_edges, label
from lenet.reading.result import Digit, Line, Sign

INKED_BYTE = round(255 * INKED)  # the same of a digit's image
DOUBTFUL = 0.85  # confidence of a digit below which it may be a cross …
LIKE_CROSSES = (1, 4, 7, 8)  # … if it is one of these, which crosses are read as
AROUND = 2  # pixels of a line around a digit, where a cross of its own has no ink
SLIM = 0.5  # width / height, or height / width, of a cross, at least
SMALLEST = 8  # pixels of a cross, at working height
LOOK = np.array([4.0, 5.5])  # pixels of a digit's image: radii of circles for a quick look
PLACES = np.linspace(0.36, 0.64, 6)  # of a cross's height and width, where its strokes meet
RADII = np.array([0.24, 0.32])  # of the same: circles that the four arms cross …
SAMPLES = 52  # … where so many pixels show it
BENT = 0.6  # radians by which opposite arms may miss a straight line
BETWEEN = 0.7  # radians between neighbouring arms, at least
ARM = 0.25  # of the same: the length of an arm, at least
BESIDE = 0.14  # of the same: how far an arm's ink may lie beside its straight line
STRAIGHT = 0.95  # of the ink lies there, at least: a 4's or a 7's other strokes do not

SLENDER = 0.12  # spread of a straight stroke's ink across over that along it, at most
SLANTED = 0.2  # pixels to the left in one down: the slope of a slash, at least
LONG, LOW = 1.1, 0.2  # of the digits' height: a slash is longer, or reaches below by more
APART = 0.3  # of the digits' height: the gaps on both sides of a slash, and …
WIDER = 1.5  # … of the mean of the other gaps

_ANGLES = 2 * np.pi * np.arange(SAMPLES + 1) / SAMPLES  # the first one closes the circle
_TURN = np.stack([np.sin(_ANGLES), np.cos(_ANGLES)])[:, None, None]
_CENTRES = np.stack(np.meshgrid(PLACES, PLACES)).reshape(2, -1)
_CIRCLES = (
    _CENTRES[:, :, None, None] + RADII[:, None] * _TURN
)  # y and x of (centres, radii, samples)
_SEEN = tuple(
    np.rint(np.mgrid[11:18:3, 11:18:3].reshape(2, -1, 1, 1) + LOOK[:, None] * _TURN).astype(np.intp)
)  # pixels of circles in a 28×28 image


def without_strokes(line: Line, found: LineText, combined: CombinedText) -> Line:
    """The line, as found, without crosses and without a lone stroke; slashes become signs.

    Its confidence is that of all texts that have the same digits otherwise.
    """
    slashed = _slashes(found, combined.text)
    dropped = [
        k
        for k, digit in enumerate(line.digits)
        if k in slashed
        or (len(line.digits) == 1 and _lies(digit))
        or (_may_be_cross(digit) and is_cross(_around(found, k) > INKED))
    ]
    if not dropped:
        return line
    kept = [k for k in range(len(line.digits)) if k not in dropped]
    wanted = tuple(combined.text[k] for k in kept)
    alike = [
        text == wanted
        or (len(text) == len(combined.text) and wanted == tuple(text[k] for k in kept))
        for text in combined.texts
    ]
    signs = [Sign("/", line.digits[k].confidence, line.digits[k].box, k) for k in slashed]
    moved = (
        replace(sign, place=sign.place - sum(k < sign.place for k in dropped))
        for sign in sorted((*line.signs, *signs), key=lambda sign: sign.box.left)
    )
    return replace(
        line,
        digits=tuple(line.digits[k] for k in kept),
        confidence=float(combined.probabilities[alike].sum()) if kept else 1.0,
        signs=tuple(moved) if kept else (),
    )


def _slashes(line: LineText, values: Sequence[int]) -> list[int]:
    """Which of the 1s between other digits are slashes: longer or lower, slanted and apart."""
    if len(values) < 3 or 1 not in values[1:-1]:
        return []
    boxes, middle = line.boxes, len(values) // 2
    height = sorted(box.height for box in boxes)[middle]
    bottom = sorted(box.bottom for box in boxes)[middle]
    gaps = [right.left - left.right for left, right in pairwise(boxes)]
    found = []
    for k, box in enumerate(boxes[1:-1], 1):
        stands = box.height < LONG * height and box.bottom - bottom < LOW * height
        if values[k] != 1 or stands:
            continue
        others = gaps[: k - 1] + gaps[k + 1 :]
        least = max(APART * height, WIDER * sum(others) / max(1, len(others)))
        if min(gaps[k - 1 : k + 1]) >= least and _slant(line, k) >= SLANTED:
            found.append(k)
    return found


def is_no_digit(digit: Digit) -> bool:
    """Whether a single digit's image shows a cross, or its stroke lies."""
    return _lies(digit) or (_may_be_cross(digit) and is_cross(digit.image > INKED_BYTE))


def _may_be_cross(digit: Digit) -> bool:
    """A quick look at the digit's image: whether a circle around its middle crosses four arms."""
    box = digit.box
    slim = min(box.width, box.height) < SLIM * max(box.width, box.height)
    if digit.value not in LIKE_CROSSES or digit.confidence >= DOUBTFUL or slim:
        return False
    inked = digit.image[_SEEN] > INKED_BYTE
    return bool(((inked[..., 1:] != inked[..., :-1]).sum(-1) == 8).any())


def _lies(digit: Digit) -> bool:
    """Whether a 1 is a straight stroke, wider than high: a dash, or what strikes out a cell."""
    if digit.value != 1 or digit.box.width <= digit.box.height:
        return False
    across, along = np.linalg.eigvalsh(np.cov(np.nonzero(digit.image > INKED_BYTE)))
    return bool(across <= SLENDER**2 * along)


def is_cross(ink: Mask) -> bool:
    """Whether the largest component of ink, (h, w), has four arms, and hardly anything else.

    It reaches no edge. The arms cross both circles around some centre, opposite each other.
    """
    cross = _largest(ink)
    high, wide = cross.shape
    if min(high, wide) < max(SLIM * max(high, wide), SMALLEST):
        return False
    y, x = (_CIRCLES * np.array([high, wide])[:, None, None, None]).astype(np.intp)
    inked = cross[y.clip(0, high - 1), x.clip(0, wide - 1)]
    starts, ends = ~inked[..., :-1] & inked[..., 1:], inked[..., :-1] & ~inked[..., 1:]
    four = np.flatnonzero((starts.sum(-1) == 4).all(1))
    if not len(four):
        return False
    first, last = (np.nonzero(sides[four])[2].reshape(-1, 2, 4) for sides in (starts, ends))
    last = np.where(last[..., :1] < first[..., :1], np.roll(last, -1, -1), last)
    arms = _ANGLES[1] * (first + 1 + np.where(last < first, last + SAMPLES, last)) / 2
    bent = np.abs(arms[..., 2:] - arms[..., :2] - np.pi).max((1, 2))
    best = bent.argmin()
    angles = arms[best, 1]
    if bent[best] > BENT or np.diff(angles, append=angles[0] + 2 * np.pi).min() < BETWEEN:
        return False
    return _is_all_arms(cross, _CENTRES[:, four[best]], angles)


def _is_all_arms(cross: Mask, centre: np.ndarray, angles: np.ndarray) -> bool:
    """Whether four arms at these angles are long enough, and hold most ink."""
    y, x = ((np.stack(np.nonzero(cross), -1) + 0.5) / cross.shape - centre).T
    along = np.outer(y, np.sin(angles)) + np.outer(x, np.cos(angles))
    beside = np.abs(np.outer(y, np.cos(angles)) - np.outer(x, np.sin(angles)))
    within = (along > 0) & (beside < BESIDE)
    explained = within.any(1) | (np.hypot(y, x) < RADII[0])
    return bool(explained.mean() >= STRAIGHT and np.where(within, along, 0).max(0).min() >= ARM)


def _largest(ink: Mask) -> Mask:
    """The largest component, cut out; nothing if it reaches an edge."""
    labels, count = label(ink)
    number = np.bincount(labels.ravel(), minlength=2)[1:].argmax() + 1
    if not count or not inside_edges(labels, count)[number]:
        return np.zeros((0, 0), bool)
    largest = labels == number
    rows, columns = np.flatnonzero(largest.any(1)), np.flatnonzero(largest.any(0))
    cut: Mask = largest[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cut


def _around(line: LineText, digit: int) -> np.ndarray:
    """A digit's ink in the line, with AROUND."""
    top, left, bottom, right = np.rint(line.inner(line.boxes[digit])).astype(int).tolist()
    rows = slice(max(0, top - AROUND), bottom + AROUND)
    return line.segments.ink[rows, max(0, left - AROUND) : right + AROUND]


def _slant(line: LineText, digit: int) -> float:
    """How many pixels a stroke goes to the left in one down, by least squares."""
    rows, columns = np.nonzero(_around(line, digit) > INKED)
    down = rows - rows.mean() if len(rows) else rows
    return -float(down @ columns / max(1.0, float(down @ down)))
