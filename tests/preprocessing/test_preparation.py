"""Any image of a digit becomes the same 28×28."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from lenet.errors import InputError
from lenet.preprocessing.digit_ink import (
    estimate_background,
    find_ink,
    flatten_illumination,
    is_dark_on_light,
    otsu,
)
from lenet.preprocessing.image import Box, load_image
from lenet.preprocessing.morphology import label
from lenet.preprocessing.prepare import BlankError, centre, ink_box, prepare, prepare_file


def written_seven(size: tuple[int, int] = (120, 100), pen: int = 9) -> np.ndarray:
    """Ink of shape size, 0 … 1: a seven of straight strokes."""
    ink = np.zeros(size, np.float32)
    ink[20 : 20 + pen, 25:75] = 1
    for row in range(20, 100):
        left = 75 - pen - (row - 20) // 3
        ink[row, left : left + pen] = 1
    return ink


SEVEN = 1 - written_seven()  # dark on light


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel().astype(float), other.ravel().astype(float))[0, 1])


@pytest.mark.parametrize("density", [0.1, 0.35, 0.6])
def test_labels_equal_scipys(density, rng):
    ndimage = pytest.importorskip("scipy.ndimage")
    for _ in range(20):
        mask = rng.random(rng.integers(1, 40, 2)) < density
        ours, count = label(mask)
        theirs, their_count = ndimage.label(mask, np.ones((3, 3)))
        assert count == their_count
        assert ((ours == 0) == ~mask).all()
        pairs = set(zip(ours[mask].tolist(), theirs[mask].tolist(), strict=True))
        assert len(pairs) == count  # one to one


def test_otsu_equals_trying_every_threshold(rng):
    values = np.concatenate([rng.normal(0.1, 0.03, 700), rng.normal(0.7, 0.08, 200)]).clip(0, 1)

    def spread(threshold: float) -> float:
        low, high = values[values <= threshold], values[values > threshold]
        return len(low) * low.var() + len(high) * high.var()

    best = min(np.linspace(0.15, 0.65, 200), key=spread)
    assert spread(otsu(values)) == pytest.approx(spread(best), rel=1e-3)


def test_centring_is_mnists(rng):
    ndimage = pytest.importorskip("scipy.ndimage")
    for _ in range(30):
        ink = np.zeros(rng.integers(30, 90, 2), np.float32)
        top, left = rng.integers(0, 10, 2)
        height, width = rng.integers(4, 20, 2)
        ink[top : top + height, left : left + width] = 1
        ink[top, left : left + width * 2] = 1  # heavier on one side
        image = centre(ink)
        inked = ink_box(image / np.float32(255) * 2)
        assert max(inked.height, inked.width) == 20
        mass = ndimage.center_of_mass(image)
        pushed = min(inked.top, inked.left) == 0 or max(inked.bottom, inked.right) == 28
        if not pushed:
            assert np.abs(np.array(mass) - 14).max() <= 0.51
        assert image.max() == 255


def test_mnist_digits_stay_as_they_are(lenet_data):
    """What is centred already must pass nearly unchanged: MNIST is the model of preparation."""
    from lenet.data.datasets import load_set

    images = load_set("mnist", lenet_data).train.images[:200]
    same = [likeness(image, prepare(image / np.float32(255)).image) for image in images]
    assert np.median(same) > 0.99


def test_nothing_to_centre():
    with pytest.raises(InputError, match="no ink"):
        centre(np.zeros((9, 9), np.float32))


def variants() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[0:120, 0:100] / 120
    shadow = 0.35 + 0.5 * columns + 0.1 * rows
    lined = SEVEN.copy()
    lined[112:114] = 0.3
    specked = SEVEN.copy()
    specked[tuple(rng.integers(0, 100, (2, 25)))] = 0
    return {
        "light on dark": written_seven(),
        "pale": 0.9 - 0.2 * written_seven(),
        "shadow": shadow * (1 - 0.45 * written_seven()),
        "a dark corner": 0.15 * SEVEN + 0.44 * (rows + columns),
        "grain": (SEVEN * 0.7 + rng.normal(0.1, 0.03, SEVEN.shape)).clip(0, 1),
        "a ruled line": lined,
        "specks": specked,
        "large": np.kron(SEVEN, np.ones((9, 9), np.float32)),
        "far from the middle": np.pad(SEVEN, ((0, 90), (120, 0)), constant_values=1),
        "tight": SEVEN[20:100, 20:76],
        "a thin pen": 1 - written_seven(pen=2),
    }


@pytest.mark.parametrize("name", variants())
def test_however_it_was_written_the_network_sees_the_same(name):
    expected = prepare(SEVEN).image
    assert likeness(prepare(variants()[name].astype(np.float32)).image, expected) > (
        0.65 if name == "a thin pen" else 0.95
    )


def test_paper_is_found_under_strokes_and_shadow():
    columns = np.mgrid[0:120, 0:100][1] / 100
    light = (0.4 + 0.5 * columns).astype(np.float32)
    found = estimate_background(light * (1 - 0.8 * written_seven()))
    assert np.abs(found - light)[10:-10, 10:-10].max() < 0.08


def test_polarity():
    shadow = (0.2 + 0.6 * np.mgrid[0:120, 0:100][0] / 120).astype(np.float32)
    for light in (1, shadow):
        assert is_dark_on_light(light * (0.6 + 0.4 * SEVEN))
        assert not is_dark_on_light(light * (1 - 0.4 * SEVEN))


def beside_other_ground() -> dict[str, np.ndarray]:
    """Dark numbers where most of an image is not their paper, or what stands out is not they."""
    number = np.hstack([SEVEN] * 5)
    comb = np.pad(SEVEN[10:110, 15:85], 9)  # dividers that make up most of a coarse thumbnail
    framed = np.full((160, 600), 0.9)  # the pale frame of a dark display
    framed[40:, :500] = 0.2 + 0.1 * number
    return {
        "a dark table below": np.vstack([number, np.full((90, 500), 0.1)]),
        "a dark table on the right": np.hstack([number, np.full((120, 400), 0.1)]),
        "a comb of dark fields": np.hstack([comb] * 10),
        "a dark display": framed,
    }


@pytest.mark.parametrize("name", beside_other_ground())
def test_polarity_is_the_strokes(name):
    plane = beside_other_ground()[name].astype(np.float32)
    assert is_dark_on_light(plane)
    assert not is_dark_on_light(1 - plane)


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (40, 30), (28, 28)])
def test_levelled_takes_the_least_squares_plane_away(shape):
    """Beside numpy's solver, where the thumbnail is the image itself."""
    grey = np.random.default_rng(3).random(shape).astype(np.float32)
    rows, columns = np.indices(shape)
    sides = np.stack([np.ones(grey.size), rows.ravel(), columns.ravel()], axis=1)
    sides -= sides.mean(0) * [0, 1, 1]
    plane = sides[:, 1:] @ np.linalg.lstsq(sides, grey.ravel(), rcond=None)[0][1:]
    np.testing.assert_allclose(flatten_illumination(grey), grey - plane.reshape(shape), atol=1e-6)


def test_levelled_leaves_nothing_of_a_slope():
    rows, columns = np.mgrid[0:300, 0:500]
    slope = (0.3 + rows / 900 - columns / 2000).astype(np.float32)
    assert np.ptp(flatten_illumination(slope)) < 1e-3


def test_the_box_is_in_the_images_own_pixels():
    assert prepare(SEVEN).box == Box(20, 25, 100, 75)
    large = prepare(np.kron(SEVEN, np.ones((12, 12), np.float32))).box
    assert np.abs(np.array(large) - 12 * np.array(prepare(SEVEN).box)).max() <= 12


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_blank(value):
    with pytest.raises(BlankError, match="no ink found"):
        prepare(np.full((50, 40), value, np.float32))


def test_blank_names_the_file(tmp_path):
    Image.new("L", (30, 30), 200).save(tmp_path / "empty.png")
    with pytest.raises(BlankError, match=r"empty\.png"):
        prepare_file(tmp_path / "empty.png")
    assert not find_ink(np.full((9, 9), 0.3, np.float32)).any()


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


GREY = Image.fromarray((255 * SEVEN).astype(np.uint8))
CLEAR = Image.merge("LA", [Image.new("L", GREY.size, 0), Image.eval(GREY, lambda v: 255 - v)])
CHALK = Image.merge("LA", [Image.new("L", GREY.size, 255), Image.eval(GREY, lambda v: 255 - v)])
TURNED = Image.Exif()
TURNED[0x0112] = 6  # to be turned a quarter clockwise

FORMATS = {
    "png": encoded(GREY, "PNG"),
    "png 1 bit": encoded(GREY.convert("1"), "PNG"),
    "png 16 bit": encoded(Image.fromarray((65535 * SEVEN).astype(np.uint16)), "PNG"),
    "png rgb": encoded(GREY.convert("RGB"), "PNG"),
    "png palette": encoded(GREY.convert("P"), "PNG"),
    "png transparent": encoded(CLEAR, "PNG"),
    "png transparent chalk": encoded(CHALK.convert("RGBA"), "PNG"),
    "jpeg": encoded(GREY, "JPEG", quality=95),
    "jpeg cmyk": encoded(GREY.convert("CMYK"), "JPEG", quality=95),
    "jpeg turned": encoded(GREY.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=TURNED),
    "tiff": encoded(GREY, "TIFF"),
    "tiff float": encoded(Image.fromarray(SEVEN.astype(np.float32)), "TIFF"),
    "bmp": encoded(GREY, "BMP"),
    "gif": encoded(GREY, "GIF"),
    "webp": encoded(GREY, "WEBP", lossless=True),
    "pgm": encoded(GREY, "PPM"),
    "pbm": encoded(GREY.convert("1"), "PPM"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_alike(name):
    grey = load_image(FORMATS[name])
    assert grey.dtype == np.float32
    assert 0 <= grey.min() <= grey.max() <= 1
    assert likeness(prepare(grey).image, prepare(SEVEN).image) > 0.97


def test_arrays_too():
    for array in (
        SEVEN,
        SEVEN.astype(np.float64),
        (255 * SEVEN).astype(np.uint8),
        np.dstack([SEVEN] * 3),
        SEVEN[..., None],
        SEVEN > 0.5,
    ):
        assert likeness(prepare(load_image(array)).image, prepare(SEVEN).image) > 0.99


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(5),
        np.zeros((3, 3, 2)),
        np.zeros((0, 5)),
        np.full((4, 4), np.nan),
        np.array([["a"]]),
    ],
    ids=["1-d", "2 channels", "empty", "nan", "text"],
)
def test_other_arrays_are_refused(array):
    with pytest.raises(InputError):
        load_image(array)
