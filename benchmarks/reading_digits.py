"""How many real digits of many people are read rightly.

    LENET_DATA=… python benchmarks/reading_digits.py [WEIGHTS]

Prints right / n with Wilson's 95 % interval, in all and by kind. Exit code 1 below 92 %.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from lenet.evaluation.score import Score
from lenet.reading.batch import Settings
from lenet.reading.labelled import judged, load_labels


def main(weights: str = "modern") -> int:
    folder = Path(os.environ["LENET_DATA"]) / "reading" / "digits"
    totals, errors = Counter(), Counter()
    for each in judged(load_labels(folder / "labels.csv"), Settings(weights), digits_only=True):
        kind = each.image.row["kind"]
        kind = kind if kind in ("28x28", "drawing", "photo") else "other small"
        for name in ("all", kind):
            totals[name] += 1
            errors[name] += not each.right
    for name, total in totals.most_common():
        score = Score(total, errors[name])
        low, high = (1 - bound for bound in reversed(score.interval_95))
        right = total - errors[name]
        print(f"{name:<12}{right:>4} of {total:<4}{right / total:7.1%}  ({low:.1%}–{high:.1%})")
    return int(errors["all"] > 0.08 * totals["all"])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
