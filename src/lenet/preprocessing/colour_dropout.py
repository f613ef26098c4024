"""The printed colour of a form, dropped out before grey values are made, as form scanners do.

In the channel of its own colour a form is nearly as bright as the paper; ink of any other colour
is dark there.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from lenet.preprocessing.morphology import Mask, dilated, inside_edges, label, measure

Dropout = Literal["auto", "none", "red", "green", "blue"]

CHANNELS = ("red", "green", "blue")
GREY_MODES = frozenset(("1", "L", "LA", "La", "F", "I", "I;16", "I;16B", "I;16L", "I;16N"))
LONGEST = 1000  # pixels of the longer side at which an image is searched for a form
COLOURED = 38  # of 255: how far a channel lies above the mean of the others, more than on paper
PURE = 0.3  # of how much darker than paper it is: nearly black ink has no colour
MOST = 0.4  # of an image: more of a colour is no form's
TOUCHING = 5  # pixels: parts of a form this near are one component
BOX_SIDE = 8  # pixels: smaller components are no boxes
QUADRILATERAL = 0.7  # of a component's bounding box lies between its corners; of a 0's, 0.5
HOLLOW = 0.5  # of a box's bounding box are coloured, at most
OUTLINED = 0.8  # of a box's outline are coloured
GUIDE = 0.4, 0.8  # of the width: a guide line's length, at least; enough, if lower than the height
THIN = 0.03  # of its length: a guide line's thickness
EXPLAINED = 0.5  # of a colour belong to boxes and guide lines: it is a form's
DARK = 64  # of 255: ink of another colour stands out by this much where the form is dropped out …
KEPT = 0.6  # … and by this much of what it did before
LEAST_INK = 10  # pixels of such ink
WRITTEN = 0.5  # of what has the colour but no form's shape: such ink, at least


class FormColour(NamedTuple):
    """A form's colour.

    channel : 0 red, 1 green, 2 blue: the one that shows it palest
    tint : how far that channel lies above the mean of the other two on bare paper
    lift : how much the form's colour is darker than paper in its own channel, for each step by
        which that lies above the mean of the others, less the tint
    """

    channel: int
    tint: float
    lift: float

    def dropped(self, strip: Image.Image) -> NDArray[np.uint8]:
        """Grey values (h, w) of an RGB image, without the form."""
        pixels = np.asarray(strip)
        own: NDArray[np.uint8] = pixels[..., self.channel]
        if not self.lift:
            return own
        lifted = own + self.lift * _chroma(pixels, self.channel, self.tint).clip(0)
        dropped: NDArray[np.uint8] = np.rint(lifted.clip(0, 255)).astype(np.uint8)
        return dropped


def form_colour(image: Image.Image, dropout: Dropout) -> FormColour | None:
    """The colour to drop out of an image: the one named, or for "auto" a form's, if it has one."""
    if dropout == "none" or image.mode in GREY_MODES:
        return None
    small = _small(image)
    if _is_grey(small):
        return None
    counts = np.reshape(small.histogram(), (3, 256)).cumsum(1)
    paper = np.array([np.searchsorted(row, row[-1] / 2) for row in counts], np.float32)
    pixels = np.asarray(small)
    before = paper.mean() - pixels.mean(2, dtype=np.float32)  # how much darker than the paper
    for channel, name in enumerate(CHANNELS):
        if dropout not in ("auto", name):
            continue
        tint = float(1.5 * paper[channel] - paper.sum() / 2)
        chroma = _chroma(pixels, channel, tint)
        mask = chroma >= np.maximum(COLOURED, PURE * before)
        if dropout == "auto" and not 0 < mask.sum() <= MOST * mask.size:
            continue
        darker = paper[channel] - pixels[..., channel]
        colour = FormColour(channel, tint, _lift(chroma[mask], darker[mask]))
        if dropout == name:
            return colour
        left = paper[channel] - colour.dropped(small)
        ink = (left >= DARK) & (left >= KEPT * before)
        if _is_form(mask, ink):
            return colour
    return None


def _small(image: Image.Image) -> Image.Image:
    """The image in RGB, its longer side at most LONGEST pixels; what is transparent, white."""
    factor = -(-max(image.size) // LONGEST)
    if factor > 1 and image.mode == "RGB":
        return image.reduce(factor)
    if factor > 1:
        size = tuple(max(1, side // factor) for side in image.size)
        image = image.resize((size[0], size[1]), Image.Resampling.NEAREST)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _is_grey(image: Image.Image) -> bool:
    """Whether an RGB image has no colour at all, as most scans."""
    red, green, blue = image.split()
    apart = (ImageChops.difference(red, green), ImageChops.difference(green, blue))
    most = [pair.getextrema()[1] for pair in apart]
    return all(isinstance(level, int) and level < COLOURED / 4 for level in most)  # on paper, too


def _chroma(pixels: NDArray[np.uint8], channel: int, tint: float) -> NDArray[np.float32]:
    """How far a channel lies above the mean of the others, more than on paper."""
    first, second = (pixels[..., k] for k in range(3) if k != channel)
    others = (first.astype(np.float32) + second) / 2
    chroma: NDArray[np.float32] = pixels[..., channel] - others - np.float32(tint)
    return chroma


def _lift(chroma: NDArray[np.float32], darker: NDArray[np.float32]) -> float:
    """How much darker than paper a colour is for its chroma, in its purer half of pixels (n,)."""
    if not len(chroma):
        return 0.0
    pure = chroma >= np.partition(chroma, len(chroma) // 2)[len(chroma) // 2]
    return float((darker[pure].sum() / chroma[pure].sum()).clip(0, 1))


def _is_form(mask: Mask, ink: Mask) -> bool:
    """Whether a colour is a form's: boxes and guide lines, and ink of another colour remains.

    mask : where the image (h, w) has the colour
    ink : where it is dark without the colour
    """
    near = dilated(mask, TOUCHING)
    labels, count = label(near)
    form = np.zeros(count + 1, bool)
    boxes, _ = measure(labels, count, np.zeros(mask.shape, np.float32))
    for k, (top, left, bottom, right) in enumerate(boxes, 1):
        part = labels[top:bottom, left:right] == k
        hollow = (part & mask[top:bottom, left:right]).mean() <= HOLLOW
        is_large = min(bottom - top, right - left) > BOX_SIDE
        form[k] = _is_guide_line(part, mask.shape) or (is_large and hollow and _is_box(part))
    explained, coloured = int((form[labels] & mask).sum()), int(mask.sum())
    if explained < EXPLAINED * coloured:
        return False
    labels, count = label(ink & ~form[labels])
    inside = inside_edges(labels, count)
    inside[0] = False
    return bool(inside[labels].sum() >= max(LEAST_INK, WRITTEN * (coloured - explained)))


def _is_guide_line(part: Mask, shape: tuple[int, ...]) -> bool:
    """Whether a component (h, w) is a line across much of an image of this shape."""
    height, width = shape
    length = part.shape[1]
    if length < max(GUIDE[0] * width, min(height, GUIDE[1] * width)):
        return False
    return bool(part.sum() <= (TOUCHING + THIN * length) * length)


def _is_box(part: Mask) -> bool:
    """Whether a component (h, w) outlines a quadrilateral, as boxes, combs and tables do."""
    rows, columns = np.nonzero(part)
    corners = [int((down * rows + across * columns).argmax()) for down, across in _DIAGONALS]
    here = np.stack([rows[corners], columns[corners]]).astype(float)  # (2, 4)
    then = np.roll(here, -1, 1)
    area = abs((here[1] * then[0] - then[1] * here[0]).sum()) / 2
    if area < QUADRILATERAL * (part.shape[0] - 1) * (part.shape[1] - 1):
        return False
    step = np.linspace(0, 1, max(part.shape))[:, None, None]
    along = np.rint(here + step * (then - here)).astype(np.intp)  # (steps, 2, 4)
    return bool(part[along[:, 0], along[:, 1]].mean(0).min() >= OUTLINED)


_DIAGONALS = ((-1, -1), (-1, 1), (1, 1), (1, -1))  # down, across: from the upper left, clockwise
