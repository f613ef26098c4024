"""Numbers on seven-segment displays, decoded by which segments are lit.

Segments stand apart, so a network that knows handwriting takes a 6 for a 5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.lines.line_ink import at_working_height
from lenet.preprocessing.digit_ink import is_dark_on_light, otsu
from lenet.preprocessing.image import Box, Grey
from lenet.preprocessing.morphology import Mask, closing, label, measure
from lenet.preprocessing.prepare import centre
from lenet.reading.result import Digit, Line

LOW = 32  # pixels of the height at which bars are told from handwriting …
WIDEST = 30  # width / height: no display is wider
STRAIGHT = 0.76  # … by the mean cos² of twice the angle of its edges; handwriting's is 0.6 to 0.75
FIELD = 17  # pixels of a line 64 high; what is wider is no segment
DARKEST = 0.1  # of white: the ground counts as no darker
LONGEST = 40  # pixels: wider components are frames
SMALLEST = 6  # pixels: smaller components are specks
LOWEST = 16  # pixels of a digit's height
POINT = 0.25  # of a digit's height: components smaller than this are points
GAP = 0.04  # of a digit's height, between the segments of one
FOREIGN = 0.5  # of a digit's height: wide components that are higher, and no digits, are writing
ALIKE = 0.15  # of the height: whole digits differ by less in height …
LOWER = 0.3  # … and others, such as a 1 without bars at its top, bottom and left, by less than this
NARROW = 0.35  # width / height of a 1
HOLES = 0.15  # of what a digit encloses is inked, at most
USUAL = 0.75  # of the height: how far the right edges of neighbours are apart
PITCH = 0.2  # of the height: how much the right edge of a narrow digit is off its place, at most
STEEPNESS = 14.0  # of the odds that a segment is lit over how much of its length is inked
LEAST = 0.5  # confidence of a number

# The segments from top to bottom and left to right: top, upper left, upper right, middle, …
LIT = {
    "1110111": 0, "0010010": 1, "1011101": 2, "1011011": 3, "0111010": 4, "1101011": 5,
    "1101111": 6, "0101111": 6, "1010010": 7, "1110010": 7, "1111111": 8, "1111011": 9,
    "1111010": 9,
}  # fmt: skip
# Where they lie in a digit, as shares of its height and width: top, bottom, left, right.
PLACES = (
    (0.0, 0.22, 0.35, 0.65), (0.17, 0.42, 0.0, 0.4), (0.17, 0.42, 0.6, 1.0),
    (0.39, 0.61, 0.35, 0.65), (0.58, 0.83, 0.0, 0.4), (0.58, 0.83, 0.6, 1.0),
    (0.78, 1.0, 0.35, 0.65),
)  # fmt: skip
ENCLOSED = ((0.25, 0.38, 0.42, 0.58), (0.62, 0.75, 0.42, 0.58))


def looks_like_display(grey: Grey) -> bool:
    """Whether brightness in a plane (h, w) changes down and across, and hardly aslant."""
    height, width = grey.shape
    if width > WIDEST * height:
        return False
    size = max(2, round(width * LOW / height)), LOW
    way = Image.Resampling.BOX if height > LOW else Image.Resampling.BILINEAR
    small = np.asarray(Image.fromarray(grey).resize(size, way))
    across = (small[:-1, 1:] - small[:-1, :-1]) ** 2
    down = (small[1:, :-1] - small[:-1, :-1]) ** 2
    both = across + down
    straight = ((across - down) ** 2 / np.maximum(both, 1e-9)).sum()
    return bool(straight > STRAIGHT * both.sum())


def read_display(grey: Grey) -> Line | None:
    """The number of several digits on a display, in a plane (h, w); None where there is none."""
    small, scale = at_working_height(grey)
    mask, boxes = _segments(small)
    cells = _in_step(_cells(boxes))
    widths = sorted(cell.width for cell in cells if not _is_narrow(cell))
    if len(cells) < 2 or not widths or min(cell.height for cell in cells) < LOWEST:
        return None
    width = widths[len(widths) // 2]
    digits, confidence = [], 1.0
    for cell in cells:
        narrow = _is_narrow(cell)
        if not narrow:  # a 3 and a 7 have no bars on the left
            if abs(width - cell.width) > LOWER * cell.height:
                return None
            cell = cell._replace(left=max(0, min(cell.left, cell.right - width)))
        value, sure = _digit(mask[cell.inside], narrow)
        if value is None:
            return None
        confidence *= sure
        box = Box(*(round(side / scale) for side in cell))
        digits.append(Digit(value, sure, box, centre(mask[cell.inside].astype(np.float32))))
    return Line(tuple(digits), confidence) if confidence >= LEAST else None


def _segments(small: Grey) -> tuple[Mask, NDArray[np.intp]]:
    """The ink of a line (h, w), and the boxes (n, 4) of components that may be segments."""
    darker = small if is_dark_on_light(small) else 1 - small
    ground = closing(darker, FIELD, "edge")
    strength = ((ground - darker) / np.maximum(ground, DARKEST)).astype(np.float32)
    mask = strength > otsu(strength)
    labels, count = label(mask)
    boxes, _ = measure(labels, count, strength)
    high, wide = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    inside = (boxes[:, 0] > 0) & (boxes[:, 2] < len(mask))
    keep = inside & (wide <= LONGEST) & (np.maximum(high, wide) >= SMALLEST)
    return mask & np.concatenate([[False], keep])[labels], boxes[keep]


def _cells(boxes: NDArray[np.intp]) -> list[Box]:
    """The box of each digit, from left to right: segments above each other, alike in height."""
    height = 0.0
    for _ in range(2):  # the second time without points
        size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        groups = _grouped(boxes[size >= POINT * height], GAP * height)
        tall = [box.height for box in groups]
        if not tall:
            return []
        tall = sorted(high for high in tall if high >= FOREIGN * max(tall))
        height = float(tall[3 * len(tall) // 4])  # a 1, 4 or 7 may be lower
    whole = [box for box in groups if box.height >= (1 - ALIKE) * height]
    top, bottom = (round(float(np.median([box[side] for box in whole]))) for side in (0, 2))
    cells = []
    for box in groups:
        if max(abs(box.height - height), abs(box.top - top)) <= LOWER * height:
            whole_box = box._replace(top=min(box.top, top), bottom=max(box.bottom, bottom))
            cells.append(box if box in whole else whole_box)
        elif box.height >= FOREIGN * height and not _is_narrow(box):
            return []
    return cells


def _is_narrow(cell: Box) -> bool:
    return cell.width < NARROW * cell.height


def _in_step(cells: list[Box]) -> list[Box]:
    """The cells without narrow ones whose right edge is not where a digit's would be."""
    rights = [cell.right for cell in cells if not _is_narrow(cell)]
    if len(rights) < 2:  # how far digits stand apart is unknown
        return cells
    apart = np.diff(rights)
    pitch = float((apart / np.maximum(1, np.rint(apart / (USUAL * cells[0].height)))).min())
    steps = [(cell.right - rights[0]) / pitch for cell in cells]
    off = [abs(step - round(step)) * pitch for step in steps]
    return [
        cell
        for cell, by in zip(cells, off, strict=True)
        if not _is_narrow(cell) or by <= PITCH * cell.height
    ]


def _grouped(boxes: NDArray[np.intp], gap: float) -> list[Box]:
    """Boxes (n, 4) whose columns overlap or hardly stand apart, as one."""
    groups: list[Box] = []
    for box in (Box(*row) for row in boxes[np.argsort(boxes[:, 1])].tolist()):
        if groups and box.left <= groups[-1].right + gap:
            last = groups[-1]
            groups[-1] = Box(
                min(last.top, box.top), last.left, max(last.bottom, box.bottom),
                max(last.right, box.right),
            )  # fmt: skip
        else:
            groups.append(box)
    return groups


def _digit(mask: Mask, narrow: bool) -> tuple[int | None, float]:
    """The value of a digit's ink (h, w), if it is one, and how sure that is."""
    if narrow:
        share = float(mask.any(1).mean())
        return (1 if share > 0.5 else None), _sure(share)
    if max(float(_part(mask, place).mean()) for place in ENCLOSED) > HOLES:
        return None, 0.0
    shares = [
        float(_part(mask, place).any(0 if place[2] == 0.35 else 1).mean()) for place in PLACES
    ]
    value = LIT.get("".join(str(int(share > 0.5)) for share in shares))
    return value, float(np.prod([_sure(share) for share in shares]))


def _part(mask: Mask, place: tuple[float, float, float, float]) -> Mask:
    height, width = mask.shape
    top, bottom = round(place[0] * height), round(place[1] * height)
    return mask[top:bottom, round(place[2] * width) : round(place[3] * width)]


def _sure(share: float) -> float:
    """The probability that a segment of which this share is inked is lit, or is not."""
    return 1 / (1 + float(np.exp(-STEEPNESS * abs(share - 0.5))))
