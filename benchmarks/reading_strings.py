"""How many real numbers of several digits are read rightly, and how far confidence can be trusted.

    LENET_DATA=… python benchmarks/reading_strings.py [amounts|cells|digits|…]... [--layout auto]

Any set of LENET_DATA/reading with a labels.csv can be named. Digits are compared; with --as-written
signs are, too. Prints whole numbers right with Wilson's 95 % interval, for even rows (which
parameters were chosen on), odd rows and all; errors among the 70 % surest; how many answers are at
least 99 % sure, and how many of them are right; milliseconds an image. Exit code 1 below a bar.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np

from lenet.evaluation.score import Score
from lenet.reading.batch import Settings, reader_for
from lenet.reading.judged import judged
from lenet.reading.labelled import load_labels

BARS = {"amounts": 0.65, "cells": 0.55, "digits": 0.97}
SURE = 0.99


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=list(BARS))
    parser.add_argument("--layout", default="auto")
    parser.add_argument("--as-written", action="store_true")
    chosen = parser.parse_args()
    return max(measure(name, chosen.layout, not chosen.as_written) for name in chosen.sets)


def measure(name: str, layout: str, digits_only: bool) -> int:
    images = load_labels(Path(os.environ["LENET_DATA"]) / "reading" / name / "labels.csv")
    settings = Settings(layout=layout, digits_only=digits_only)
    reader_for(settings)  # made before the clock runs
    started = time.perf_counter()
    found = list(judged(images, settings))
    seconds = time.perf_counter() - started
    right = np.array([each.right for each in found])
    sure = np.array([each.confidence for each in found])
    print(f"{name}, layout {layout}, {1000 * seconds / len(found):.1f} ms an image")
    for part, which in (("even rows", slice(0, None, 2)), ("odd rows", slice(1, None, 2))):
        print_score(part, right[which])
    print_score("all", right)
    if name == "digits":
        print_score("photos", right[np.array([image.row["kind"] == "photo" for image in images])])
    surest = np.argsort(-sure, kind="stable")[: round(0.7 * len(found))]
    print(f"  30 % rejected: {1 - right[surest].mean():.1%} of the rest wrong")
    kept = right[sure >= SURE]
    share = kept.mean() if len(kept) else float("nan")
    print(f"  at least {SURE:.0%} sure: {len(kept)}, of them {share:.2%} right")
    return int(right.mean() < BARS.get(name, 0))


def print_score(part: str, right: np.ndarray) -> None:
    low, high = (1 - end for end in reversed(Score(len(right), int((~right).sum())).interval_95))
    share = f"{right.sum():>5} of {len(right):<5}{right.mean():6.1%}"
    print(f"  {part:<10}{share}  ({low:.1%}–{high:.1%})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
