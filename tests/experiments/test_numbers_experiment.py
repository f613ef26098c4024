"""Whole numbers on real images: the counts, and absent images."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.data.datasets import load_sklearn_digits
from lenet.experiments import numbers
from lenet.experiments.experiment import Budget, Workspace
from lenet.experiments.numbers import ONE_CHARACTER, tesseract
from lenet.preprocessing.image import load_image

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def workspace(tmp_path):
    """Four sample digits, of which one has a wrong label, and a bare sheet."""
    folder = tmp_path / "reading" / "digits"
    folder.mkdir(parents=True)
    files = sorted(p for p in EXAMPLES.iterdir() if p.name[0].isdigit() and p.suffix == ".png")[:4]
    labels = [f.name[0] for f in files]
    labels[3] = str((int(labels[3]) + 1) % 10)
    for file in files:
        shutil.copy(file, folder)
    Image.fromarray(np.full((40, 40), 200, np.uint8)).save(folder / "bare.png")
    rows = [*(f"{f.name},{label}" for f, label in zip(files, labels, strict=True)), "bare.png,5"]
    (folder / "labels.csv").write_text("file,label\n" + "\n".join(rows) + "\n")
    return Workspace(load_sklearn_digits(), tmp_path / "kept", tmp_path)


def test_right_and_wrong_are_counted(workspace, monkeypatch):
    monkeypatch.setattr(numbers, "installed", lambda: "somebody's 1.0")
    table = workspace.data_dir / "reading" / "digits" / "labels.csv"
    labels = [image.label for image in numbers.load_labels(table)]
    monkeypatch.setattr(numbers, "tesseract", lambda grey, mode: labels[0])
    found = numbers.read_set(workspace, "digits", None, 4, "abc")
    assert (found["n"], found["wrong"]) == (5, 2)
    assert (found["kept"], found["lines"]) == (4, "abc")
    assert found["kept_wrong"] == 2  # the bare sheet is surely empty, whatever its label
    assert found["compared"] == 4
    assert found["ours_wrong"] == 1
    assert found["theirs_wrong"] == sum(label != labels[0] for label in labels[:4]) == 3
    report = numbers.report(Budget(), {"digits": found})
    assert report.rows[0].ours == pytest.approx(40)
    assert report.tables[0].lines[0][1] == pytest.approx(50)
    assert report.tables[1].lines == [["digits", 4, pytest.approx(25), pytest.approx(75)]]


def test_sets_that_are_not_here_are_named(workspace):
    found = numbers.read_set(workspace, "cells", None, 4, "abc")
    assert "labels.csv" in found["absent"]
    report = numbers.report(Budget(), {"cells": found})
    assert not report.rows
    assert "cells is not here." in report.notes


@pytest.mark.skipif(numbers.installed() is None, reason="Tesseract is not installed")
def test_tesseract_reads_print():
    image = Image.new("L", (60, 40), 255)
    from PIL import ImageDraw, ImageFont

    ImageDraw.Draw(image).text((18, 2), "5", fill=0, font=ImageFont.load_default(30))
    assert tesseract(load_image(image), ONE_CHARACTER) == "5"
