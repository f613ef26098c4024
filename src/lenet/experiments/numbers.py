"""Whole numbers on real images: how many are right, beside Tesseract on the same images.

The images lie in `reading/` of the data folder; they belong to others and no command fetches them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from lenet.data.registry import data_folder
from lenet.errors import InputError
from lenet.evaluation.score import Score
from lenet.experiments.experiment import Budget, Experiment, Job, Result, Workspace
from lenet.experiments.report import Report, Table, row_of_score
from lenet.lines.line_ink import at_working_height
from lenet.lines.line_weights import load_line_weights
from lenet.preprocessing.digit_ink import is_dark_on_light
from lenet.preprocessing.image import Grey, load_image
from lenet.reading.batch import Settings
from lenet.reading.judged import judged
from lenet.reading.labelled import load_labels

ONE_CHARACTER, ONE_LINE = "10", "7"  # Tesseract's modes of page segmentation
SETS = {"digits": ONE_CHARACTER, "amounts": ONE_LINE, "cells": ONE_LINE}
ABOUT = {
    "digits": "single digits, drawn, scanned, photographed",
    "amounts": "amounts on cheques",
    "cells": "cells of a logbook, photographed",
}
BASELINES = 100  # images of each set that Tesseract reads too
REJECTED, SURE = 0.3, 0.99
MIN_HEIGHT, MARGIN = 64, 20  # pixels, of the images that Tesseract gets
TIMEOUT = 60  # seconds, of one call of Tesseract


def read_set(
    workspace: Workspace, name: str, most: int | None, baselines: int, lines: str
) -> Result:
    """How many numbers of a set are right, by confidence too, and what Tesseract reads.

    most, baselines : images to read, and to read with Tesseract, at most
    lines : SHA-256 of the weights for lines; other weights make another job
    """
    table = data_folder(workspace.data_dir) / "reading" / name / "labels.csv"
    try:
        images = load_labels(table)[:most]
    except InputError as absence:
        return {"set": name, "absent": str(absence)}
    found = list(judged(images, Settings(digits_only=True)))
    right = np.array([each.right for each in found])
    sure = np.array([each.confidence for each in found])
    kept = np.argsort(-sure, kind="stable")[: round((1 - REJECTED) * len(images))]
    result: Result = {
        "set": name,
        "n": len(images),
        "wrong": int((~right).sum()),
        "kept": len(kept),
        "kept_wrong": int((~right[kept]).sum()),
        "sure": int((sure >= SURE).sum()),
        "sure_wrong": int((~right[sure >= SURE]).sum()),
        "lines": lines,
    }
    version = installed()
    if version is None:
        return result
    few = images[:baselines]
    theirs = [tesseract(load_image(each.source), SETS[name]) == each.label for each in few]
    return result | {
        "tesseract": version,
        "compared": len(few),
        "ours_wrong": int((~right[: len(few)]).sum()),
        "theirs_wrong": len(few) - sum(theirs),
    }


def installed() -> str | None:
    """Tesseract's version, or None if it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return (done.stdout or done.stderr).splitlines()[0]


def tesseract(grey: Grey, mode: str) -> str:
    """The digits that Tesseract reads, given what suits it: dark on light, enlarged, padded."""
    dark = grey if is_dark_on_light(grey) else 1 - grey
    high = dark.shape[0]
    enlarged, _ = at_working_height(dark, max(1, -(-MIN_HEIGHT // high)) * high)
    padded = np.pad(enlarged, MARGIN, constant_values=float(np.median(dark)))
    height, width = padded.shape
    header = f"P5 {width} {height} 255\n".encode()
    command = ["-", "--psm", mode, "-c", "tessedit_char_whitelist=0123456789"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "number.pgm"
        file.write_bytes(header + np.rint(padded * 255).astype(np.uint8).tobytes())
        done = subprocess.run(  # noqa: S603
            [shutil.which("tesseract") or "tesseract", str(file), *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        )
    return "".join(done.stdout.split())


def jobs(budget: Budget) -> list[Job]:
    lines = str(load_line_weights().network.card["weights_sha256"])
    most, baselines = (40, 10) if budget.quick else (None, BASELINES)
    each = {"most": most, "baselines": baselines, "lines": lines}
    return [Job(name, read_set, {"name": name} | each, ("modern",)) for name in SETS]


def report(budget: Budget, results: dict[str, Result]) -> Report:
    here = [line for line in results.values() if "absent" not in line]
    rows = [
        row_of_score(
            line["set"],
            Score(line["n"], line["wrong"]),
            unit="% of whole numbers wrong",
            note=f"{ABOUT[line['set']]}; n = {line['n']:,}",
        )
        for line in here
    ]
    confidence = [
        [
            line["set"],
            100 * line["kept_wrong"] / line["kept"],
            line["sure"],
            100 * (1 - line["sure_wrong"] / line["sure"]) if line["sure"] else None,
        ]
        for line in here
    ]
    compared = [line for line in here if "tesseract" in line]
    versions = ", ".join(sorted({line["tesseract"] for line in compared}))
    errors = [
        [
            line["set"],
            line["compared"],
            *(100 * line[f"{who}_wrong"] / line["compared"] for who in ("ours", "theirs")),
        ]
        for line in compared
    ]
    notes = [
        "A number is right if all its digits are, and nothing more. No network of the digits was "
        "trained on these images, but a few settings were chosen on their even rows, four of them "
        "with odd rows seen, and rows share sources: these are development figures "
        "(docs/reading.md).",
        *(f"{line['set']} is not here." for line in results.values() if "absent" in line),
    ]
    header = ["", "wrong with 30 % rejected, %", "at least 99 % sure", "of them right, %"]
    title = f"The same images read by {versions or 'Tesseract, which is not installed'}"
    tables = [
        Table("Errors by confidence", header, confidence),
        Table(title, ["", "first n", "lenet, % wrong", "Tesseract, % wrong"], errors),
    ]
    return Report(notes, rows, [], tables, {"results": list(results.values())})


EXPERIMENT = Experiment("numbers", "Numbers that people wrote", jobs, report)
