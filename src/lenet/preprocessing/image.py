"""Any image, from anywhere, as one grey plane. Refusals come before the costly part: decoding."""

from __future__ import annotations

import io
import math
import os
import stat
import time
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from lenet.errors import InputError, LenetError, verdict
from lenet.preprocessing.colour_dropout import Dropout, FormColour, form_colour

Grey: TypeAlias = NDArray[np.float32]
Source: TypeAlias = (
    os.PathLike[str] | str | bytes | bytearray | memoryview | BinaryIO | Image.Image | NDArray[Any]
)

# The first bytes of every format that is decoded, by Pillow's name for it.
SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"MM*\0", b"II\0*"),
    "BMP": (b"BM",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "WEBP": (b"RIFF",),
    "PPM": (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"P0", b"Pf", b"Py"),
}
STARTS = tuple(start for starts in SIGNATURES.values() for start in starts)
PLUGINS = {"WEBP": "WebP"}  # modules of Pillow whose names are not the format's, capitalised
SUFFIXES = frozenset(
    ".png .jpg .jpeg .tif .tiff .bmp .gif .webp .pbm .pgm .ppm .pnm".split()  # noqa: SIM905
)
PDF, PDF_HEAD = b"%PDF-", 1024  # a PDF's mark, and the bytes in which it may begin
MAX_BYTES = 64 * 2**20  # of a file
MAX_PIXELS = 50_000_000  # of an image; more is a decompression bomb or a scan to be cut first
DECODING_SECONDS = 30  # of processor time
DECODING_BYTES = 12  # for a pixel of an opened image, at most
STRIP = 2**18  # pixels that are converted at once
WRITING = 76  # of 255: writing on an opaque patch is this much darker than the patch …
PATCH = 0.01  # … and makes up this much of it, at least
IMAGE_KINDS = "PNG, JPEG, TIFF, BMP, GIF, WebP or PBM/PGM/PPM"
KINDS = f"{IMAGE_KINDS}, or PDF"


class Box(NamedTuple):
    """Pixels top … bottom − 1 and left … right − 1, counted from the upper left corner.

    >>> import lenet
    >>> box = lenet.Box(top=10, left=20, bottom=40, right=35)
    >>> box.height, box.width
    (30, 15)
    """

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """x and y of the corners, clockwise from the top left."""
        top, left, bottom, right = self
        return (left, top), (right, top), (right, bottom), (left, bottom)

    @property
    def inside(self) -> tuple[slice, slice]:
        """The index of these pixels in an array of shape (height, width)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


class Planes(NamedTuple):
    """An image's grey values, (h, w) each: 0 is black, 1 is white.

    grey : without a form's printed colour
    whole : with it; where there is none, the same array
    """

    grey: Grey
    whole: Grey


class Wanted(NamedTuple):
    """What `load_planes` is asked for."""

    max_pixels: int
    colour_dropout: Dropout


def load_image(source: Source, max_pixels: int = MAX_PIXELS) -> Grey:
    """Read an image as grey values of shape (height, width): 0 is black, 1 is white.

    Parameters
    ----------
    source : a path (form.pdf#page=2 names a page of a PDF), the bytes of a file, an open
        binary file, a Pillow image, or an array or tensor of shape
        (h, w), (h, w, 1), (h, w, 3) or (h, w, 4); uint8 counts to 255, other numbers to 1 or, where
        they go beyond, to the largest of them
    max_pixels : of a file; larger ones are refused before they are decoded

    Raises
    ------
    InputError
        names the source, what came, what was expected and what to do.
    ResourceError
        the memory, the open files or the disk did not suffice; the image may be whole.
    """
    return load_planes(source, max_pixels, "none").whole


def load_planes(source: Source, max_pixels: int, colour_dropout: Dropout) -> Planes:
    """Read an image as grey values, as `load_image`, and without a form's printed colour.

    colour_dropout : the form's colour; "auto" finds out whether there is a form in a colour of its
        own
    """
    by = Wanted(max_pixels, colour_dropout)
    in_memory = by._replace(max_pixels=MAX_PIXELS)
    with warnings.catch_warnings():  # Pillow warns of what is then refused or harmless
        warnings.simplefilter("ignore")
        if isinstance(source, Image.Image):
            return _from_image(source, "the image", in_memory)
        if isinstance(source, (bytes, bytearray, memoryview)):
            return _decode(bytes(source), "the bytes", by)
        if isinstance(source, (str, os.PathLike)):
            return _from_file(os.fsdecode(source), by)
        if hasattr(source, "__array__"):
            return _from_array(np.asarray(source), in_memory)
        if hasattr(source, "read"):
            return _from_stream(source, by)
    raise InputError(
        'expected an image: a path, the bytes of a file, a file opened with "rb", a Pillow image '
        f"or an array, for several images a list of these; got {type(source).__name__}"
    )


def _from_stream(stream: BinaryIO, by: Wanted) -> Planes:
    name = str(getattr(stream, "name", "the stream"))
    try:
        content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:  # ValueError: it is closed, or decodes text
        advice = 'expected a file opened with "rb"'
        raise verdict(problem, name, f"cannot be read ({problem}); {advice}") from problem
    if not isinstance(content, bytes):
        kind = type(content).__name__
        raise InputError(f'{name}: gives {kind}, expected bytes; open it with "rb"')
    return _decode(content, name, by)


def _from_file(name: str, by: Wanted) -> Planes:
    if "://" in name:
        raise InputError(
            f"{name}: an address, not a file; download it, or in Python give an open file: "
            "urllib.request.urlopen(address)"
        )
    if "#page=" in name:
        from lenet.preprocessing.pdf import page_named

        path, page = page_named(name) or (name, 1)
        return _decode(read_file(path), name, by, page)
    return _decode(read_file(name), name, by)


def read_file(path: Path | str) -> bytes:
    """The bytes of a regular file of at most 64 MiB, or an InputError."""
    try:
        status = os.stat(path)  # noqa: PTH116 (a Path for each of many files costs more)
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{path}: a folder, not an image; name the images in it")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(
                f"{path}: a pipe or device, not a file; send an image through standard input"
            )
        with open(path, "rb") as file:  # noqa: PTH123
            # Asking for the most that may come would make room for it, at half an image's cost.
            content = file.read(min(status.st_size, MAX_BYTES) + 1)
            return content if len(content) <= status.st_size else content + file.read(MAX_BYTES)
    except InputError:
        raise
    except FileNotFoundError as problem:
        raise InputError(f"{path}: no such file; check the name") from problem
    except (OSError, ValueError) as problem:  # ValueError: a name with a zero byte
        reason = getattr(problem, "strerror", None) or problem
        raise verdict(problem, repr(str(path)), f"cannot be read: {reason}") from problem


def _decode(content: bytes, name: str, by: Wanted, page: int = 1) -> Planes:
    """The grey planes of a file's bytes; of a PDF, a page of it."""
    if not content:
        raise InputError(f"{name}: empty (0 bytes), expected {KINDS}; save the image again")
    if len(content) > MAX_BYTES:
        raise InputError(
            f"{name}: over {MAX_BYTES // 2**20} MiB, the most that is read; save it smaller"
        )
    if is_pdf(content):
        from lenet.preprocessing.pdf import page_image

        drawn = page_image(content, name, page)
        return _from_image(drawn, name, by._replace(max_pixels=MAX_PIXELS))
    if content.startswith(b"RIFF"):
        _check_size(_webp_size(content), name, by.max_pixels)
    try:
        image = _opened(content)
    except Exception as problem:  # Pillow's parsers raise anything on broken files
        words = f"not an image that can be read, expected {KINDS}"
        advice = "open it in an image program and save it as PNG"
        raise verdict(problem, name, f"{words}; {advice}") from problem
    return _from_image(image, name, by)


def is_pdf(content: bytes) -> bool:
    """Whether this is a PDF; what begins as an image is none, whatever follows."""
    return PDF in content[:PDF_HEAD] and not content.startswith(STARTS)


def _opened(content: bytes) -> Image.Image:
    """The image, not yet decoded. Only its own plugin is loaded; `Image.open` would load five."""
    form = next(name for name, starts in SIGNATURES.items() if content.startswith(starts))
    import_module(f"PIL.{PLUGINS.get(form, form.capitalize())}ImagePlugin")
    factory, _ = Image.OPEN[form]
    return factory(_TimedFile(content), "")


def _webp_size(content: bytes) -> tuple[int, int]:
    """The width and height that a WebP states: Pillow takes their memory as it opens the file."""

    def number(start: int, end: int) -> int:
        return int.from_bytes(content[start:end], "little")

    if content[12:16] == b"VP8X":
        return number(24, 27) + 1, number(27, 30) + 1
    if content[12:16] == b"VP8L":
        return (number(21, 25) & 0x3FFF) + 1, (number(21, 25) >> 14 & 0x3FFF) + 1
    return number(26, 28) & 0x3FFF, number(28, 30) & 0x3FFF


class _TimedFile(io.BytesIO):
    """A file that stops its decoder in time: a JPEG of some MB can hold hours of scans."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._end = time.thread_time() + DECODING_SECONDS

    def read(self, size: int | None = -1) -> bytes:
        if size != 1 and time.thread_time() > self._end:  # BMP asks for millions of single bytes
            raise TimeoutError(f"it takes over {DECODING_SECONDS} s")
        return super().read(size)


def _from_image(image: Image.Image, name: str, by: Wanted) -> Planes:
    """The grey planes of a Pillow image, turned by its EXIF orientation."""
    width, height = image.size
    _check_size(image.size, name, by.max_pixels)
    if not width or not height:
        raise InputError(f"{name}: {width} × {height} pixels, nothing to read")
    try:
        np.empty(
            width * height * DECODING_BYTES, np.uint8
        )  # or MemoryError, before a decoder fails
        if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
            from PIL import ImageOps

            image = ImageOps.exif_transpose(image)
        return _planes(image, name, by.colour_dropout)
    except LenetError:
        raise
    except Exception as problem:  # Pillow's decoders raise anything on broken files
        words = f"damaged, it ends early or cannot be decoded ({problem})"
        raise verdict(problem, name, f"{words}; copy or save the image again") from problem


def _planes(image: Image.Image, name: str, dropout: Dropout) -> Planes:
    """The grey planes of an image."""
    whole = _grey(image, name)
    form = form_colour(image, dropout)
    return Planes(_grey(image, name, form) if form else whole, whole)


def _grey(image: Image.Image, name: str, form: FormColour | None = None) -> Grey:
    """The grey plane, made strip by strip: of colours there is never a second copy."""
    width, height = image.size
    if image.mode in ("F", "I") or image.mode.startswith("I;"):
        plane = np.empty((height, width), np.float32)
        for rows in _strips(plane.shape):
            strip = image.crop((0, rows.start, width, rows.stop))
            plane[rows] = np.asarray(strip.convert("F"))
        return _scaled(plane, name)
    transparent = image.has_transparency_data
    grey = np.empty((height, width), np.uint8)
    alpha = np.empty_like(grey) if transparent else None
    for rows in _strips(grey.shape):
        strip = image.crop((0, rows.start, width, rows.stop))
        if alpha is not None:
            strip = strip.convert("RGBA")
            alpha[rows] = np.asarray(strip.getchannel("A"))
        opaque = strip if strip.mode in ("RGB", "L") else strip.convert("RGB")
        grey[rows] = form.dropped(opaque) if form else np.asarray(opaque.convert("L"))
    plane = grey.astype(np.float32)
    plane /= np.float32(255)
    return plane if alpha is None else _on_ground(plane, grey, alpha)


def _strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """The rows of a plane, as many at a time as have STRIP pixels."""
    height, width = shape[:2]
    many = max(1, STRIP // width)
    yield from (slice(top, min(top + many, height)) for top in range(0, height, many))


def _from_array(array: NDArray[Any], by: Wanted) -> Planes:
    """The grey planes of an array of numbers."""
    shape = array.shape
    fits = array.ndim == 2 or (array.ndim == 3 and shape[2] in (1, 3, 4))
    if not fits or not array.size or array.dtype.kind not in "buif":
        raise InputError(
            "expected an image array of shape (h, w), (h, w, 3) or (h, w, 4), channels last, "
            f"got {shape} of {array.dtype}; several images go into a list"
        )
    _check_size((shape[1], shape[0]), "the array", MAX_PIXELS)
    if array.ndim == 3 and shape[2] == 1:
        array = array[..., 0]
    if array.dtype == np.uint8:
        return _from_image(Image.fromarray(array), "the array", by)
    values = _scaled(array.astype(np.float32), "the array")
    if values.ndim == 2:
        return Planes(values, values)
    image = Image.fromarray((values * 255).round().astype(np.uint8))
    return _from_image(image, "the array", by)


def _scaled(plane: Grey, name: str) -> Grey:
    """Numbers without a fixed white, in 0 … 1: what goes beyond is scaled to its own range."""
    low, high = float(plane.min()), float(plane.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"{name}: holds NaN or infinite values; expected finite grey values")
    low, high = min(0.0, low), max(1.0, high)
    if (low, high) != (0.0, 1.0):
        for rows in _strips(plane.shape):  # in their own type the largest less the lowest overflow
            plane[rows] = (plane[rows].astype(np.float64) - low) / (high - low)
    return plane


def _on_ground(plane: Grey, grey: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> Grey:
    """Strokes on a transparent ground, laid on paper that they can be seen on.

    White for dark strokes, as usual, black for light ones. Where most of the image is opaque, or
    what is opaque is a light patch with dark writing, the rest takes its commonest brightness.
    """
    opacity = brightness = 0  # sums: of alpha, of grey × alpha
    opaque_shades = np.zeros(256, np.int64)
    for rows in _strips(plane.shape):
        opacity += int(alpha[rows].sum(dtype=np.int64))
        brightness += int(np.multiply(grey[rows], alpha[rows], dtype=np.int64).sum())
        opaque_shades += np.bincount(grey[rows][alpha[rows] > 127], minlength=256)
    usual = _median(opaque_shades) if opaque_shades.any() else 1.0
    written = opaque_shades[: max(0, round(255 * usual) - WRITING)].sum()
    is_patch = usual >= 0.5 and written >= PATCH * opaque_shades.sum() > 0
    if 2 * opacity >= 255 * plane.size or is_patch:
        ground = usual
    else:
        ground = 0.0 if 2 * brightness >= 255 * opacity > 0 else 1.0
    for rows in _strips(plane.shape):
        opaque = alpha[rows].astype(np.float32) / np.float32(255)
        plane[rows] = plane[rows] * opaque + np.float32(ground) * (1 - opaque)
    return plane


def _median(counts: NDArray[np.int64]) -> float:
    """The median of grey values 0 … 255, counted, in 0 … 1."""
    number = int(counts.sum())
    middle = counts.cumsum().searchsorted(((number - 1) // 2, number // 2), "right")
    return float((middle.astype(np.float32) / np.float32(255)).mean())


def _check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise InputError(
            f"{name}: {width} × {height} pixels, at most {max_pixels / 1e6:g} million are read; "
            "save the image smaller or cut out the digit"
        )
