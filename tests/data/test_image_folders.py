"""Folders of your own images: every form of image, the fixed split, and every way to be wrong."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from PIL import Image

from lenet.data.datasets import load_set
from lenet.data.folders import load_folder
from lenet.errors import InputError
from lenet.preprocessing.prepare import prepare_file


def stroke(path, column=14, mode="L", size=40, paper=255, ink=0):
    """An upright stroke on paper, saved in the form that the ending and the mode say."""
    plane = np.full((size, size), paper, np.uint8)
    plane[8 : size - 8, column : column + 4] = ink
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(plane)
    if mode == "I;16":
        image = Image.fromarray(plane.astype(np.uint16) * 257)
    elif mode == "RGBA":
        image = Image.merge("RGBA", [image, image, image, Image.fromarray(255 - plane)])
    elif mode != "L":
        image = image.convert(mode)
    image.save(path)
    return path


@pytest.fixture
def fill(tmp_path):
    """Fill class folders with as many images as told; their strokes stand in different places."""

    def fill(counts, under=""):
        for name, count in counts.items():
            for number in range(count):
                stroke(tmp_path / under / name / f"{number:03}.png", 8 + number % 20)
        return tmp_path

    return fill


def test_the_fixed_split(fill):
    digits = load_set(str(fill({"3": 60, "7": 11})))
    assert digits.name == str(fill({}))
    assert digits.classes == tuple("0123456789")
    assert np.bincount(digits.test.labels, minlength=10).tolist() == [0, 0, 0, 12, 0, 0, 0, 2, 0, 0]
    assert np.bincount(digits.train.labels)[[3, 7]].tolist() == [48, 9]
    # every tenth training image of each class: the 7s have only nine
    assert digits.validation.tolist() == [9, 19, 29, 39]
    # the fifth, tenth, … image of the 3s, prepared as reading prepares it
    for place, number in enumerate(range(4, 60, 5)):
        expected = prepare_file(fill({}) / "3" / f"{number:03}.png").image
        np.testing.assert_array_equal(digits.test.images[place], expected)


def test_train_and_test_folders(fill):
    fill({"b": 12, "a": 3}, "train")
    digits = load_set(fill({"b": 2}, "test"))
    assert digits.classes == ("a", "b")
    assert digits.train.labels.tolist() == [0] * 3 + [1] * 12
    assert digits.test.labels.tolist() == [1, 1]
    assert digits.validation.tolist() == [12]


def test_words_and_digits_mixed_are_numbered_in_order(fill):
    assert load_folder(fill({"7": 5, "x": 5, "10": 5})).classes == ("10", "7", "x")


def test_ten_classes_are_welcome(fill):
    assert load_folder(fill({f"c{k}": 5 for k in range(10)})).test.labels.tolist() == [*range(10)]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.png", "L"),
        ("a.png", "1"),
        ("a.png", "RGB"),
        ("a.png", "RGBA"),
        ("a.png", "P"),
        ("a.png", "LA"),
        ("a.png", "I;16"),
        ("a.tif", "I;16"),
        ("a.bmp", "RGB"),
        ("a.gif", "P"),
        ("a.jpg", "RGB"),
        ("a.JPEG", "CMYK"),
        ("a.webp", "RGB"),
        ("no-ending.png", "L"),
    ],
)
def test_any_form_of_image_is_prepared_as_in_reading(fill, tmp_path, name, mode):
    folder = fill({"0": 5})
    file = stroke(tmp_path / "1" / name, mode=mode, size=60)
    for number in range(4):
        stroke(tmp_path / "1" / f"z{number}.png")
    digits = load_folder(folder)
    first = digits.train.images[digits.train.labels == 1][0]
    np.testing.assert_array_equal(first, prepare_file(file).image)
    assert first.max() > 200


def test_a_digit_image_is_prepared_too(fill, tmp_path):
    """Dark ink on paper, off the centre: what MNIST's makers would have brought to the middle."""
    folder = fill({"0": 5})
    stroke(tmp_path / "1" / "0.png", column=2, size=28)
    stroke(tmp_path / "1" / "1.png", column=20, size=28, paper=0, ink=255)
    first, second = load_folder(folder).train.images[-2:]
    assert np.abs(np.average(np.arange(28), weights=first.sum(0)) - 13.5) <= 1
    np.testing.assert_array_equal(first, second)


def test_hidden_files_are_passed_over(fill, tmp_path):
    folder = fill({"0": 5})
    for hidden in (".DS_Store", "0/.DS_Store", "0/._000.png"):
        (tmp_path / hidden).write_bytes(b"\0")
    (tmp_path / ".git").mkdir()
    assert len(load_folder(folder).train) == 4


def test_the_same_folder_gives_the_same_set(fill, tmp_path):
    folder = fill({"0": 7, "1": 9})
    assert load_folder(folder).sha256 == load_folder(folder).sha256


def write(path, content=b"hello"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def image_of(*args, **options):
    return lambda folder: stroke(folder / args[0], **options)


def cut(folder, name="0/cut.png"):
    file = stroke(folder / name, size=200)
    file.write_bytes(file.read_bytes()[:-60])


def blank(value):
    return lambda folder: Image.new("L", (30, 30), value).save(folder / "0/blank.png")


BROKEN = {
    "text among images": (lambda f: write(f / "0/notes.txt"), "0/notes.txt"),
    "text called png": (lambda f: write(f / "0/text.png"), "0/text.png"),
    "an empty file": (lambda f: write(f / "0/empty.png", b""), "0/empty.png"),
    "png head alone": (lambda f: write(f / "0/h.png", b"\x89PNG\r\n\x1a\n"), "0/h.png"),
    "jpeg head alone": (lambda f: write(f / "0/h.jpg", b"\xff\xd8\xff\xe0"), "0/h.jpg"),
    "zeros": (lambda f: write(f / "0/zeros.png", bytes(999)), "0/zeros.png"),
    "a torn png": (cut, "0/cut.png"),
    "a torn jpeg": (lambda f: cut(f, "0/cut.jpg"), "0/cut.jpg"),
    "a torn bmp": (lambda f: cut(f, "0/cut.bmp"), "0/cut.bmp"),
    "a torn tiff": (lambda f: cut(f, "0/cut.tif"), "0/cut.tif"),
    "a pdf": (lambda f: write(f / "0/scan.pdf", b"%PDF-1.7\n"), "0/scan.pdf"),
    "a vector drawing": (lambda f: write(f / "0/a.svg", b"<svg/>"), "0/a.svg"),
    "a zip": (lambda f: write(f / "0/a.zip", b"PK\3\4"), "0/a.zip"),
    "an array": (lambda f: np.save(f / "0/a.npy", np.eye(28)), "0/a.npy"),
    "white": (blank(255), "0/blank.png"),
    "black": (blank(0), "0/blank.png"),
    "grey": (blank(128), "0/blank.png"),
    "a folder in a class": (lambda f: (f / "0/more").mkdir(), "0/more: not a file"),
    "a folder named png": (lambda f: (f / "0/a.png").mkdir(), "0/a.png: not a file"),
    "a pipe": (lambda f: os.mkfifo(f / "0/pipe.png"), "0/pipe.png: not a file"),
    "a link to nothing": (lambda f: (f / "0/l.png").symlink_to("none"), "0/l.png: not a file"),
    "a link to itself": (lambda f: (f / "0/l.png").symlink_to("l.png"), "0/l.png: not a file"),
    "a file beside the classes": (lambda f: write(f / "README.md"), "README.md: not in a class"),
    "an image beside them": (image_of("5.png"), "5.png: not in a class"),
    "an empty class": (lambda f: (f / "1").mkdir(), "1: a class without images"),
    "a class of hidden files": (lambda f: write(f / "1/.DS_Store"), "1: a class without images"),
    "eleven classes": (
        lambda f: [stroke(f / f"class {k}" / "a.png") for k in range(10)],
        "11 classes; the network tells 10 apart",
    ),
    "train without test": (image_of("train/0/a.png"), "only one of train/ and test/"),
    "test without train": (image_of("test/0/a.png"), "only one of train/ and test/"),
    "classes beside train and test": (
        lambda f: [stroke(f / part / "0/a.png") for part in ("train", "test")],
        "0: expected only train/ and test/ here",
    ),
}


@pytest.mark.parametrize(("spoil", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_what_does_not_belong_is_named(fill, spoil, words):
    folder = fill({"0": 6})
    spoil(folder)
    with pytest.raises(InputError) as refusal:
        load_set(folder)
    assert f"{folder}" in str(refusal.value)
    assert words in str(refusal.value)


APART = {
    "no folder": ({}, {}, "none", "no such data set or folder"),
    "nothing in it": ({}, {}, "", "holds no class folders"),
    "too few to split": ({"": {"0": 4, "1": 4}}, {}, "", "too few images to test with"),
    "train of nothing": ({"test": {"0": 1}}, {"train"}, "", "train: holds no class folders"),
    "test of nothing": ({"train": {"0": 1}}, {"test"}, "", "test: holds no class folders"),
    "a class only tested": (
        {"train": {"0": 1}, "test": {"0": 1, "8": 1, "9": 1}},
        {},
        "",
        "test/ has classes that train/ lacks: 8, 9",
    ),
    "an image": ({"": {"0": 1}}, {}, "0/000.png", "no such data set or folder"),
    "images but no classes": ({"": {"0": 2}}, {}, "0", "001.png: not in a class folder"),
}


@pytest.mark.parametrize(("filled", "made", "given", "words"), APART.values(), ids=APART.keys())
def test_a_folder_of_another_form_is_refused(fill, tmp_path, filled, made, given, words):
    for under, counts in filled.items():
        fill(counts, under)
    for name in made:
        (tmp_path / name).mkdir()
    with pytest.raises(InputError) as refusal:
        load_set(tmp_path / given)
    assert words in str(refusal.value)


def test_ten_of_many_problems_are_named_and_all_are_counted(fill):
    folder = fill({"0": 6})
    for number in range(13):
        write(folder / "0" / f"bad{number:02}.png")
    with pytest.raises(InputError, match="13 of its files") as refusal:
        load_folder(folder)
    assert [f"bad{number:02}.png" in str(refusal.value) for number in range(13)].count(True) == 10
    assert "and 3 more" in str(refusal.value)


def test_a_folder_that_may_not_be_read(fill, monkeypatch):
    folder = fill({"0": 6})

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(folder), "iterdir", refuse)  # root may read everything
    with pytest.raises(InputError, match=r"not a readable folder \(Permission denied\)"):
        load_folder(folder)


def test_a_folder_named_as_a_set_is_reached_by_a_path(fill, monkeypatch):
    here = fill({"0": 5}, "digits")
    monkeypatch.chdir(here)
    assert load_set("./digits").name == "digits"
    assert len(load_set("./digits").test) == 1
    assert len(load_set("digits").test) == 397  # the name means the set


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_class_names_that_are_no_text(fill, tmp_path):
    fill({os.fsdecode(b"caf\xe9"): 5, "tea": 5}, os.fsdecode(b"set\xff"))
    digits = load_folder(tmp_path / os.fsdecode(b"set\xff"))
    assert digits.classes == (r"caf\udce9", "tea")
    assert digits.name == rf"{tmp_path}/set\udcff"


def test_a_name_cannot_add_a_line_to_a_refusal(fill, tmp_path):
    folder = fill({"0": 6})
    write(folder / "0" / "a\n  b.png: fine\x1b[2J")
    with pytest.raises(InputError) as refusal:
        load_folder(folder)
    assert r"a\n  b.png: fine\x1b[2J" in str(refusal.value)
