"""The validation part of MNIST: whole writers of both kinds, and made again byte for byte."""

from __future__ import annotations

import csv
import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lenet.data.validation import KEPT, WANTED, choose, validation_indices

WRITERS = Path(os.environ.get("LENET_DATA", ""), "mnist", "train-writers.csv.gz")
needs_writers = pytest.mark.skipif(
    not WRITERS.exists(), reason="needs mnist/train-writers.csv.gz in LENET_DATA"
)


@needs_writers
def test_it_is_whole_writers_of_both_kinds():
    with gzip.open(WRITERS, "rt") as lines:
        writers = np.array(list(csv.reader(lines))[1:], int)
    held_out = np.zeros(60_000, bool)
    held_out[validation_indices()] = True
    here = {tuple(writer) for writer in writers[held_out].tolist()}
    there = {tuple(writer) for writer in writers[~held_out].tolist()}
    assert not here & there
    pupils = int((writers[held_out, 0] == 4).sum())
    assert WANTED <= pupils < WANTED + 131  # no writer wrote more than 131 digits
    assert WANTED <= held_out.sum() - pupils < WANTED + 131


@needs_writers
def test_the_script_makes_it_again():
    command = [sys.executable, "-m", "lenet.data.validation", str(WRITERS)]
    made = subprocess.run(command, check=True, capture_output=True)
    assert made.stdout == KEPT.read_bytes()


def test_what_is_kept():
    indices = validation_indices()
    assert indices.dtype == np.int64
    assert len(indices) == 5_074
    assert (np.diff(indices) > 0).all()
    assert indices[0] >= 0
    assert indices[-1] < 60_000
    assert KEPT.read_text().startswith("# 5074 training indices of 45 whole writers")


def test_writers_are_never_cut():
    """Writers of equal number but other series are other people."""
    writers = [(series, number % 90) for number in range(9_000) for series in (0, 4)]
    chosen = set(choose(writers))
    held_out = {writers[index] for index in chosen}
    assert chosen == {index for index, writer in enumerate(writers) if writer in held_out}
    assert {series for series, _ in held_out} == {0, 4}
    assert len(held_out) == 2 * WANTED // 100
