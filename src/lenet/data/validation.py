"""The validation part of MNIST: whole writers, so that it is as hard as the test part.

No writer of the test part wrote training digits. A random tenth of the training part would share
its writers with the rest and look easier than the test. Chosen once, kept beside this file:

    python -m lenet.data.validation train-writers.csv.gz > mnist_validation.txt
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

KEPT = Path(__file__).with_name("mnist_validation.txt")
SEED = 1998
WANTED = 2_500  # digits of each kind of writer: half clerks, half pupils, as in the test part
PUPILS = 4  # NIST series 4; series 0 and 1 are census employees

Writer = tuple[int, int]  # series and number


def validation_indices() -> NDArray[np.int64]:
    """The indices kept with the package, rising."""
    _, numbers = KEPT.read_text(encoding="ascii").split("\n", 1)
    return np.array(numbers.split(), np.int64)


def choose(writers: list[Writer]) -> list[int]:
    """Indices of all digits by the writers held out, given the writer of each training digit."""
    counts: defaultdict[Writer, int] = defaultdict(int)
    for writer in writers:
        counts[writer] += 1
    chosen: set[Writer] = set()
    totals = {True: 0, False: 0}
    for writer in sorted(counts, key=_shuffled):
        pupil = writer[0] == PUPILS
        if totals[pupil] < WANTED:
            totals[pupil] += counts[writer]
            chosen.add(writer)
    return [index for index, writer in enumerate(writers) if writer in chosen]


def _shuffled(writer: Writer) -> str:
    """A place in an order that no library's random numbers can change."""
    return hashlib.sha256(f"{SEED} {writer}".encode()).hexdigest()


def validation_text(writers_file: Path) -> str:
    """What is kept: a line with its origin, then the indices."""
    with gzip.open(writers_file, "rt", encoding="ascii") as lines:
        writers = [(int(row["series"]), int(row["writer"])) for row in csv.DictReader(lines)]
    chosen = choose(writers)
    pupils = sum(writers[index][0] == PUPILS for index in chosen)
    head = (
        f"# {len(chosen)} training indices of {len({writers[index] for index in chosen})} whole "
        f"writers ({len(chosen) - pupils} digits of clerks, {pupils} of pupils); "
        "python -m lenet.data.validation\n"
    )
    return head + textwrap.fill(" ".join(map(str, chosen)), 100) + "\n"


if __name__ == "__main__":
    sys.stdout.write(validation_text(Path(sys.argv[1])))
