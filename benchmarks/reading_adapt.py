"""What `lenet adapt` gains on unseen numbers, from 50 pictures and from half of a set.

    LENET_DATA=… python benchmarks/reading_adapt.py [amounts|cells|decimals]... [--seed 0]

The even rows (numbered from 0) of a set of LENET_DATA/reading are learnt, and of them alone a part
is held out; the odd rows are read before and after: decimals as written, the others by their
digits, because the labels of amounts have no signs. Even and odd rows share sources (writers,
photos, forms). Prints whole numbers right with Wilson's 95 % interval, and seconds. Exit code 1
below a bar, or if 50 pictures make it worse. A refusal to write worse weights is reported, and
changes nothing. About eight minutes on one core.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lenet.errors import LenetError
from lenet.evaluation.score import Score
from lenet.reading.batch import Settings, reader_for
from lenet.reading.judged import judged
from lenet.reading.labelled import LabelledImage, load_labels

BARS = {"amounts": 0.88, "cells": 0.95, "decimals": 0.88}
DIGITS_ONLY = {"amounts", "cells"}
FEW = 50  # pictures, which must not make it worse


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=list(BARS))
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    return max(measure(name, chosen.seed) for name in chosen.sets)


def measure(name: str, seed: int) -> int:
    images = load_labels(Path(os.environ["LENET_DATA"]) / "reading" / name / "labels.csv")
    reader = Settings(digits_only=name in DIGITS_ONLY)
    before = score(images[1::2], reader)
    print(f"{name}, odd rows\n  before: {before.summary}")
    few = adapted(reader, images[0 : 2 * FEW : 2], images[1::2], before, seed)
    after = adapted(reader, images[::2], images[1::2], before, seed)
    share = 1 - after.errors / after.total
    return int(few.errors > before.errors or share < BARS.get(name, 0))


def adapted(
    reader: Settings,
    learnt: Sequence[LabelledImage],
    tested: Sequence[LabelledImage],
    before: Score,
    seed: int,
) -> Score:
    """Of the reader adapted to some images, on others; `before` where it is refused."""
    with tempfile.TemporaryDirectory() as place:
        table, folder = Path(place) / "labels.csv", Path(place) / "weights"
        with table.open("w", encoding="utf-8", newline="") as file:
            rows = [(Path(image.source).resolve(), image.label) for image in learnt]
            csv.writer(file).writerows([("file", "label"), *rows])
        try:
            found = reader_for(reader).adapt(table, folder, seed=seed)
        except LenetError as refusal:
            print(f"  {len(learnt)} pictures: {refusal}", flush=True)
            return before
        after = score(tested, reader._replace(weights=str(folder)))
    print(f"  {len(learnt)} pictures, {found.seconds:.0f} s: {after.summary}", flush=True)
    print(f"    of them held out: {found.before.summary}; after: {found.after.summary}", flush=True)
    return after


def score(images: Sequence[LabelledImage], reader: Settings) -> Score:
    """How many are read as labelled."""
    return Score(len(images), sum(not each.right for each in judged(images, reader)))


if __name__ == "__main__":
    sys.exit(main())
