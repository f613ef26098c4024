"""Any image, from anywhere, as one grey plane. Refusals come before the costly part: decoding."""

from __future__ import annotations

import io
import os
import stat
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from lenet.errors import InputError, LenetError, verdict

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
PLUGINS = {"WEBP": "WebP"}  # modules of Pillow whose names are not the format's, capitalised
SUFFIXES = frozenset(
    ".png .jpg .jpeg .tif .tiff .bmp .gif .webp .pbm .pgm .ppm .pnm".split()  # noqa: SIM905
)
PDF, PDF_HEAD = b"%PDF-", 1024  # a PDF's mark, and the bytes in which it may begin
MAX_BYTES = 64 * 2**20  # of a file
MAX_PIXELS = 50_000_000  # of an image; more is a decompression bomb or a scan to be cut first
KINDS = "PNG, JPEG, TIFF, BMP, GIF, WebP, PBM/PGM/PPM or PDF"


class Box(NamedTuple):
    """Pixels top … bottom − 1 and left … right − 1, counted from the upper left corner."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def inside(self) -> tuple[slice, slice]:
        """The index of these pixels in an array of shape (height, width)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def load_image(source: Source) -> Grey:
    """Read an image as grey values of shape (height, width): 0 is black, 1 is white.

    Parameters
    ----------
    source : a path (form.pdf#page=2 names a page of a PDF), the bytes of a file, an open
        binary file, a Pillow image, or an array or tensor of shape
        (h, w), (h, w, 1), (h, w, 3) or (h, w, 4); uint8 counts to 255, other numbers to 1 or, where
        they go beyond, to the largest of them

    Raises
    ------
    InputError
        names the source, what came, what was expected and what to do.
    ResourceError
        the memory, the open files or the disk did not suffice; the image may be whole.
    """
    with warnings.catch_warnings():  # Pillow warns of what is then refused or harmless
        warnings.simplefilter("ignore")
        if isinstance(source, Image.Image):
            return _from_image(source, "the image")
        if isinstance(source, (bytes, bytearray, memoryview)):
            return _decode(bytes(source), "the bytes")
        if isinstance(source, (str, os.PathLike)):
            return _from_file(os.fsdecode(source))
        if hasattr(source, "__array__"):
            return _from_array(np.asarray(source))
        if hasattr(source, "read"):
            return _from_stream(source)
    raise InputError(
        'expected an image: a path, the bytes of a file, a file opened with "rb", a Pillow image '
        f"or an array; got {type(source).__name__}"
    )


def _from_stream(stream: BinaryIO) -> Grey:
    name = str(getattr(stream, "name", "the stream"))
    try:
        content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:  # ValueError: it is closed, or decodes text
        advice = 'expected a file opened with "rb"'
        raise verdict(problem, name, f"cannot be read ({problem}); {advice}") from problem
    if not isinstance(content, bytes):
        kind = type(content).__name__
        raise InputError(f'{name}: gives {kind}, expected bytes; open it with "rb"')
    return _decode(content, name)


def _from_file(name: str) -> Grey:
    if "://" in name:
        raise InputError(
            f"{name}: an address, not a file; download it, or in Python give an open file: "
            "urllib.request.urlopen(address)"
        )
    path, page = Path(name), 1
    if "#page=" in name:
        from lenet.preprocessing.pdf import page_named

        path, page = page_named(name) or (path, page)
    return _decode(read_file(path), name, page)


def read_file(path: Path) -> bytes:
    """The bytes of a regular file of at most 64 MiB, or an InputError."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{path}: a folder, not an image; name the images in it")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(
                f"{path}: a pipe or device, not a file; send an image through standard input"
            )
        with path.open("rb") as file:
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


def _decode(content: bytes, name: str, page: int = 1) -> Grey:
    """The grey plane of a file's bytes; of a PDF, a page of it."""
    if not content:
        raise InputError(f"{name}: empty (0 bytes), expected {KINDS}; save the image again")
    if len(content) > MAX_BYTES:
        raise InputError(
            f"{name}: over {MAX_BYTES // 2**20} MiB, the most that is read; save it smaller"
        )
    if PDF in content[:PDF_HEAD]:
        from lenet.preprocessing.pdf import page_image

        return _from_image(page_image(content, name, page), name)
    try:
        image = _opened(content)
    except Exception as problem:  # Pillow's parsers raise anything on broken files
        words = f"not an image that can be read, expected {KINDS}"
        advice = "open it in an image program and save it as PNG"
        raise verdict(problem, name, f"{words}; {advice}") from problem
    return _from_image(image, name)


def _opened(content: bytes) -> Image.Image:
    """The image, not yet decoded. Only its own plugin is loaded; `Image.open` would load five."""
    form = next(name for name, starts in SIGNATURES.items() if content.startswith(starts))
    import_module(f"PIL.{PLUGINS.get(form, form.capitalize())}ImagePlugin")
    factory, _ = Image.OPEN[form]
    return factory(io.BytesIO(content), "")


def _from_image(image: Image.Image, name: str) -> Grey:
    """The grey plane of a Pillow image, turned as its EXIF orientation says."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(name, f"{width} × {height} pixels")
    if not width or not height:
        raise InputError(f"{name}: {width} × {height} pixels, nothing to read")
    try:
        if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
            from PIL import ImageOps

            image = ImageOps.exif_transpose(image)
        if image.mode in ("F", "I") or image.mode.startswith("I;"):
            return _scaled(np.asarray(image.convert("F")), name)
        transparent = image.has_transparency_data
        if transparent:
            image = image.convert("RGBA")
        opaque = image if image.mode in ("RGB", "L") else image.convert("RGB")
        grey = np.array(opaque.convert("L"), np.float32)
        grey /= np.float32(255)
        return _on_ground(grey, np.asarray(image.getchannel("A"))) if transparent else grey
    except LenetError:
        raise
    except Exception as problem:  # Pillow's decoders raise anything on broken files
        words = f"damaged, it ends early or cannot be decoded ({problem})"
        raise verdict(problem, name, f"{words}; copy or save the image again") from problem


def _from_array(array: NDArray[Any]) -> Grey:
    """The grey plane of an array of numbers."""
    shape = array.shape
    fits = array.ndim == 2 or (array.ndim == 3 and shape[2] in (1, 3, 4))
    if not fits or not array.size or array.dtype.kind not in "buif":
        raise InputError(
            "expected an image array of shape (h, w), (h, w, 3) or (h, w, 4), channels last, "
            f"got {shape} of {array.dtype}"
        )
    if shape[0] * shape[1] > MAX_PIXELS:
        raise _too_large("the array", f"{shape[1]} × {shape[0]} pixels")
    if array.ndim == 3 and shape[2] == 1:
        array = array[..., 0]
    if array.dtype == np.uint8:
        return _from_image(Image.fromarray(array), "the array")
    values = _scaled(array.astype(np.float32), "the array")
    if values.ndim == 2:
        return values
    return _from_image(Image.fromarray((values * 255).round().astype(np.uint8)), "the array")


def _scaled(values: NDArray[np.float32], name: str) -> Grey:
    """Numbers without a fixed white, in 0 … 1: what goes beyond is scaled to its own range."""
    if not np.isfinite(values).all():
        raise InputError(f"{name}: holds NaN or infinite values; expected finite grey values")
    low, high = min(0.0, float(values.min())), max(1.0, float(values.max()))
    wide = values.astype(np.float64)  # in their own type the largest less the lowest overflow
    scaled: Grey = ((wide - low) / (high - low)).astype(np.float32)
    return scaled


def _on_ground(grey: Grey, alpha: NDArray[np.uint8]) -> Grey:
    """Strokes on a transparent ground, laid on paper that they can be seen on.

    White for dark strokes, as usual, black for light ones. Where most of the image is opaque, the
    holes in it take its own commonest brightness.
    """
    opacity = alpha.astype(np.float32) / np.float32(255)
    if not opacity.any():
        return np.ones_like(grey)
    if opacity.mean() < 0.5:
        ground = 1.0 if np.average(grey, weights=opacity) < 0.5 else 0.0
    else:
        ground = float(np.median(grey[opacity > 0.5]))
    laid: Grey = grey * opacity + np.float32(ground) * (1 - opacity)
    return laid


def _too_large(name: str, size: str) -> InputError:
    return InputError(
        f"{name}: {size}, at most {MAX_PIXELS // 1_000_000} million are read; "
        "save the image smaller or cut out the digit"
    )
