"""`lenet read --out FILE.hocr`: held against the rules of hOCR 1.2."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import lenet
from lenet.errors import UsageError
from lenet.reading.hocr import hocr
from lenet.reading.output_files import OutputFile
from lenet.reading.result import Sign

EXAMPLES = Path(__file__).parents[2] / "examples"
XHTML = "{http://www.w3.org/1999/xhtml}"
PARENTS = {"ocr_carea": "ocr_page", "ocr_par": "ocr_carea", "ocr_line": "ocr_par"}
PARENTS |= {"ocrx_word": "ocr_line"}


def properties(title: str) -> dict[str, str]:
    """The properties in a title; what is quoted may hold semicolons."""
    found = re.findall(r'(\w+) ((?:"(?:\\.|[^"\\])*"|[^;"])+)', title)
    return {name: value.strip() for name, value in found}


def box(element: ElementTree.Element) -> tuple[int, ...]:
    return tuple(map(int, properties(element.get("title", ""))["bbox"].split()))


def checked(document: str) -> list[ElementTree.Element]:
    """The pages of a document that keeps the rules."""
    root = ElementTree.fromstring(document)
    assert root.tag == f"{XHTML}html"
    meta = {each.get("name"): each.get("content", "") for each in root.iter(f"{XHTML}meta")}
    assert meta["ocr-system"] == f"lenet {lenet.__version__}"
    marked = [each for each in root.iter() if each.get("class")]
    assert {each.get("class") for each in marked} <= set(meta["ocr-capabilities"].split())
    ids = [each.get("id") for each in marked]
    assert len(set(ids)) == len(ids)
    for parent in marked:
        left, top, right, bottom = box(parent)
        for child in (each for each in parent if each.get("class")):
            assert PARENTS[child.get("class", "")] == parent.get("class")
            inner = box(child)
            assert left <= inner[0] < inner[2] <= right
            assert top <= inner[1] < inner[3] <= bottom
    for word in root.iter(f"{XHTML}span"):
        if word.get("class") == "ocrx_word":
            assert 0 <= int(properties(word.get("title", ""))["x_wconf"]) <= 100
    return [each for each in marked if each.get("class") == "ocr_page"]


def lines(page: ElementTree.Element) -> list[str]:
    spans = page.iter(f"{XHTML}span")
    return ["".join(each.itertext()) for each in spans if each.get("class") == "ocr_line"]


def record(name: str, reading: lenet.Reading) -> dict:
    return {"file": name} | reading.to_dict() | {"size": list(reading.size)}


def test_the_command_writes_a_page_for_each_image(tmp_path, run_lenet):
    sheet, photo = EXAMPLES / "score-sheet.jpg", EXAMPLES / "3-photo.jpg"
    Image.fromarray(np.full((50, 80), 255, np.uint8)).save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"broken")
    target = tmp_path / "pages.hocr"
    paths = (sheet, tmp_path / "broken.png", tmp_path / "blank.png", photo)
    assert run_lenet("read", *paths, "--out", target).returncode == 3
    first, blank, second = checked(target.read_text(encoding="utf-8"))
    assert [box(page) for page in (first, blank, second)] == [
        (0, 0, 1200, 900), (0, 0, 80, 50), (0, 0, 900, 1200),
    ]  # fmt: skip
    assert lines(first) == [" ".join(row.split()) for row in lenet.read(sheet).text.splitlines()]
    assert (lines(blank), lines(second)) == ([], ["3"])
    assert properties(first.get("title", ""))["image"] == f'"{sheet}"'
    again = run_lenet("read", *paths, photo, "--out", target, "--resume")
    assert again.returncode in (0, 3)
    assert len(checked(target.read_text(encoding="utf-8"))) >= 3


def test_names_signs_and_rejected_answers():
    reading = lenet.read(EXAMPLES / "3-photo.jpg")
    (line,) = reading.lines
    sign = Sign("-", 0.9, lenet.Box(500, 200, 520, 250), 0)
    signed = lenet.Reading((type(line)(line.digits, 0.5, 0, (sign,)),), False, reading.size)
    name = 'a; "b"<&>\x01\\é.png'
    rejected = lenet.Reading(reading.lines, True, reading.size)
    document = "".join(hocr([record(name, signed), record("2.png", rejected)]))
    first, second = checked(document)
    image = properties(first.get("title", ""))["image"]
    assert image == '"a; \\"b\\"<&>\\\\x01\\\\é.png"'
    assert (lines(first), lines(second)) == (["-3"], [])
    (word,) = (each for each in first.iter() if each.get("class") == "ocrx_word")
    assert word.get("title") == "bbox 200 393 563 825; x_wconf 50"


def test_it_is_made_of_records_that_a_killed_run_leaves(tmp_path):
    target = tmp_path / "pages.hocr"
    reading = lenet.read(EXAMPLES / "3-photo.jpg")
    with suppress(KeyboardInterrupt), OutputFile.open(target) as results:
        results.add(record("1.png", reading))
        raise KeyboardInterrupt
    assert not target.exists()
    with OutputFile.open(target, resume=True) as results:
        assert results.missing(["1.png", "2.png"]) == ["2.png"]
        results.add(record("2.png", reading))
    assert len(checked(target.read_text(encoding="utf-8"))) == 2
    with pytest.raises(UsageError, match="holds answers already"), OutputFile.open(target):
        pass
