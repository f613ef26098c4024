"""How many real numbers of several digits are read rightly, and how far confidence can be trusted.

    LENET_DATA=… python benchmarks/reading_strings.py [amounts|cells|digits]... [--layout auto]

Prints whole numbers right with Wilson's 95 % interval, for even rows (which parameters were chosen
on), odd rows and all; errors among the 70 % surest; how many answers are at least 99 % sure, and
how many of them are right; milliseconds an image. Exit code 1 below a bar.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from pathlib import Path

import numpy as np

from lenet.evaluation.score import Score
from lenet.reading.reader import Reader

BARS = {"amounts": 0.65, "cells": 0.55, "digits": 0.97}
SURE = 0.99


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=list(BARS))
    parser.add_argument("--layout", default="auto")
    chosen = parser.parse_args()
    return max(measure(name, chosen.layout) for name in chosen.sets)


def measure(name: str, layout: str) -> int:
    folder = Path(os.environ["LENET_DATA"]) / "reading" / name
    with (folder / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    reader = Reader(layout=layout)
    started = time.perf_counter()
    readings = [reader.read(folder / row["file"]) for row in rows]
    seconds = time.perf_counter() - started
    pairs = list(zip(readings, rows, strict=True))
    right = np.array([reading.text == row["label"] for reading, row in pairs])
    sure = np.array([reading.confidence if reading.digits else 0.0 for reading in readings])
    print(f"{name}, layout {layout}, {1000 * seconds / len(rows):.1f} ms an image")
    for part, which in (("even rows", slice(0, None, 2)), ("odd rows", slice(1, None, 2))):
        print_score(part, right[which])
    print_score("all", right)
    if name == "digits":
        print_score("photos", right[np.array([row["kind"] == "photo" for row in rows])])
    surest = np.argsort(-sure, kind="stable")[: round(0.7 * len(rows))]
    print(f"  30 % rejected: {1 - right[surest].mean():.1%} of the rest wrong")
    kept = right[sure >= SURE]
    share = kept.mean() if len(kept) else float("nan")
    print(f"  at least {SURE:.0%} sure: {len(kept)}, of them {share:.2%} right")
    return int(right.mean() < BARS[name])


def print_score(part: str, right: np.ndarray) -> None:
    low, high = (1 - end for end in reversed(Score(len(right), int((~right).sum())).interval_95))
    share = f"{right.sum():>5} of {len(right):<5}{right.mean():6.1%}"
    print(f"  {part:<10}{share}  ({low:.1%}–{high:.1%})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
