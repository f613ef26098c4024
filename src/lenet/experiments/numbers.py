"""Real numbers, read whole: how many come out right, beside Tesseract on the same images.

The images lie in `reading/` of the data folder; they are other people's and come with no command.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from lenet.data.registry import data_folder
from lenet.errors import InputError
from lenet.evaluation.score import Score
from lenet.experiments.experiment import (
    Budget,
    Experiment,
    Job,
    Report,
    Result,
    Row,
    Table,
    Workspace,
)
from lenet.experiments.tesseract import ONE_CHARACTER, ONE_LINE, installed, tesseract
from lenet.lines.line_weights import load_line_weights
from lenet.preprocessing.image import load_image
from lenet.reading.reader import Reader

SETS = {"digits": ONE_CHARACTER, "amounts": ONE_LINE, "cells": ONE_LINE}
WHAT = {
    "digits": "single digits, drawn, scanned, photographed",
    "amounts": "amounts on cheques",
    "cells": "cells of a logbook, photographed",
}
BASELINES = 100  # images of each set that Tesseract reads too
REJECTED, SURE = 0.3, 0.99


def labelled(folder: Path) -> list[tuple[Path, str]]:
    """The images of a set and what stands on them, from its labels.csv (file, label)."""
    try:
        with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            return [(folder / row["file"], row["label"]) for row in csv.DictReader(file)]
    except (OSError, KeyError) as problem:
        raise InputError(f"{folder}: no labels.csv with file and label ({problem})") from problem


def read_set(workspace: Workspace, name: str, most: int | None, beside: int, lines: str) -> Result:
    """How many numbers of a set are right, how far confidence tells, and what Tesseract reads.

    lines : SHA-256 of the weights that lines are read with; others are another job
    """
    folder = data_folder(workspace.data_dir) / "reading" / name
    try:
        images = labelled(folder)[:most]
    except InputError as absence:
        return {"set": name, "absent": str(absence)}
    reader = Reader()
    readings = [reader.read(path) for path, _ in images]
    right = np.array([r.text == label for r, (_, label) in zip(readings, images, strict=True)])
    sure = np.array([r.confidence if r.digits else 0.0 for r in readings])
    kept = np.argsort(-sure, kind="stable")[: round((1 - REJECTED) * len(images))]
    found: Result = {
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
        return found
    few = images[:beside]
    theirs = [tesseract(load_image(path), SETS[name]) == label for path, label in few]
    ours = right[: len(few)]
    return found | {
        "tesseract": version,
        "beside": len(few),
        "ours_wrong_beside": int((~ours).sum()),
        "theirs_wrong_beside": len(few) - sum(theirs),
    }


def jobs(budget: Budget) -> list[Job]:
    lines = str(load_line_weights().network.card["weights_sha256"])
    most, beside = (40, 10) if budget.quick else (None, BASELINES)
    each = {"most": most, "beside": beside, "lines": lines}
    return [Job(name, read_set, {"name": name} | each, ("modern",)) for name in SETS]


def report(budget: Budget, found: dict[str, Result]) -> Report:
    here = [line for line in found.values() if "absent" not in line]
    rows = [_row(line) for line in here]
    confidence = [
        [
            line["set"],
            100 * line["kept_wrong"] / line["kept"],
            line["sure"],
            100 * (1 - line["sure_wrong"] / line["sure"]) if line["sure"] else None,
        ]
        for line in here
    ]
    beside = [
        [
            line["set"],
            line["beside"],
            100 * line["ours_wrong_beside"] / line["beside"],
            100 * line["theirs_wrong_beside"] / line["beside"],
        ]
        for line in here
        if "tesseract" in line
    ]
    versions = sorted({line["tesseract"] for line in here if "tesseract" in line})
    notes = [
        "A number is right if all its digits are, and nothing more. Nothing was learnt from these "
        "images; a few settings were chosen on their even rows, four of them with odd rows seen, "
        "too (docs/reading.md).",
        *(f"{line['set']} is not here." for line in found.values() if "absent" in line),
    ]
    tables = [
        Table(
            "How far confidence tells",
            ["", "wrong with 30 % rejected, %", "at least 99 % sure", "of them right, %"],
            confidence,
        ),
        Table(
            f"The same images read by {', '.join(versions) or 'Tesseract, which is not installed'}",
            ["", "first n", "lenet, % wrong", "Tesseract, % wrong"],
            beside,
        ),
    ]
    return Report(notes, rows, [], tables, {"found": list(found.values())})


def _row(line: Result) -> Row:
    score = Score(line["n"], line["wrong"])
    low, high = score.interval_95
    return Row(
        line["set"],
        100 * score.error_rate,
        unit="% of whole numbers wrong",
        interval=(100 * low, 100 * high),
        note=f"{WHAT[line['set']]}; n = {line['n']:,}",
    )


EXPERIMENT = Experiment("numbers", "Numbers that people wrote", jobs, report)
